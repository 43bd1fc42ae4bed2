//! Tests of cases: the store, crashes, reviews.

mod actor;
mod asking;
mod capturing;
mod crashes;
mod keeping;
mod news;
mod running;
mod secrets;
mod store;
mod toy;
