//! A case on the screen. Nothing of the person stands on it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use kyc_core::{CheckKind, Evidence, LivenessMethod, Timestamp, Verifier};
use kyc_verify::{
    Agreement, CaseReport, CaseState, CheckResult, CheckRule, CheckState, Environment, Handout, Language,
    Outcome as Decided, Reason, Record, Rule, VendorCheck,
};
use serde_json::Value;

use super::connect::Named;
use super::place::Place;
use crate::messages::{Lang, text};
use crate::outcome::Outcome;
use crate::output::{self, Grid, GridLine, Rows, printable, scrub};

/// A case that is shown.
pub(super) struct Screen<'a> {
    report: &'a CaseReport,
    place: &'a Place,
    /// Whether the values that the vendors' kits need are shown.
    shows_kit: bool,
    /// The vendors that may report bad news later.
    watching: Vec<(&'static str, Timestamp)>,
}

/// Returns how a case stands, as an exit code.
pub(super) fn outcome(report: &CaseReport) -> Outcome {
    let is_uncertain = report.decision.as_ref().is_some_and(|decision| decision.rule == Rule::Uncertain);
    match report.state {
        CaseState::Decided(Decided::Approved) => Outcome::Yes,
        CaseState::Decided(Decided::Refused) => Outcome::No,
        CaseState::WaitsForPerson => Outcome::Retake,
        CaseState::Running | CaseState::WaitsForVendor => Outcome::NotYet,
        CaseState::Review if is_uncertain && report.reviewed.is_none() => Outcome::MayHaveBeenPaid,
        // A person has to look at it, as at an alert. Nothing is known of a forgotten case.
        _ => Outcome::Unclear,
    }
}

/// Returns the language of the texts of cases.
pub(in crate::commands) fn language() -> Language {
    match text().lang {
        Lang::En => Language::English,
        Lang::Pt => Language::Portuguese,
    }
}

impl<'a> Screen<'a> {
    pub(super) fn of(report: &'a CaseReport, place: &'a Place, vendors: &[Named]) -> Self {
        let answered = |key: &str| {
            report
                .checks
                .iter()
                .flat_map(|check| &check.vendors)
                .any(|vendor| vendor.vendor == key && vendor.evidence.is_some())
        };
        let watched = report.decision.as_ref().map(|decision| (decision.at, report.policy.limits.watch));
        let until = |verifier: &Arc<dyn Verifier>| {
            let (at, limit) = watched?;
            Some(at.saturating_add(verifier.watches_for()?.min(limit)))
        };
        let watching = vendors.iter().filter(|(key, _)| answered(key));
        let watching = watching.filter_map(|(key, verifier)| Some((*key, until(verifier)?)));
        Self { report, place, shows_kit: false, watching: watching.collect() }
    }

    /// Shows what the vendors' kits need, which may hold personal data.
    pub(super) fn with_kit(mut self, shows_kit: bool) -> Self {
        self.shows_kit = shows_kit;
        self
    }

    /// Prints the case.
    pub(super) fn print(&self, as_json: bool) -> io::Result<()> {
        if as_json { output::json(outcome(self.report), &self.json()) } else { self.rows().print() }
    }

    /// Returns the case as JSON.
    pub(super) fn json(&self) -> Value {
        let mut value = self.report.to_json();
        if let Some(fields) = value.as_object_mut() {
            let is_simulated = self.report.environment == Some(Environment::Simulated);
            fields.insert("simulated".to_owned(), is_simulated.into());
            if let (true, Some(handouts)) = (self.shows_kit, fields.get_mut("handouts")) {
                add_values(handouts, self.report);
            }
        }
        value
    }

