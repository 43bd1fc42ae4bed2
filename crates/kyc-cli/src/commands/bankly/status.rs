//! `kyc bankly status`: queries the analyses of the images.

use std::time::Duration;

use bankly_kyc::{Analysis, ImageToken, Place as Slot, ResultLevel, VENDOR};
use kyc_core::Error;
use serde::Serialize;

use super::report::{ImageReport, Show, outcome_of};
use super::stored::Stored;
use super::{Common, Lang, SLOTS, VENDOR_NAME, call, how_to_upload, name};
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::output::{self, Rows};
use crate::place::SIMULATED;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Wait up to this many seconds for the end of an analysis; by default the analyses are queried once
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    wait: Option<u64>,
    /// Query at this interval while waiting, in seconds; by default 300, as Bankly recommends
    #[arg(long, value_name = "SECONDS", requires = "wait", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    interval: Option<u64>,
    /// Print the values read from the document; with --json the whole analysis
    #[arg(long)]
    show_personal_data: bool,
    /// Print the images' tokens, with which the account is opened
    #[arg(long)]
    show_tokens: bool,
    /// The language of the advice to the person; by default Portuguese if LANG says so, else English
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    #[command(flatten)]
    pub(super) common: Common,
}

/// The result in `--json`.
#[derive(Serialize)]
struct Report<'a> {
    vendor: &'static str,
    environment: &'static str,
    verdict: &'static str,
    /// Whether all three images are valid, so that the account may be opened.
    complete: bool,
    /// The result of looking up an image whose response was lost: `arrived`, or `in_doubt`.
    lost: Option<&'static str>,
    pictures: Vec<ImageReport>,
    simulated: bool,
    #[serde(skip)]
    in_doubt: Option<Slot>,
    #[serde(skip)]
    label: &'a str,
}

/// Bankly's response.
struct Found {
    lost: Option<&'static str>,
    analyses: Vec<Analysis>,
}

pub(super) async fn run(args: &Args) -> Result<Outcome, Failure> {
    let mut stored = Stored::open(&args.common, args.interval)?;
    let doing = if args.wait.is_some() { "waiting for the analysis" } else { "querying the analyses" };
    let timeout = args.wait.map(Duration::from_secs);
    let queried = call(doing, args.common.json, None, Box::pin(query(&mut stored, timeout))).await;
    // Saved after a failure, too, because the state may have changed before it.
    let saved = stored.save();
    let found = queried?;
    let show = Show {
        lang: Lang::or_usual(args.lang),
        personal_data: args.show_personal_data,
        tokens: args.show_tokens,
    };
    let report = Report::of(&stored, &found, show);
    let outcome = if saved.is_ok() { outcome_of(report.verdict) } else { Outcome::Other };
    if args.common.json {
        output::json(outcome, &report)?;
    } else {
        report.rows().print()?;
    }
    output::unsaved(saved);
    Ok(outcome)
}

/// Queries all images at once, then waits for the unfinished one if there is a timeout.
async fn query(stored: &mut Stored, timeout: Option<Duration>) -> Result<Found, Error> {
    let lost = match stored.onboarding.look_up().await? {
        true => Some("arrived"),
        false => stored.onboarding.in_doubt().map(|_| "in_doubt"),
    };
    let tokens: Vec<_> =
        SLOTS.into_iter().filter_map(|slot| stored.onboarding.token(slot).cloned()).collect();
    if tokens.is_empty() {
        // Without tokens, Bankly would return other images of the person.
        return Ok(Found { lost, analyses: Vec::new() });
    }
    let queried = stored.client.analyses(&stored.cpf, &tokens, ResultLevel::Detailed).await?;
    let mut analyses = queried.into_inner();
    for analysis in &analyses {
        stored.onboarding.note(analysis);
    }
    let is_unfinished = |token: &ImageToken| !analysis_of(&analyses, token).is_some_and(Analysis::is_final);
    let unfinished = SLOTS.into_iter().find(|&slot| stored.onboarding.token(slot).is_some_and(is_unfinished));
    if let (Some(slot), Some(timeout)) = (unfinished, timeout) {
        let analysis = stored.onboarding.wait(slot, timeout)?.await?;
        stored.onboarding.note(&analysis);
        // `analysis_of` returns the first analysis of a token.
        analyses.insert(0, analysis);
    }
    Ok(Found { lost, analyses })
}

