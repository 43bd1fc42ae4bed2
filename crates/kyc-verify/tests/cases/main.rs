//! Tests of cases: the store, crashes, reviews.

mod crashes;
mod running;
mod store;
mod toy;