    fn rows(&self) -> Rows {
        let t = &text().verify;
        let report = self.report;
        let rows =
            Rows::default().row(t.row_case, self.name()).row(t.row_policy, self.policy()).text(String::new());
        let rows = self.grid().add_to(rows).text(String::new());
        let rows = rows
            .row(t.row_disagree, self.disagreements())
            .row(t.row_paid, self.paid())
            .row(t.row_not_covered, self.not_covered())
            .optional(t.row_watch, self.watch())
            .optional(t.row_person, self.for_person());
        let rows = self.kits(rows).text(String::new());
        let (outcome, word, why) = self.headline();
        let rows = rows.headline(outcome, word, why).row(t.row_next, self.next());
        let is_simulated = report.environment == Some(Environment::Simulated);
        rows.simulated(is_simulated.then_some(t.simulated))
    }

    fn name(&self) -> String {
        let case = self.report.case.to_string();
        match self.report.reference.expose() {
            Some(reference) => (text().verify.case)(&case, &scrub(reference)),
            None => case,
        }
    }

    fn policy(&self) -> String {
        let policy = &self.report.policy;
        let hash: String = policy.sha256_hex().chars().take(8).collect();
        (text().verify.policy)(&printable(&policy.version), &hash)
    }

    fn grid(&self) -> Grid {
        let t = &text().verify;
        let said = |check: &&VendorCheck| check.value().in_language(Language::English) != "-";
        let all = self.report.checks.iter().flat_map(|check| &check.vendors);
        let keys: BTreeSet<&str> = all.filter(said).map(|check| check.vendor.as_str()).collect();
        let head = std::iter::once(t.head_check).chain(keys.iter().copied()).chain([t.head_result]);
        Grid {
            head: head.map(str::to_owned).collect(),
            lines: self.report.checks.iter().map(|check| self.line(check, &keys)).collect(),
        }
    }

    fn line(&self, check: &CheckResult, keys: &BTreeSet<&str>) -> GridLine {
        let cell = |key: &&str| {
            let vendor = check.vendors.iter().find(|vendor| vendor.vendor == *key)?;
            let value = vendor.value().in_language(language()).to_owned();
            Some(value).filter(|value| value != "-")
        };
        let is_needed = check.is_required || check.state == CheckState::Passed;
        let optional = if is_needed { "" } else { text().verify.optional };
        GridLine {
            name: check_words(check.check).to_owned(),
            cells: keys.iter().map(cell).collect(),
            result: format!("{}{optional}", check.state.in_language(language())),
            remark: self.remark(check),
            // That an answer is pending stands in its cell.
            details: check
                .vendors
                .iter()
                .filter(|vendor| vendor.reason != Reason::Pending)
                .filter_map(objection)
                .collect(),
        }
    }

    /// Returns what a check that passed rests on.
    fn remark(&self, check: &CheckResult) -> Option<String> {
        let t = &text().verify;
        if check.is_disputed {
            return Some(t.disputed.to_owned());
        }
        if check.state != CheckState::Passed {
            return None;
        }
        match &self.report.policy.check(check.check)?.rule {
            CheckRule::Document { agrees, .. } if !agrees.is_empty() => {
                let fields: Vec<_> = agrees.iter().map(|field| field_words(*field)).collect();
                Some((t.agree)(&fields.join(", ")))
            }
            CheckRule::Face { max_false_accept: Some(asked), .. } => {
                let passed = check.vendors.iter().filter(|vendor| vendor.state == CheckState::Passed);
                let rates = passed.filter_map(|vendor| match &vendor.evidence {
                    Some(Evidence::Face { false_accept_rate, .. }) => *false_accept_rate,
                    _ => None,
                });
                let worst = rates.max()?;
                let one_in = |comparisons: u32| format!("1/{comparisons}");
                Some((t.rate)(&one_in(worst.comparisons()), &one_in(asked.comparisons())))
            }
            CheckRule::Liveness { method } => {
                let method = if *method == LivenessMethod::Still { t.by_still } else { t.by_capture };
                let is_simulated = self.report.environment == Some(Environment::Simulated);
                Some(if is_simulated { format!("{method} {}", t.in_simulation) } else { method.to_owned() })
            }
            _ => None,
        }
    }

