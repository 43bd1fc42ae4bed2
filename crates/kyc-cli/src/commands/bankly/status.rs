//! `kyc bankly status`: queries the analyses of the images.

use std::time::Duration;

use bankly_kyc::{Analysis, ImageToken, Place as Slot, ResultLevel, VENDOR};
use kyc_core::Error;
use serde::Serialize;

use super::report::{ImageReport, Show, outcome_of};
use super::stored::Stored;
use super::{Common, SLOTS, VENDOR_NAME, call, how_to_upload, shown};
use crate::config::Source;
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows};
use crate::wakes;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400), help = text().bankly_help.wait)]
    wait: Option<u64>,
    #[arg(long, value_name = "SECONDS", requires = "wait", value_parser = clap::value_parser!(u64).range(1..=86_400), help = text().bankly_help.interval)]
    interval: Option<u64>,
    #[arg(long, help = text().bankly_help.show_personal_data)]
    show_personal_data: bool,
    #[arg(long, help = text().bankly_help.show_tokens)]
    show_tokens: bool,
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
    let doing = if args.wait.is_some() { text().bankly.waiting } else { text().bankly.querying };
    let timeout = args.wait.map(Duration::from_secs);
    let queried =
        call(doing, args.common.json, None, Box::pin(query(&mut stored, timeout, &args.common.source))).await;
    // Saved after a failure, too, because the state may have changed before it.
    let saved = stored.save();
    let found = queried?;
    let show = Show { personal_data: args.show_personal_data, tokens: args.show_tokens };
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
async fn query(stored: &mut Stored, timeout: Option<Duration>, source: &Source) -> Result<Found, Error> {
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
        let wait = stored.onboarding.wait(slot, timeout)?;
        let id = stored.onboarding.token(slot).map(|token| token.operation_id(&stored.cpf));
        let wait = match id {
            Some(id) => wakes::by_events(wait, source, &id, timeout).await,
            None => wait,
        };
        let analysis = wait.await?;
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
        let t = text();
        let lost = self.lost.map(|lost| match lost {
            "arrived" => t.bankly.arrived,
            _ => t.bankly.not_arrived,
        });
        let (headline, words) = self.headline();
        let rows = Rows::default()
            .headline(outcome_of(self.verdict), headline, words)
            .row(t.rows.vendor, format!("{VENDOR_NAME} ({})", self.label))
            .optional(t.rows.lost, lost);
        let rows = self.pictures.iter().fold(rows, |rows, picture| picture.rows(rows));
        rows.optional(t.rows.next, self.next()).simulated(self.simulated.then_some(t.place.simulated))
    }

    fn headline(&self) -> (&'static str, String) {
        let t = text();
        let words = &t.bankly;
        let named = |picture: &ImageReport| picture.verdict == self.verdict;
        let names: Vec<_> =
            self.pictures.iter().filter(|picture| named(picture)).map(|p| shown(p.slot)).collect();
        let names = names.join(t.rows.and);
        match self.verdict {
            "valid" if self.complete => (words.complete, words.may_open_by_tokens.to_owned()),
            "valid" => (words.headline_valid, (words.so_far)(&names)),
            "invalid" => (words.headline_invalid, names),
            "unclear" => (words.headline_unclear, (words.contradictory)(&names)),
            "pending" => (words.headline_pending, names),
            "unknown" => (words.headline_unknown, (words.not_yet_known)(&names)),
            "in_doubt" => {
                let lost = self.in_doubt.map(shown).unwrap_or_default();
                (words.headline_doubt, (words.lost)(lost))
            }
            _ => (words.headline_none, words.none.to_owned()),
        }
    }

    fn next(&self) -> Option<String> {
        let t = &text().bankly;
        let is_valid = |slot: &Slot| self.pictures.iter().any(|p| p.slot == *slot && p.verdict == "valid");
        match self.verdict {
            "pending" | "unknown" => Some("`kyc bankly status --wait 900`".to_owned()),
            "in_doubt" => Some(t.next_later.to_owned()),
            _ if self.complete => Some(t.next_tokens.to_owned()),
            "invalid" | "unclear" => {
                let wrong = self.pictures.iter().find(|picture| picture.verdict == self.verdict);
                wrong.map(|picture| how_to_upload(picture.slot))
            }
            _ => SLOTS.into_iter().find(|slot| !is_valid(slot)).map(how_to_upload),
        }
    }
}
