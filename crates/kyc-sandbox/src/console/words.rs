//! The texts of the console: one file for each language.
//!
//! A plain table and no translation crate: a text that a language lacks, or one with other values, does not compile.

mod en;
mod pt;

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};

use super::Fields;
use crate::headers;

/// A language of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lang {
    En,
    Pt,
}

/// The cookie that remembers the language.
const NAME: &str = "kyc-sandbox-lang";

impl Lang {
    pub(super) const ALL: [Self; 2] = [Self::Pt, Self::En];

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::En => &en::WORDS,
            Self::Pt => &pt::WORDS,
        }
    }

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Pt => "pt",
        }
    }

    /// For the attribute `lang`.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Pt => "pt-BR",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Pt => "Português",
        }
    }

    pub(super) fn cookie(self) -> String {
        format!("{NAME}={}; Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly", self.code())
    }

    fn coded(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }
}

/// The language of a request, and whether it was chosen by a link just now: by the query, else by the cookie, else by
/// the browser's settings, else English.
pub(super) fn language(fields: &Fields, all: &HeaderMap) -> (Lang, bool) {
    if let Some(chosen) = Lang::coded(fields.text("lang")) {
        return (chosen, true);
    }
    let cookies = headers::text(all, &COOKIE).unwrap_or_default().split(';');
    let mut values = cookies.filter_map(|cookie| cookie.trim().strip_prefix(NAME)?.strip_prefix('='));
    let remembered = values.find_map(Lang::coded);
    let accepted = headers::text(all, &ACCEPT_LANGUAGE).unwrap_or_default();
    (remembered.unwrap_or_else(|| preferred(accepted)), false)
}

/// The language with the greatest weight; of those with the same weight the first one.
fn preferred(accepted: &str) -> Lang {
    let mut best = (0.0, Lang::En);
    for range in accepted.split(',').take(20) {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let Some(lang) = tag.split('-').next().and_then(Lang::coded) else { continue };
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse::<f32>().ok());
        let weight = weight.unwrap_or(1.0);
        if weight > best.0 {
            best = (weight, lang);
        }
    }
    best.1
}

pub(super) struct Words {
    pub(super) lang: Lang,
    pub(super) parts: &'static PartWords,
    pub(super) done: DoneWords,
    pub(super) requests: RequestWords,
    pub(super) transactions: TransactionWords,
    pub(super) webhooks: WebhookWords,
    pub(super) scenarios: ScenarioWords,
    pub(super) faults: FaultWords,
    pub(super) clock: ClockWords,
    pub(super) connect: ConnectWords,
    pub(super) reset: ResetWords,
}

#[derive(Clone, Copy)]
pub(super) struct SectionWords {
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
}

pub(super) struct PartWords {
    pub(super) skip: &'static str,
    pub(super) sections: &'static str,
    pub(super) language: &'static str,
    pub(super) vendor: &'static str,
    pub(super) copy: &'static str,
    pub(super) copied: &'static str,
    pub(super) offline: &'static str,
    pub(super) refused: &'static str,
    pub(super) newest: fn(usize) -> String,
    pub(super) all_as_json: &'static str,
    pub(super) unofficial: &'static str,
    pub(super) control: &'static str,
    pub(super) documentation: &'static str,
}

/// What is said after a form was accepted.
pub(super) struct DoneWords {
    pub(super) registered: &'static str,
    pub(super) resent: &'static str,
    pub(super) set: &'static str,
    pub(super) removed: &'static str,
    pub(super) cleared: &'static str,
    pub(super) triggered: &'static str,
    pub(super) fault: &'static str,
    pub(super) faults_cleared: &'static str,
    pub(super) advanced: &'static str,
    pub(super) reset: &'static str,
}

impl DoneWords {
    /// By the name in the address.
    pub(super) fn named(&self, name: &str) -> Option<&'static str> {
        Some(match name {
            "registered" => self.registered,
            "resent" => self.resent,
            "set" => self.set,
            "removed" => self.removed,
            "cleared" => self.cleared,
            "triggered" => self.triggered,
            "fault" => self.fault,
            "faults_cleared" => self.faults_cleared,
            "advanced" => self.advanced,
            "reset" => self.reset,
            _ => return None,
        })
    }
}

