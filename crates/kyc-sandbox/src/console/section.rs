//! The pages of the console.

use kyc_core::ValidationError;
use maud::Markup;

use super::words::{SectionWords, Words};
use super::{Console, Done, Fields, View};
use super::{clock, connect, faults, requests, reset, scenarios, transactions, webhooks};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Requests,
    Transactions,
    Webhooks,
    Scenarios,
    Faults,
    Clock,
    Connect,
    /// The confirmation before a reset.
    Reset,
}

/// A page's parts.
pub(super) struct Body {
    /// What a person types into, which an update must not touch.
    pub(super) forms: Markup,
    pub(super) live: Live,
    /// What stands below the live part.
    pub(super) rest: Markup,
}

/// The part of a page that changes by itself.
#[derive(Default)]
pub(super) struct Live {
    /// Read aloud when it changes.
    pub(super) summary: String,
    pub(super) content: Markup,
}

impl Section {
    /// Those in the navigation, in its order.
    pub(super) const ALL: [Self; 7] = [
        Self::Requests,
        Self::Transactions,
        Self::Webhooks,
        Self::Scenarios,
        Self::Faults,
        Self::Clock,
        Self::Connect,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Transactions => "transactions",
            Self::Webhooks => "webhooks",
            Self::Scenarios => "scenarios",
            Self::Faults => "faults",
            Self::Clock => "clock",
            Self::Connect => "connect",
            Self::Reset => "reset",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::Reset]).find(|section| section.name() == name)
    }

    pub(super) fn path(self) -> String {
        match self {
            Self::Requests => "/".to_owned(),
            _ => self.action(),
        }
    }

    /// Where its forms go.
    pub(super) fn action(self) -> String {
        format!("/console/{}", self.name())
    }

    pub(super) fn words(self, words: &Words) -> SectionWords {
        match self {
            Self::Requests => words.requests.section,
            Self::Transactions => words.transactions.section,
            Self::Webhooks => words.webhooks.section,
            Self::Scenarios => words.scenarios.section,
            Self::Faults => words.faults.section,
            Self::Clock => words.clock.section,
            Self::Connect => words.connect.section,
            Self::Reset => words.reset.section,
        }
    }

    pub(super) fn body(self, view: &View) -> Body {
        match self {
            Self::Requests => requests::body(view),
            Self::Transactions => transactions::body(view),
            Self::Webhooks => webhooks::body(view),
            Self::Scenarios => scenarios::body(view),
            Self::Faults => faults::body(view),
            Self::Clock => clock::body(view),
            Self::Connect => connect::body(view),
            Self::Reset => reset::body(view),
        }
    }

    /// Does what a form asks for.
    pub(super) fn perform(self, console: &Console, fields: &Fields) -> Result<Done, ValidationError> {
        match self {
            Self::Webhooks => webhooks::perform(console, fields),
            Self::Scenarios => scenarios::perform(console, fields),
            Self::Faults => faults::perform(console, fields),
            Self::Clock => clock::perform(console, fields),
            Self::Reset => Ok(reset::perform(console)),
            Self::Requests | Self::Transactions | Self::Connect => Err(super::unknown_action()),
        }
    }
}
