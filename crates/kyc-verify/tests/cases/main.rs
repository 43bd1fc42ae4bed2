//! Tests of cases: the store, crashes, reviews.

mod actor;
mod asking;
mod crashes;
mod running;
mod store;
mod toy;
