//! Links in pages to files and headings of the repository. Links to other sites are not checked.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::Path;

use anyhow::Result;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Violation, read};

struct Page {
    text: String,
    anchors: Vec<String>,
    links: Vec<(String, Range<usize>)>,
}

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    let mut pages = BTreeMap::new();
    for file in files.iter().filter(|file| file.ends_with(".md")) {
        pages.insert(file.as_str(), parse(read(root, file)?));
    }
    for (file, page) in &pages {
        for (link, place) in &page.links {
            if let Some(what) = fault(file, link, files, &pages) {
                violations.push(Violation::new(
                    *file,
                    1 + page.text[..place.start].matches('\n').count(),
                    what,
                ));
            }
        }
    }
    Ok(())
}

fn parse(text: String) -> Page {
    let (mut anchors, mut links) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut heading: Option<String> = None;
    for (event, place) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push((dest_url.into_string(), place));
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let slug = slug(&heading.take().unwrap_or_default());
                let before = seen.entry(slug.clone()).or_default();
                anchors.push(if *before == 0 { slug } else { format!("{slug}-{before}") });
                *before += 1;
            }
            Event::Text(part) | Event::Code(part) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&part);
                }
            }
            _ => {}
        }
    }
    Page { text, anchors, links }
}

/// Returns the anchor of a heading, as GitHub derives it.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn fault(from: &str, link: &str, files: &[String], pages: &BTreeMap<&str, Page>) -> Option<String> {
    // URLs, and paths of Rust, which rustdoc resolves.
    if link.contains("://") || link.starts_with("mailto:") || link.contains("::") {
        return None;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() {
        from.to_owned()
    } else {
        match resolve(from, path) {
            Some(target) => target,
            None => return Some(format!("{link}: leaves the repository")),
        }
    };
    let folder = format!("{target}/");
    if !target.is_empty() && !files.contains(&target) && !files.iter().any(|file| file.starts_with(&folder)) {
        return Some(format!("{link}: there is no {target}"));
    }
    let page = pages.get(target.as_str())?;
    (!anchor.is_empty() && !page.anchors.iter().any(|known| known == anchor))
        .then(|| format!("{link}: {target} has no heading #{anchor}"))
}

/// Resolves a path relative to a file into one relative to the repository.
fn resolve(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    if path.starts_with('/') {
        return None;
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