    fn disagreements(&self) -> String {
        let t = &text().verify;
        let disputed = self.report.checks.iter().filter(|check| check.is_disputed);
        let told = disputed.map(|check| {
            let in_state = |state| {
                let those = check.vendors.iter().filter(move |vendor| vendor.state == state);
                those.map(|vendor| vendor.vendor.as_str()).collect::<Vec<_>>().join(", ")
            };
            let (yes, no) = (in_state(CheckState::Passed), in_state(CheckState::Failed));
            (t.disagree)(check_words(check.check), &yes, &no)
        });
        let told: Vec<_> = told.collect();
        if told.is_empty() { t.nothing.to_owned() } else { told.join("; ") }
    }

    fn paid(&self) -> String {
        let t = &text().verify;
        let (report, limit) = (self.report, self.report.policy.limits.paid_calls);
        let counts: Vec<_> =
            paid_by_vendor(report).iter().map(|(vendor, count)| format!("{vendor} {count}")).collect();
        let list = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
        (t.paid)(report.paid_calls, limit, &list, report.uncertain_calls)
    }

    fn not_covered(&self) -> String {
        let t = &text().verify;
        let left_out = CheckKind::ALL.into_iter().filter(|check| self.report.policy.check(*check).is_none());
        let left_out: Vec<_> = left_out.map(check_words).collect();
        let mut words = vec![t.not_covered.to_owned()];
        if !left_out.is_empty() {
            words.push((t.left_out)(&left_out.join(", ")));
        }
        let is_compared = |check: &CheckResult| {
            check.check == CheckKind::FaceRegister
                && check.vendors.iter().any(|vendor| vendor.evidence.is_some())
        };
        if !self.report.checks.iter().any(is_compared) {
            words.push(t.nothing_independent.to_owned());
        }
        words.join("; ")
    }