fn analysis_of<'a>(analyses: &'a [Analysis], token: &ImageToken) -> Option<&'a Analysis> {
    analyses.iter().find(|analysis| analysis.token.as_ref() == Some(token))
}

impl<'a> Report<'a> {
    fn of(stored: &'a Stored, found: &'a Found, show: Show) -> Self {
        let picture = |slot: Slot| {
            let token = stored.onboarding.token(slot)?;
            let analysis = analysis_of(&found.analyses, token);
            let judged = analysis.map(|analysis| (analysis, stored.onboarding.judge(analysis)));
            Some(ImageReport::of(slot, token, judged, show))
        };
        let pictures: Vec<_> = SLOTS.into_iter().filter_map(picture).collect();
        // The verdict that needs attention first.
        let has = |verdict: &&str| pictures.iter().any(|picture| picture.verdict == *verdict);
        let in_the_way =
            ["invalid", "unclear", "pending", "unknown"].into_iter().find(|verdict| has(verdict));
        let in_doubt = stored.onboarding.in_doubt();
        let last = in_doubt.map(|_| "in_doubt").or_else(|| Some("valid").filter(has));
        let verdict = in_the_way.or(last).unwrap_or("none");
        Self {
            vendor: VENDOR.name(),
            environment: stored.place.environment,
            verdict,
            complete: verdict == "valid" && stored.onboarding.is_complete(),
            lost: found.lost,
            in_doubt,
            pictures,
            simulated: stored.place.simulated,
            label: &stored.place.label,
        }
    }

    fn rows(&self) -> Rows {
        let lost = self.lost.map(|lost| match lost {
            "arrived" => "the response was lost, but Bankly has the image",
            _ => {
                "the response was lost, and Bankly does not list exactly one new image: it may still have it"
            }
        });
        let (headline, words) = self.headline();
        let rows = Rows::default()
            .row(headline, words)
            .row("vendor", format!("{VENDOR_NAME} ({})", self.label))
            .optional("lost", lost);
        let rows = self.pictures.iter().fold(rows, |rows, picture| picture.rows(rows));
        rows.optional("next", self.next()).simulated(self.simulated.then_some(SIMULATED))
    }

    fn headline(&self) -> (&'static str, String) {
        let named = |picture: &ImageReport| picture.verdict == self.verdict;
        let names: Vec<_> =
            self.pictures.iter().filter(|picture| named(picture)).map(|p| name(p.slot)).collect();
        let names = names.join(" and ");
        match self.verdict {
            "valid" if self.complete => (
                "COMPLETE",
                "all three images are valid: the account may be opened with their tokens".to_owned(),
            ),
            "valid" => ("VALID", format!("so far: {names}")),
            "invalid" => ("NOT VALID", names),
            "unclear" => ("UNCLEAR", format!("{names}: the response is incomplete or contradicts itself")),
            "pending" => ("NOT FINISHED", names),
            "unknown" => ("NOT KNOWN", format!("{names}: not known to Bankly, or not yet")),
            "in_doubt" => {
                let lost = self.in_doubt.map(name).unwrap_or_default();
                ("IN DOUBT", format!("the {lost}: the response was lost"))
            }
            _ => ("NO IMAGE", "Bankly has no image of this onboarding".to_owned()),
        }
    }

    fn next(&self) -> Option<String> {
        let is_valid = |slot: &Slot| self.pictures.iter().any(|p| p.slot == *slot && p.verdict == "valid");
        match self.verdict {
            "pending" | "unknown" => Some("kyc bankly status --wait 900".to_owned()),
            "in_doubt" => Some(
                "kyc bankly status, later; or submit it again with --not-received if Bankly does not have it"
                    .to_owned(),
            ),
            _ if self.complete => Some("kyc bankly status --show-tokens prints the tokens".to_owned()),
            "invalid" | "unclear" => {
                let wrong = self.pictures.iter().find(|picture| picture.verdict == self.verdict);
                wrong.map(|picture| how_to_upload(picture.slot))
            }
            _ => SLOTS.into_iter().find(|slot| !is_valid(slot)).map(how_to_upload),
        }
    }
}
