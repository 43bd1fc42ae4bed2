//! `kyc bankly status`: what was found in the pictures.

use std::time::Duration;

use bankly_kyc::{Analysis, ImageToken, Place as Slot, ResultLevel, VENDOR};
use kyc_core::Error;
use serde::Serialize;

use super::kept::Kept;
use super::report::{Picture, Show};
use super::{Common, Lang, SLOTS, VENDOR_NAME, call, how_to_upload, name};
use crate::exit::{self, Failure};
use crate::output::{self, Rows};
use crate::place::SIMULATED;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Wait so many seconds for the end of an analysis; without it the question is asked once
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    wait: Option<u64>,
    /// Show what was read from the document; with --json the whole analysis
    #[arg(long)]
    show_personal_data: bool,
    /// Show the pictures' tokens, with which the account is opened
    #[arg(long)]
    show_tokens: bool,
    /// The language of the advice to the person; by default that of LANG, else English
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    #[command(flatten)]
    pub(super) common: Common,
}

/// What was found, as `--json` prints it.
#[derive(Serialize)]
struct Report<'a> {
    vendor: &'static str,
    environment: &'static str,
    verdict: &'static str,
    /// All three are valid: the account may be opened.
    complete: bool,
    /// What became of a picture whose answer was lost: `arrived`, or `in_doubt`.
    lost: Option<&'static str>,
    pictures: Vec<Picture>,
    simulated: bool,
    #[serde(skip)]
    in_doubt: Option<Slot>,
    #[serde(skip)]
    label: &'a str,
}

/// What Bankly answered.
struct Found {
    lost: Option<&'static str>,
    analyses: Vec<Analysis>,
}

pub(super) async fn run(args: &Args) -> Result<u8, Failure> {
    let mut kept = Kept::open(&args.common)?;
    let doing = if args.wait.is_some() { "waiting for the analysis" } else { "asking for the analyses" };
    let timeout = args.wait.map(Duration::from_secs);
    let asked = call(doing, args.common.json, None, Box::pin(ask(&mut kept, timeout))).await;
    // What was noted before a failure holds all the same.
    let saved = kept.save();
    let found = asked?;
    let show = Show {
        lang: Lang::or_usual(args.lang),
        personal_data: args.show_personal_data,
        tokens: args.show_tokens,
    };
    let report = Report::of(&kept, &found, show);
    if args.common.json {
        output::json(&report)?;
    } else {
        report.rows().print()?;
    }
    saved.map(|()| if report.verdict == "valid" { exit::YES } else { exit::NO })
}

/// All pictures at once, and then the one that is not finished, if there is time.
async fn ask(kept: &mut Kept, timeout: Option<Duration>) -> Result<Found, Error> {
    let lost = match kept.onboarding.look_up().await? {
        true => Some("arrived"),
        false => kept.onboarding.in_doubt().map(|_| "in_doubt"),
    };
    let tokens: Vec<_> = SLOTS.into_iter().filter_map(|slot| kept.onboarding.token(slot).cloned()).collect();
    if tokens.is_empty() {
        // Without tokens it would be a question about other pictures of the person.
        return Ok(Found { lost, analyses: Vec::new() });
    }
    let asked = kept.client.analyses(&kept.cpf, &tokens, ResultLevel::Detailed).await?;
    let mut analyses = asked.into_inner();
    for analysis in &analyses {
        kept.onboarding.note(analysis);
    }
    let is_unfinished = |token: &ImageToken| !analysis_of(&analyses, token).is_some_and(Analysis::is_final);
    let unfinished = SLOTS.into_iter().find(|&slot| kept.onboarding.token(slot).is_some_and(is_unfinished));
    if let (Some(slot), Some(timeout)) = (unfinished, timeout) {
        let analysis = kept.onboarding.wait(slot, timeout)?.await?;
        kept.onboarding.note(&analysis);
        // The first one with its token is the one that counts.
        analyses.insert(0, analysis);
    }
    Ok(Found { lost, analyses })
}

fn analysis_of<'a>(analyses: &'a [Analysis], token: &ImageToken) -> Option<&'a Analysis> {
    analyses.iter().find(|analysis| analysis.token.as_ref() == Some(token))
}

impl<'a> Report<'a> {
    fn of(kept: &'a Kept, found: &'a Found, show: Show) -> Self {
        let picture = |slot: Slot| {
            let token = kept.onboarding.token(slot)?;
            let analysis = analysis_of(&found.analyses, token);
            let judged = analysis.map(|analysis| (analysis, kept.onboarding.judge(analysis)));
            Some(Picture::of(slot, token, judged, show))
        };
        let pictures: Vec<_> = SLOTS.into_iter().filter_map(picture).collect();
        // What stands in the way comes first.
        let has = |verdict: &&str| pictures.iter().any(|picture| picture.verdict == *verdict);
        let in_the_way =
            ["invalid", "unclear", "pending", "unknown"].into_iter().find(|verdict| has(verdict));
        let in_doubt = kept.onboarding.in_doubt();
        let last = in_doubt.map(|_| "in_doubt").or_else(|| Some("valid").filter(has));
        let verdict = in_the_way.or(last).unwrap_or("none");
        Self {
            vendor: VENDOR.name(),
            environment: kept.place.environment,
            verdict,
            complete: verdict == "valid" && kept.onboarding.is_complete(),
            lost: found.lost,
            in_doubt,
            pictures,
            simulated: kept.place.simulated,
            label: &kept.place.label,
        }
    }

    fn rows(&self) -> Rows {
        let lost = self.lost.map(|lost| match lost {
            "arrived" => "the picture whose answer was lost has arrived all the same",
            _ => "the picture whose answer was lost is not listed, or not it alone: Bankly may still have it",
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
        let named = |picture: &Picture| picture.verdict == self.verdict;
        let names: Vec<_> =
            self.pictures.iter().filter(|picture| named(picture)).map(|p| name(p.slot)).collect();
        let names = names.join(" and ");
        match self.verdict {
            "valid" if self.complete => {
                ("COMPLETE", "all three are valid: the account may be opened with their tokens".to_owned())
            }
            "valid" => ("VALID", format!("so far: {names}")),
            "invalid" => ("NOT VALID", names),
            "unclear" => ("UNCLEAR", format!("{names}: the answer is incomplete or contradicts itself")),
            "pending" => ("NOT FINISHED", names),
            "unknown" => ("NOT KNOWN", format!("{names}: Bankly does not know it, or not yet")),
            "in_doubt" => {
                let lost = self.in_doubt.map(name).unwrap_or_default();
                ("IN DOUBT", format!("the {lost}: its answer was lost"))
            }
            _ => ("NO PICTURE", "none is with Bankly".to_owned()),
        }
    }

    fn next(&self) -> Option<String> {
        let is_valid = |slot: &Slot| self.pictures.iter().any(|p| p.slot == *slot && p.verdict == "valid");
        match self.verdict {
            "pending" | "unknown" => Some("kyc bankly status --wait 900".to_owned()),
            "in_doubt" => Some(
                "kyc bankly status, later; or send it again with --not-received if Bankly does not have it"
                    .to_owned(),
            ),
            _ if self.complete => Some("--show-tokens shows the tokens".to_owned()),
            "invalid" | "unclear" => {
                let wrong = self.pictures.iter().find(|picture| picture.verdict == self.verdict);
                wrong.map(|picture| how_to_upload(picture.slot))
            }
            _ => SLOTS.into_iter().find(|slot| !is_valid(slot)).map(how_to_upload),
        }
    }
}
