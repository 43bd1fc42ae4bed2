//! `cargo xtask fixtures`: generates the crate `kyc-fixtures` from the payloads in `docs/vendors/*.md`.
//!
//! A payload is a fenced block with the text that the vendor prints, including its faults. Its info string describes it:
//!
//! ````text
//! ```json fixture=login-200 kind=response operation=login status=200 section="Authentication"
//! ````
//!
//! | attribute | meaning |
//! | --- | --- |
//! | `fixture` | its name, unique on the page: `[a-z][a-z0-9]*(-[a-z0-9]+)*` |
//! | `kind` | `request`, `response` or `webhook` |
//! | `operation` | its operation |
//! | `status` | the HTTP status; responses must have one, others must not |
//! | `section` | a heading that encloses the block, so that references to it stay valid |
//! | `as=form` | a form, printed as `key: value` lines |
//! | `repair='007=>"007"'` | replaces a text of one line by another, so that the body is JSON; may occur several times |
//! | `encrypted` | sent encrypted, and printed in clear |
//! | `constructed` | not printed by the vendor, but constructed from its tables |

mod form;
pub(crate) mod page;
mod repair;
pub(crate) mod rust;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};

use crate::outputs::{Args, Outputs, files_below};
use page::{Block, Page};
use repair::{Remark, Repaired};

pub(crate) const PAGES: &str = "docs/vendors";
const CRATE: &str = "crates/kyc-fixtures";

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    generate(root)?.finish(root, args, "cargo xtask fixtures")
}

/// One payload, ready to be written.
#[derive(Debug)]
pub(crate) struct Fixture<'a> {
    pub(crate) block: &'a Block,
    pub(crate) media: Media,
    pub(crate) body: String,
    repairs: Vec<Remark>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    Form,
    Empty,
}

fn generate(root: &Path) -> Result<Outputs> {
    let mut outputs = Outputs::default();
    outputs.own(format!("{CRATE}/fixtures"));
    outputs.own(format!("{CRATE}/src/generated"));
    let mut modules = Vec::new();
    for page in read_pages(root)? {
        let fixtures = page.blocks.iter().map(fixture).collect::<Result<Vec<_>>>()?;
        if fixtures.is_empty() {
            continue;
        }
        for fixture in &fixtures {
            let folder = format!("{CRATE}/fixtures/{}", page.vendor);
            outputs.file(format!("{folder}/{}", fixture.printed_file()), fixture.block.printed.as_str());
            outputs.file(format!("{folder}/{}", fixture.body_file()), fixture.body.as_str());
        }
        let module = page.vendor.replace('-', "_");
        let text = rust::format(&rust::vendor_module(&page, &fixtures))?;
        outputs.file(format!("{CRATE}/src/generated/{module}.rs"), text);
        modules.push(module);
    }
    outputs.file(format!("{CRATE}/src/generated.rs"), rust::format(&rust::index(&modules))?);
    Ok(outputs)
}

pub(crate) fn read_pages(root: &Path) -> Result<Vec<Page>> {
    let pages = files_below(root, PAGES)?.into_iter();
    let pages =
        pages.filter_map(|path| Some((path.rsplit('/').next()?.strip_suffix(".md")?.to_owned(), path)));
    pages
        .map(|(vendor, path)| {
            let text = fs::read_to_string(root.join(&path)).with_context(|| format!("cannot read {path}"))?;
            page::parse(&vendor, &path, &text)
        })
        .collect()
}

pub(crate) fn fixture(block: &Block) -> Result<Fixture<'_>> {
    let (media, repaired) = if block.printed.trim().is_empty() {
        (Media::Empty, Ok(Repaired::default()))
    } else if block.form {
        (Media::Form, form::repair(&block.printed))
    } else {
        (Media::Json, repair::json(block))
    };
    let at_its_line =
        |fault: Remark| anyhow!("{}: fixture {}: {}", block.at(fault.line), block.name, fault.what);
    let Repaired { body, repairs } = repaired.map_err(at_its_line)?;
    Ok(Fixture { block, media, body, repairs })
}

impl Fixture<'_> {
    /// Returns the file name of the body.
    fn body_file(&self) -> String {
        let extension = if self.media == Media::Json { "json" } else { "txt" };
        format!("{}.{extension}", self.block.name)
    }

    /// Returns the file name of the printed text: that of the body if both are the same.
    fn printed_file(&self) -> String {
        if self.block.printed == self.body {
            self.body_file()
        } else {
            format!("{}.printed.txt", self.block.name)
        }
    }
}

#[cfg(test)]
mod tests;
