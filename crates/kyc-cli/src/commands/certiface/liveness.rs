//! `kyc certiface session` and `liveness`: 3D, as far as that goes without a provider's kit; and what a verdict looks
//! like.

use certiface::{Liveness, LivenessResponse, Provider, VENDOR};
use kyc_core::RedactedText;
use serde::Serialize;

use super::kept::Kept;
use super::{Common, SPENT, VENDOR_NAME, call, out_of_turn};
use crate::exit::{self, Failure};
use crate::output::{self, Rows, scrub};
use crate::place::{Place, SIMULATED};

const NO_SESSION: &str = "no session of iProov is open: ask for one with `kyc certiface session`";

#[derive(Debug, clap::Args)]
pub(super) struct SessionArgs {
    /// The device information from the provider's kit
    #[arg(long, value_name = "TEXT")]
    user_agent: Option<String>,
    /// Print the session's token, for the provider's kit
    #[arg(long)]
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

pub(super) async fn begin(args: &SessionArgs) -> Result<u8, Failure> {
    let mut kept = Kept::open(&args.common)?;
    let asking = Box::pin(kept.journey.session(args.user_agent.as_deref()));
    let asked = call("asking for a session", args.common.json, None, asking).await;
    let answer = asked.map_err(|failure| out_of_turn(failure, SPENT))?;
    kept.save()?;
    let (provider, next) = match answer.value().provider() {
        Some(Provider::IProov) => {
            (Some("iProov"), "its kit with the token (--show-token), and then: kyc certiface liveness")
        }
        Some(Provider::FaceTec) => (
            Some("FaceTec"),
            "its kit with the token (--show-token); only a program with the kit can hand in the scan",
        ),
        _ => (None, "nothing: no token came"),
    };
    let token =
        answer.value().session_token.as_ref().or(answer.value().token.as_ref()).filter(|_| args.show_token);
    let session = Session {
        vendor: VENDOR.name(),
        environment: kept.place.environment,
        provider,
        url: answer.value().url.as_ref().map(|url| output::printable(url.as_str())),
        // Whole, since a kit shall take it; what a terminal would obey is no part of a token.
        token: token.map(|token| token.as_str().replace(char::is_control, "")),
        simulated: kept.place.simulated,
    };
    if args.common.json {
        output::json(&session)?;
        return Ok(exit::DONE);
    }
    Rows::default()
        .row("SESSION", format!("of {}", provider.unwrap_or("an unknown provider")))
        .row("vendor", format!("{VENDOR_NAME} ({})", kept.place.label))
        .optional("url", session.url)
        .optional("token", session.token)
        .row("next", next)
        .print()?;
    Ok(exit::DONE)
}

pub(super) async fn verdict(args: &LivenessArgs) -> Result<u8, Failure> {
    let mut kept = Kept::open(&args.common)?;
    let id = kept.journey.appkey().operation_id();
    let asking = Box::pin(kept.journey.liveness_iproov());
    let asked = call("asking for the verdict", args.common.json, Some(id), asking).await;
    // Whatever came of it: the key may be spent.
    let saved = kept.save();
    let next = if kept.journey.may_check_liveness() { NO_SESSION } else { SPENT };
    let answer = asked.map_err(|failure| out_of_turn(failure, next))?;
    let code = Verdict::of(answer.value(), &kept.place).tell(args.common.json)?;
    saved.map(|()| code)
}

/// A verdict on liveness, as `--json` prints it.
#[derive(Serialize)]
pub(super) struct Verdict {
    vendor: &'static str,
    environment: &'static str,
    outcome: &'static str,
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
    pub(super) fn of(answer: &LivenessResponse, place: &Place) -> Self {
        let words = |text: &Option<RedactedText>| text.as_ref().map(|text| scrub(text.as_str()));
        let outcome = answer.outcome();
        Self {
            vendor: VENDOR.name(),
            environment: place.environment,
            outcome: match outcome {
                Liveness::Approved => "approved",
                Liveness::Refused { .. } => "refused",
                Liveness::Blocked => "blocked",
                _ => "unclear",
            },
            may_retry: outcome == Liveness::Refused { may_retry: true },
            code: answer.cod_id.as_ref().map(|code| scrub(code.as_str())),
            cause: answer.cause.as_ref().map(|cause| scrub(cause.as_str())),
            reason: words(&answer.reason),
            // A long number, but the vendor's own.
            protocol: answer.protocol.as_ref().map(|protocol| output::printable(protocol.as_str())),
            simulated: place.simulated,
            label: place.label.clone(),
        }
    }

    pub(super) fn is_approved(&self) -> bool {
        self.outcome == "approved"
    }

    /// What it came to, in a few words.
    pub(super) fn summary(&self) -> String {
        let facts = [self.code.as_ref().map(|code| format!("code {code}")), self.cause.clone()];
        let facts: Vec<_> = facts.into_iter().flatten().collect();
        if facts.is_empty() { "the vendor gave no code".to_owned() } else { facts.join(", ") }
    }

    pub(super) fn tell(&self, as_json: bool) -> Result<u8, Failure> {
        if as_json {
            output::json(self)?
        } else {
            self.print()?
        }
        Ok(match self.outcome {
            "approved" => exit::YES,
            "unclear" => exit::UNCLEAR,
            _ => exit::NO,
        })
    }

    fn print(&self) -> std::io::Result<()> {
        let (headline, next) = match self.outcome {
            "approved" => ("APPROVED", "kyc certiface document FILE [FILE]"),
            "refused" if self.may_retry => {
                ("NOT APPROVED", "another try with the same key: kyc certiface session")
            }
            "refused" => ("NOT APPROVED", "a new key for another try: kyc certiface appkey --force"),
            "blocked" => ("BLOCKED", "nothing: another try is of no use"),
            _ => ("NO VERDICT", "kyc certiface result"),
        };
        Rows::default()
            .row(headline, self.summary())
            .row("vendor", format!("{VENDOR_NAME} ({})", self.label))
            .optional("reason", self.reason.as_deref())
            .optional("protocol", self.protocol.as_deref())
            .row("next", next)
            .simulated(self.simulated.then_some(SIMULATED))
            .print()
    }
}
