//! Tests of cases: the store, crashes, reviews.

mod actor;
mod asking;
mod capturing;
mod clocks;
mod crashes;
mod keeping;
mod leaving;
mod looking;
mod needing;
mod news;
mod repeating;
mod requests;
mod running;
mod secrets;
mod side_by_side;
mod store;
mod toy;
