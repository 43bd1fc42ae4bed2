//! Drives headless Chromium for tests: a page of a given width, language and colour scheme, and a site of another origin.
//!
//! Helpers fail by panicking, since a test without a browser must fail rather than pass or be skipped.

mod chromium;
mod page;
mod site;

pub use page::{Page, View};
pub use site::Site;
