//! Policies, names, judgements, decisions and messages, as a user of the crate sees them.

#[path = "policy/decisions.rs"]
mod decisions;
#[path = "policy/explained.rs"]
mod explained;
#[path = "policy/judgements.rs"]
mod judgements;
#[path = "policy/messages.rs"]
mod messages;
#[path = "policy/names.rs"]
mod names;
#[path = "policy/support.rs"]
mod support;
#[path = "policy/text.rs"]
mod text;
