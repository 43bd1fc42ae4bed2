//! Tests of cases: the store, crashes, reviews.

mod actor;
mod asking;
mod capturing;
mod crashes;
mod news;
mod running;
mod store;
mod toy;
