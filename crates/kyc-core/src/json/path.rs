//! The path of a value in a JSON document, and the paths that are reported.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::mask::mask;

/// The path of a value as a linked list up to the root. Options, newtypes and variants add no step.
#[derive(Clone, Copy)]
pub(super) enum Path<'a> {
    Root,
    Item(&'a Path<'a>, usize),
    Key(&'a Path<'a>, &'a str),
}

impl Path<'_> {
    pub(super) fn is_root(&self) -> bool {
        matches!(self, Self::Root)
    }

    /// Returns the path without list positions, such as `data.items[].colour`; keys that may be personal are masked.
    pub(super) fn pattern(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, &mut |text, step| match step {
            Step::Item(_) => text.push_str("[]"),
            Step::Key(key) => push_key(text, mask(key)),
        });
        text
    }

    /// Returns the path with list positions, such as `data.items[0].colour`; `.` for the root.
    pub(super) fn exact(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, &mut |text, step| match step {
            // Writing to a `String` does not fail.
            Step::Item(index) => drop(write!(text, "[{index}]")),
            Step::Key(key) => push_key(text, mask(key)),
        });
        if text.is_empty() { ".".to_owned() } else { text }
    }

    /// Returns the path without list positions and with unmasked keys. It is compared and never shown.
    pub(super) fn unmasked(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, &mut |text, step| match step {
            Step::Item(_) => text.push_str("[]"),
            Step::Key(key) => push_key(text, key),
        });
        text
    }

    fn write(&self, text: &mut String, push: &mut dyn FnMut(&mut String, Step<'_>)) {
        match self {
            Self::Root => {}
            Self::Item(parent, index) => {
                parent.write(text, push);
                push(text, Step::Item(*index));
            }
            Self::Key(parent, key) => {
                parent.write(text, push);
                push(text, Step::Key(key));
            }
        }
    }
}

enum Step<'a> {
    Item(usize),
    Key(&'a str),
}

/// Appends a key to a path.
pub(super) fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

/// The maximum number of paths that are kept per document, so that a report stays small.
const MAX_PATHS: usize = 64;

/// The paths to report, each once.
#[derive(Default)]
pub(super) struct Paths {
    order: Vec<String>,
    seen: HashSet<String>,
}

impl Paths {
    pub(super) fn is_full(&self) -> bool {
        self.order.len() >= MAX_PATHS
    }

    pub(super) fn add(&mut self, path: String) {
        if !self.is_full() && self.seen.insert(path.clone()) {
            self.order.push(path);
        }
    }

    pub(super) fn into_vec(self) -> Vec<String> {
        self.order
    }
}