pub(super) struct RequestWords {
    pub(super) section: SectionWords,
    pub(super) summary: fn(usize, usize) -> String,
    /// Time, vendor, operation, status, duration, reason.
    pub(super) heads: [&'static str; 6],
    pub(super) every_vendor: &'static str,
    pub(super) only_refused: &'static str,
    pub(super) filter: &'static str,
    pub(super) counts: &'static str,
    pub(super) requests: fn(u64) -> String,
    pub(super) paid_calls: fn(u64) -> String,
    pub(super) ok: &'static str,
    pub(super) refused: &'static str,
    pub(super) failed: &'static str,
    pub(super) closed: &'static str,
    pub(super) fault: &'static str,
    pub(super) paid: &'static str,
    pub(super) see: &'static str,
    pub(super) none_yet: &'static str,
    pub(super) none_here: &'static str,
    pub(super) try_one: &'static str,
    pub(super) to_connect: &'static str,
    pub(super) dropped: fn(u64) -> String,
}

pub(super) struct TransactionWords {
    pub(super) section: SectionWords,
    pub(super) summary: fn(usize, usize) -> String,
    /// Vendor, operation, reference, person, state, begin, decision.
    pub(super) heads: [&'static str; 7],
    pub(super) none: &'static str,
    pub(super) by_request: &'static str,
    pub(super) due: &'static str,
}

pub(super) struct WebhookWords {
    pub(super) section: SectionWords,
    pub(super) summary: fn(usize, usize) -> String,
    pub(super) receivers: &'static str,
    pub(super) nowhere: &'static str,
    pub(super) root: &'static str,
    pub(super) root_hint: &'static str,
    pub(super) register: &'static str,
    pub(super) settings: &'static str,
    pub(super) deliveries: &'static str,
    /// Time, vendor, event, state, attempts, action.
    pub(super) heads: [&'static str; 6],
    pub(super) none: &'static str,
    pub(super) pending: &'static str,
    pub(super) delivered: &'static str,
    pub(super) given_up: &'static str,
    pub(super) duplicate: &'static str,
    pub(super) no_answer: &'static str,
    pub(super) next: &'static str,
    pub(super) resend: &'static str,
}

pub(super) struct ScenarioWords {
    pub(super) section: SectionWords,
    pub(super) summary: fn(usize) -> String,
    pub(super) set_title: fn(&str) -> String,
    pub(super) cpf: &'static str,
    pub(super) cpf_hint: &'static str,
    pub(super) outcome: &'static str,
    pub(super) operation: &'static str,
    pub(super) as_outcome: &'static str,
    pub(super) any_operation: &'static str,
    pub(super) reason: &'static str,
    pub(super) reason_hint: &'static str,
    pub(super) delay: &'static str,
    pub(super) delay_hint: &'static str,
    pub(super) set: &'static str,
    pub(super) listed: &'static str,
    /// Vendor, person, outcome, reason, delay, action.
    pub(super) heads: [&'static str; 6],
    pub(super) none: &'static str,
    pub(super) everyone: &'static str,
    pub(super) remove: &'static str,
    pub(super) clear_all: &'static str,
    pub(super) trigger_title: fn(&str) -> String,
    pub(super) trigger_lead: &'static str,
    pub(super) trigger_cpf_hint: &'static str,
    pub(super) delayed: &'static str,
    pub(super) trigger: &'static str,
    pub(super) glossary: fn(&str) -> String,
    pub(super) with_reason: &'static str,
    pub(super) http_status: &'static str,
    pub(super) response_lost: &'static str,
}

pub(super) struct FaultWords {
    pub(super) section: SectionWords,
    pub(super) summary: fn(usize) -> String,
    pub(super) add_title: fn(&str) -> String,
    pub(super) operation: &'static str,
    pub(super) any: &'static str,
    pub(super) kind: &'static str,
    /// Each kind by its name on the control routes.
    pub(super) kinds: [(&'static str, &'static str); 9],
    pub(super) status: &'static str,
    pub(super) status_hint: &'static str,
    pub(super) retry_after: &'static str,
    pub(super) retry_after_hint: &'static str,
    pub(super) seconds: &'static str,
    pub(super) seconds_hint: &'static str,
    pub(super) times: &'static str,
    pub(super) times_hint: &'static str,
    pub(super) after_effect: &'static str,
    pub(super) add: &'static str,
    pub(super) queue: &'static str,
    /// Vendor, operation, kind, times, after the effect.
    pub(super) heads: [&'static str; 5],
    pub(super) none: &'static str,
    pub(super) twice: fn(&str) -> String,
    pub(super) clear: &'static str,
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
}

pub(super) struct ClockWords {
    pub(super) section: SectionWords,
    pub(super) frozen: &'static str,
    pub(super) running: &'static str,
    pub(super) advance: &'static str,
    /// One minute, ten minutes, one hour, one day.
    pub(super) steps: [&'static str; 4],
    pub(super) amount: &'static str,
    pub(super) amount_hint: &'static str,
    pub(super) unit: &'static str,
    /// Seconds, minutes, hours, days.
    pub(super) units: [&'static str; 4],
}

pub(super) struct ConnectWords {
    pub(super) section: SectionWords,
    pub(super) base_url: &'static str,
    pub(super) openapi: &'static str,
    pub(super) page: &'static str,
    pub(super) configuration: &'static str,
    pub(super) variables: &'static str,
    pub(super) calls: &'static str,
    pub(super) calls_hint: &'static str,
    pub(super) inputs: &'static str,
    pub(super) inputs_of: fn(usize) -> String,
    pub(super) notes: &'static str,
}

pub(super) struct ResetWords {
    pub(super) section: SectionWords,
    pub(super) ask: &'static str,
    pub(super) confirm: &'static str,
    pub(super) cancel: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_names_the_language() {
        for (accepted, lang) in [
            ("", Lang::En),
            ("pt-BR,pt;q=0.9,en;q=0.8", Lang::Pt),
            ("en-US,en;q=0.9,pt;q=0.8", Lang::En),
            ("de, PT;q=0.5, en;q=0.4", Lang::Pt),
            ("pt;q=0, en;q=0.1", Lang::En),
            ("de", Lang::En),
            ("pt;q=none", Lang::Pt),
        ] {
            assert_eq!(preferred(accepted), lang, "{accepted}");
        }
    }
}
