//! Bankly, asked by a client that knows nothing but the vendor's pages and what else is public.

mod client;
mod control;
mod limits;
mod registration;
mod status;
mod tls;
mod tokens;
mod uploads;
mod webhooks;
