//! Tests of cases: the store, crashes, reviews.

mod actor;
mod asking;
mod capturing;
mod crashes;
mod keeping;
mod news;
mod running;
mod secrets;
mod side_by_side;
mod store;
mod toy;
