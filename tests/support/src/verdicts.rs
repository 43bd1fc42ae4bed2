//! Holds a vendor's judgements to its list of decisive leaves: every leaf of every documented payload is changed, and nothing
//! but a favourable value in every decisive place may make a response favourable.

use std::collections::BTreeMap;

use kyc_core::{DecisiveLeaf, Judgement, VerdictRule};
use kyc_fixtures::{Fixture, FixtureKind, MediaType};
use serde_json::{Value, json};

use crate::tree::{Place, Step, at, places, shown, with};

/// What was tried with one leaf, or with all leaves that do not decide.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The key, or `(others)`.
    pub leaf: String,
    /// In how many places of documented payloads it stands.
    pub places: usize,
    /// How many changed payloads were judged.
    pub changes: usize,
    /// How many of them were judged favourable, each with a favourable value.
    pub favourable: usize,
}

/// What one rule was tried with.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many payloads there were, and how many were favourable as printed.
    pub payloads: (usize, usize),
    /// Leaf by leaf.
    pub rows: Vec<Row>,
    /// What does not hold.
    pub faults: Vec<String>,
}

/// Tries a rule with every payload of its operations.
pub fn check(vendor: &str, rule: &VerdictRule) -> Report {
    let mut report = Report::default();
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let documented = kyc_fixtures::vendor(vendor).filter(|fixture| is_judged(fixture, rule));
    let documented = documented.map(|fixture| (fixture.name, fixture.body));
    let samples = rule.samples.iter().map(|body| ("a sample", *body));
    for (payload, body) in documented.chain(samples) {
        let document: Value = serde_json::from_str(body).unwrap();
        let before = judge(rule, &document);
        report.payloads.0 += 1;
        report.payloads.1 += usize::from(before == Judgement::Favourable);
        for place in places(&document).into_iter().skip(1) {
            let leaf = decisive(rule, &document, &place);
            let name = leaf.map_or("(others)", |leaf| leaf.keys[0]).to_owned();
            let row = rows.entry(name.clone()).or_insert_with(|| Row { leaf: name, ..Row::default() });
            row.places += 1;
            for value in changes(leaf) {
                row.changes += 1;
                let after = judge(rule, &with(&document, &place, value.clone()));
                let is_favourable = after == Judgement::Favourable;
                row.favourable += usize::from(is_favourable && leaf.is_some());
                let was_favourable = before == Judgement::Favourable;
                let is_same_object = || {
                    value.as_ref().is_some_and(|value| value.is_object() && value == at(&document, &place))
                };
                let is_right = match leaf {
                    Some(leaf) => !is_favourable || is_said(leaf, value.as_ref()),
                    None if holds_decisive(rule, &document, &place) => {
                        !is_favourable || was_favourable && is_same_object()
                    }
                    None => is_favourable == was_favourable,
                };
                if !is_right {
                    let what = value.map_or("removed".to_owned(), |value| format!("= {value}"));
                    report.faults.push(format!(
                        "{vendor}, {}: {payload} with {} {what} is {after:?}, and was {before:?}",
                        rule.capability,
                        shown(&place),
                    ));
                }
            }
        }
    }
    report.rows = rows.into_values().collect();
    if report.payloads.1 == 0 {
        report.faults.push(format!("{vendor}, {}: no payload is favourable as printed", rule.capability));
    }
    for leaf in rule.leaves {
        if !report.rows.iter().any(|row| row.leaf == leaf.keys[0]) {
            report.faults.push(format!("{vendor}, {}: no payload has {}", rule.capability, leaf.keys[0]));
        }
    }
    report
}

/// Fails with everything that does not hold.
pub fn hold(vendor: &str, rules: &[VerdictRule]) {
    let faults: Vec<_> = rules.iter().flat_map(|rule| check(vendor, rule).faults).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn is_judged(fixture: &Fixture, rule: &VerdictRule) -> bool {
    let is_answer = match fixture.kind {
        FixtureKind::Response => fixture.status.is_some_and(|status| (200..300).contains(&status)),
        FixtureKind::Webhook => true,
        _ => false,
    };
    is_answer && fixture.media == MediaType::Json && rule.operations.contains(&fixture.operation)
}

fn judge(rule: &VerdictRule, document: &Value) -> Judgement {
    (rule.judge)(document.to_string().as_bytes())
}

fn decisive(rule: &VerdictRule, document: &Value, place: &Place) -> Option<&'static DecisiveLeaf> {
    if matches!(at(document, place), Value::Object(_) | Value::Array(_)) {
        return None;
    }
    let key = place.iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) => None,
    })?;
    rule.leaves.iter().find(|leaf| leaf.keys.contains(&key))
}

fn holds_decisive(rule: &VerdictRule, document: &Value, place: &Place) -> bool {
    let inside = at(document, place);
    let mut below = places(inside).into_iter().skip(1);
    below.any(|rest| decisive(rule, document, &[place.as_slice(), &rest].concat()).is_some())
}

fn is_said(leaf: &DecisiveLeaf, value: Option<&Value>) -> bool {
    let text = match value {
        Some(Value::String(text)) => text.trim().to_lowercase(),
        Some(value @ (Value::Bool(_) | Value::Number(_))) => value.to_string(),
        _ => return false,
    };
    leaf.favourable.iter().any(|favourable| favourable.to_lowercase() == text)
}

/// What a place is changed to: nothing, what no vendor documents, and each known spelling.
fn changes(leaf: Option<&DecisiveLeaf>) -> impl Iterator<Item = Option<Value>> {
    let odd = json!([null, "???", "", -98765.5, {}, [], [{ "x": 1 }], { "value": true }]);
    // What decides nothing may be anything; what decides is also tried with the values of a bool and of a number.
    let plain = json!([true, false, 0, 1, "NÃO", "N", "0.0"]);
    let favourable = json!(leaf.map(|leaf| leaf.favourable).unwrap_or_default());
    let values = [odd, plain, favourable].into_iter().flat_map(|list| list.as_array().cloned().unwrap());
    std::iter::once(None).chain(values.map(Some))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAVES: &[DecisiveLeaf] = &[
        DecisiveLeaf::new(&["isMatch"], &["true"]),
        DecisiveLeaf::new(&["transactionStatus"], &["Success"]),
    ];

    const SAMPLES: &[&str] = &[r#"{"isMatch":true,"transactionStatus":"Success","cpf":"52998224725"}"#];

    fn careless(body: &[u8]) -> Judgement {
        let body: Value = serde_json::from_slice(body).unwrap();
        if body["isMatch"] == json!(false) { Judgement::Unfavourable } else { Judgement::Favourable }
    }

    fn careful(body: &[u8]) -> Judgement {
        let body: Value = serde_json::from_slice(body).unwrap();
        let is_match = body["isMatch"] == json!(true) || body["isMatch"] == json!("true");
        if is_match && body["transactionStatus"] == json!("Success") {
            Judgement::Favourable
        } else {
            Judgement::Open
        }
    }

    #[test]
    fn a_careless_judge_and_a_short_list_are_found() {
        let check = |leaves: &'static [DecisiveLeaf], judge| {
            let rule =
                VerdictRule::new("face match", &["match2d-2d-query"], leaves, judge).with_samples(SAMPLES);
            super::check("clearsale-facematch", &rule).faults
        };
        assert!(!check(LEAVES, careless).is_empty(), "absent counts as yes");
        assert!(!check(&LEAVES[..1], careful).is_empty(), "the status decides, too");
        assert_eq!(check(LEAVES, careful), [""; 0]);
    }
}