    fn watch(&self) -> Option<String> {
        let until = |at: Timestamp| at.to_rfc3339().chars().take(10).collect::<String>();
        let told: Vec<_> =
            self.watching.iter().map(|(key, at)| (text().verify.watch)(key, &until(*at))).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// Adds what the vendors' kits need, by name, and its value only on request.
    fn kits(&self, rows: Rows) -> Rows {
        let t = &text().verify;
        let kits = self.report.handouts.iter().filter_map(|handout| match handout {
            Handout::Capture { vendor, kit } => Some((vendor, kit)),
            _ => None,
        });
        kits.fold(rows, |rows, (vendor, kit)| {
            let words = match kit.expires {
                Some(until) => (t.kit_until)(vendor, kit.name, &until.to_rfc3339()),
                None => (t.kit)(vendor, kit.name),
            };
            let value = self.shows_kit.then(|| output::visible(kit.value.expose()));
            rows.row(t.row_kit, words).optional("", value)
        })
    }

    /// Returns what to tell the person, while something is wanted of them.
    fn for_person(&self) -> Option<String> {
        let waits = self.report.state == CaseState::WaitsForPerson;
        let message = self.report.message().filter(|_| waits)?;
        Some(message.in_language(language()).to_owned())
    }

    fn headline(&self) -> (Outcome, &'static str, String) {
        let t = &text().verify;
        let decision = self.report.decision.as_ref();
        let why = decision.map(|decision| match decision.rule {
            Rule::AllPassed => decision.rule.in_language(language()).to_owned(),
            _ => decision.sentence().in_language(language()).trim_end_matches('.').to_owned(),
        });
        let why = if self.report.reviewed.is_some() { Some(t.by_person.to_owned()) } else { why };
        let is_asked = self.report.review_requested.is_some();
        let why = match self.report.state {
            CaseState::Review | CaseState::Decided(_) if is_asked => t.review_requested.to_owned(),
            CaseState::WaitsForPerson => t.waits_for_person.to_owned(),
            CaseState::WaitsForVendor => t.waits_for_vendor.to_owned(),
            CaseState::Running => t.is_running.to_owned(),
            CaseState::Alert => t.alert_why.to_owned(),
            CaseState::Forgotten => t.forgotten_why.to_owned(),
            _ => why.unwrap_or_default(),
        };
        (outcome(self.report), state_words(self.report.state), why)
    }

    fn next(&self) -> String {
        let t = &text().verify;
        let (case, options) = (self.report.case, &self.place.options);
        match self.report.state {
            CaseState::Running | CaseState::WaitsForVendor | CaseState::WaitsForPerson => {
                (t.next_resume)(&format!("`kyc verify --resume {case}{options}`"))
            }
            CaseState::Review | CaseState::Alert => {
                (t.next_review)(&format!("`kyc verify review {case}{options}`"))
            }
            _ => format!("`kyc verify show {case}{options}`"),
        }
    }
}

/// Adds the values that kits need to the handouts, which are in the order of the report.
fn add_values(handouts: &mut Value, report: &CaseReport) {
    let lines = handouts.as_array_mut().into_iter().flatten();
    for (line, handout) in lines.zip(&report.handouts) {
        if let (Handout::Capture { kit, .. }, Some(fields)) = (handout, line.as_object_mut()) {
            fields.insert("value".to_owned(), kit.value.expose().as_str().into());
        }
    }
}

/// Returns what speaks against a check, or keeps it open.
pub(super) fn objection(vendor: &VendorCheck) -> Option<String> {
    let is_silent = vendor.state == CheckState::Passed
        || matches!(vendor.reason, Reason::NotAsked | Reason::NotInPolicy | Reason::NotOffered);
    // In the words of the vendor's client, which are English.
    let why = vendor.failure.as_ref().map(|failure| format!(" ({})", failure.message)).unwrap_or_default();
    (!is_silent).then(|| format!("{}: {}{why}", vendor.vendor, vendor.reason.in_language(language())))
}

/// Returns the state of a case in a word.
pub(super) fn state_words(state: CaseState) -> &'static str {
    let t = &text().verify;
    match state {
        CaseState::Decided(Decided::Approved) => t.approved,
        CaseState::Decided(Decided::Refused) => t.refused,
        CaseState::Running | CaseState::WaitsForPerson | CaseState::WaitsForVendor => t.waits,
        CaseState::Alert => t.alert,
        CaseState::Forgotten => t.forgotten,
        _ => t.review,
    }
}

/// Returns the short name of a check.
pub(super) fn check_words(check: CheckKind) -> &'static str {
    let t = &text().verify;
    match check {
        CheckKind::Registration => t.registration,
        CheckKind::Document => t.document,
        CheckKind::FaceDocument => t.face_document,
        CheckKind::FaceRegister => t.face_register,
        CheckKind::Liveness => t.liveness,
        CheckKind::Risk => t.risk,
        other => other.as_str(),
    }
}

fn field_words(field: Agreement) -> &'static str {
    let t = &text().verify;
    match field {
        Agreement::Cpf => t.cpf,
        Agreement::BirthDate => t.birth_date,
        Agreement::Name => t.name,
        other => other.as_str(),
    }
}

/// Counts the paid calls of each vendor, without those that were not sent or were refused.
fn paid_by_vendor(report: &CaseReport) -> BTreeMap<&str, usize> {
    // Whether anything else than a failure became of an intent.
    let mut has_landed: BTreeMap<u64, bool> = BTreeMap::new();
    for record in report.timeline.iter().map(|entry| &entry.record) {
        if let Some(of) = record.of() {
            *has_landed.entry(of).or_default() |= !matches!(record, Record::Failed { .. });
        }
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &report.timeline {
        if let Record::Intended { vendor, is_paid: true, .. } = &entry.record
            && has_landed.get(&entry.seq).copied().unwrap_or(true)
        {
            *counts.entry(vendor).or_default() += 1;
        }
    }
    counts
}
