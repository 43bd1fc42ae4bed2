//! `kyc certiface session` and `liveness`: the 3D steps that work without a provider's kit, and the output of a verdict.

use certiface::{Liveness, LivenessResponse, Provider, VENDOR};
use kyc_core::RedactedText;
use serde::Serialize;

use super::stored::Stored;
use super::{Common, SPENT, VENDOR_NAME, call, out_of_turn};
use crate::failure::Failure;
use crate::messages::{Messages, text};
use crate::outcome::Outcome;
use crate::output::{self, Rows, scrub};
use crate::place::Place;

#[derive(Debug, clap::Args)]
pub(super) struct SessionArgs {
    #[arg(long, value_name = "TEXT", help = text().certiface_help.user_agent)]
    user_agent: Option<String>,
    #[arg(long, help = text().certiface_help.show_token)]
    show_token: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct LivenessArgs {
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Serialize)]
struct Session {
    vendor: &'static str,
    environment: &'static str,
    provider: Option<&'static str>,
    url: Option<String>,
    token: Option<String>,
    simulated: bool,
}

pub(super) async fn begin(args: &SessionArgs) -> Result<Outcome, Failure> {
    let mut stored = Stored::open(&args.common)?;
    let querying = Box::pin(stored.journey.session(args.user_agent.as_deref()));
    let queried = call(text().certiface.requesting_session, args.common.json, None, querying).await;
    let response = queried.map_err(|failure| out_of_turn(failure, SPENT))?;
    stored.save()?;
    let t = text();
    let (provider, next) = match response.value().provider() {
        Some(Provider::IProov) => (Some("iProov"), t.certiface.session_iproov),
        Some(Provider::FaceTec) => (Some("FaceTec"), t.certiface.session_facetec),
        _ => (None, t.certiface.session_none),
    };
    let token = response
        .value()
        .session_token
        .as_ref()
        .or(response.value().token.as_ref())
        .filter(|_| args.show_token);
    let session = Session {
        vendor: VENDOR.name(),
        environment: stored.place.environment,
        provider,
        url: response.value().url.as_ref().map(|url| output::printable(url.as_str())),
        // Complete, because a kit needs it, but without control characters, which no token contains.
        token: token.map(|token| token.as_str().replace(char::is_control, "")),
        simulated: stored.place.simulated,
    };
    if args.common.json {
        output::json(Outcome::Yes, &session)?;
        return Ok(Outcome::Yes);
    }
    Rows::default()
        .headline(
            Outcome::Yes,
            t.certiface.session,
            (t.certiface.provider)(provider.unwrap_or(t.certiface.unknown)),
        )
        .row(t.rows.vendor, format!("{VENDOR_NAME} ({})", stored.place.label))
        .optional(t.rows.url, session.url)
        .optional(t.rows.token, session.token)
        .row(t.rows.next, next)
        .simulated(stored.place.simulated.then_some(t.place.simulated))
        .print()?;
    Ok(Outcome::Yes)
}

pub(super) async fn verdict(args: &LivenessArgs) -> Result<Outcome, Failure> {
    let mut stored = Stored::open(&args.common)?;
    let id = stored.journey.appkey().operation_id();
    let querying = Box::pin(stored.journey.liveness_iproov());
    let queried = call(text().certiface.querying_verdict, args.common.json, Some(id), querying).await;
    // Saved after a failure, too, because the key may be used up.
    let saved = stored.save();
    let next: fn(&Messages) -> &'static str =
        if stored.journey.may_check_liveness() { |t| t.certiface.no_session } else { SPENT };
    let response = queried.map_err(|failure| out_of_turn(failure, next))?;
    Verdict::of(response.value(), &stored.place).print(args.common.json, saved)
}

/// A liveness verdict in `--json`.
#[derive(Serialize)]
pub(super) struct Verdict {
    vendor: &'static str,
    environment: &'static str,
    /// `approved`, `refused`, `blocked` or `unclear`.
    verdict: &'static str,
    may_retry: bool,
    code: Option<String>,
    cause: Option<String>,
    reason: Option<String>,
    protocol: Option<String>,
    simulated: bool,
    #[serde(skip)]
    label: String,
}

impl Verdict {
    pub(super) fn of(response: &LivenessResponse, place: &Place) -> Self {
        let words = |text: &Option<RedactedText>| text.as_ref().map(|text| scrub(text.as_str()));
        let outcome = response.outcome();
        Self {
            vendor: VENDOR.name(),
            environment: place.environment,
            verdict: match outcome {
                Liveness::Approved => "approved",
                Liveness::Refused { .. } => "refused",
                Liveness::Blocked => "blocked",
                _ => "unclear",
            },
            may_retry: outcome == Liveness::Refused { may_retry: true },
            code: response.cod_id.as_ref().map(|code| scrub(code.as_str())),
            cause: response.cause.as_ref().map(|cause| scrub(cause.as_str())),
            reason: words(&response.reason).or_else(|| response.unclear_reason().map(str::to_owned)),
            // A long number, but not personal data.
            protocol: response.protocol.as_ref().map(|protocol| output::printable(protocol.as_str())),
            simulated: place.simulated,
            label: place.label.clone(),
        }
    }

    pub(super) fn is_approved(&self) -> bool {
        self.verdict == "approved"
    }

    /// Returns code and cause in one line.
    pub(super) fn summary(&self) -> String {
        let t = &text().certiface;
        let facts = [self.code.as_deref().map(t.code), self.cause.clone()];
        let facts: Vec<_> = facts.into_iter().flatten().collect();
        if facts.is_empty() { t.no_code.to_owned() } else { facts.join(", ") }
    }

    fn outcome(&self) -> Outcome {
        match self.verdict {
            "approved" => Outcome::Yes,
            // With the same key, or with a new one.
            "refused" => Outcome::Retake,
            "blocked" => Outcome::No,
            _ => Outcome::Unclear,
        }
    }

    /// Prints the verdict, which is not lost if the journey could not be saved.
    pub(super) fn print(&self, as_json: bool, saved: Result<(), Failure>) -> Result<Outcome, Failure> {
        let outcome = if saved.is_ok() { self.outcome() } else { Outcome::MayHaveBeenPaid };
        let printed = if as_json { output::json(outcome, self) } else { self.rows().print() };
        printed.map_err(Failure::unwritten)?;
        output::unsaved(saved);
        Ok(outcome)
    }

    fn rows(&self) -> Rows {
        let t = text();
        let words = &t.certiface;
        let (headline, next) = match self.verdict {
            "approved" => (words.approved, words.next_document),
            "refused" if self.may_retry => (words.not_approved, words.next_attempt),
            "refused" => (words.not_approved, words.next_key_attempt),
            "blocked" => (words.blocked, words.next_none),
            _ => (words.no_verdict, "`kyc certiface result`"),
        };
        Rows::default()
            .headline(self.outcome(), headline, self.summary())
            .row(t.rows.vendor, format!("{VENDOR_NAME} ({})", self.label))
            .optional(t.rows.reason, self.reason.as_deref())
            .optional(t.rows.protocol, self.protocol.as_deref())
            .row(t.rows.next, next)
            .simulated(self.simulated.then_some(t.place.simulated))
    }
}
