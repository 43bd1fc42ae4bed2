//! Policies as they are written.

use std::time::Duration;

use kyc_verify::kyc_core::{CheckKind, FalseAcceptRate, LivenessMethod, PersonStatus};
use kyc_verify::{Agreement, Ask, CheckRule, OnFail, OnUncertain, Policy};

const SAMPLE: &str = r#"
version    = "2026-11-27"
on_fail    = "review"
on_unclear = "review"
ask        = "first"
limits     = { attempts = 3, paid_calls = 10, wait = "30m", watch = "10d" }
[check.registration]
by = ["cellere"]
pass = ["regular"]
refuse = ["deceased", "void"]
uncertain = "repeat"
[check.document]
by = ["certiface", "cellere"]
agrees = ["cpf", "birth_date", "name"]
[check.face_document]
by = ["clearsale", "cellere"]
max_false_accept = "1/10000"
min_similarity = { cellere = 0.90 }
[check.liveness]
by = ["certiface"]
method = "capture"
[retain]
pictures = "90d"
"#;

#[test]
fn the_sample_is_read_as_it_is_written() {
    let policy = Policy::from_toml(SAMPLE).expect("valid");
    assert_eq!(
        (policy.version.as_str(), policy.on_fail, policy.ask),
        ("2026-11-27", OnFail::Review, Ask::First)
    );
    assert_eq!((policy.limits.attempts, policy.limits.paid_calls), (3, 10));
    assert_eq!(policy.limits.wait, Duration::from_secs(1800));
    assert_eq!(policy.limits.watch, Duration::from_secs(864_000));
    assert_eq!(policy.retain_pictures, Some(Duration::from_secs(90 * 86_400)));
    assert_eq!(policy.text(), SAMPLE);
    let registration = policy.check(CheckKind::Registration).expect("there");
    assert_eq!(registration.by, ["cellere"]);
    assert_eq!((registration.uncertain, registration.is_required), (OnUncertain::Repeat, true));
    assert_eq!(
        registration.rule,
        CheckRule::Registration {
            pass: vec![PersonStatus::Regular],
            refuse: vec![PersonStatus::Deceased, PersonStatus::Void],
            needs_name: false
        }
    );
    assert_eq!(
        policy.check(CheckKind::Document).expect("there").rule,
        CheckRule::Document {
            agrees: vec![Agreement::Cpf, Agreement::BirthDate, Agreement::Name],
            min_genuine: 0.9,
        }
    );
    assert_eq!(
        policy.check(CheckKind::FaceDocument).expect("there").rule,
        CheckRule::Face {
            max_false_accept: FalseAcceptRate::one_in(10_000),
            min_similarity: [("cellere".to_owned(), 0.9)].into()
        }
    );
    assert_eq!(
        policy.check(CheckKind::Liveness).expect("there").rule,
        CheckRule::Liveness { method: LivenessMethod::Capture }
    );
    assert_eq!((policy.check(CheckKind::Risk), policy.check(CheckKind::FaceRegister)), (None, None));
}

#[test]
fn the_built_in_policy_is_strict() {
    let policy = Policy::built_in();
    assert_eq!(policy.version, "built-in 1 (strict)");
    assert_eq!((policy.on_fail, policy.ask, policy.retain_pictures), (OnFail::Review, Ask::First, None));
    let required: Vec<_> = policy.checks().iter().map(|check| (check.check, check.is_required)).collect();
    let wanted =
        CheckKind::ALL.map(|kind| (kind, !matches!(kind, CheckKind::FaceRegister | CheckKind::Risk)));
    assert_eq!(required, wanted);
}

#[test]
fn what_is_not_written_is_the_strictest_that_can_pass() {
    let text = "version='1'\n[check.registration]\n[check.document]\n[check.face_document]\n[check.liveness]";
    let policy = Policy::from_toml(text).expect("valid");
    for kind in [CheckKind::Registration, CheckKind::Document, CheckKind::FaceDocument, CheckKind::Liveness] {
        assert_eq!(
            policy.check(kind).map(|check| &check.rule),
            Policy::built_in().check(kind).map(|check| &check.rule)
        );
    }
    assert_eq!(policy.limits, Policy::built_in().limits);
}

#[test]
fn the_hash_is_of_the_text() {
    let one = Policy::from_toml("version='1'\n[check.risk]").expect("valid");
    let hash: String = one.sha256().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, HASH);
    assert_ne!(one.sha256(), Policy::from_toml("version='1'\n[check.risk] ").expect("valid").sha256());
}

const HASH: &str = "ee686c8d9ee8e9dfa12fc36f6f11cbe59b3f1826666c0ed7afc086a7d645822f";

/// A text, the key and the line of its error, and a part of the rule.
const REFUSED: &[(&str, &str, Option<usize>, &str)] = &[
    ("version = ", "", Some(1), "is not valid TOML"),
    ("version='1'\nversion='2'", "", Some(2), "is not valid TOML"),
    ("[check.risk]", "version", None, "is missing"),
    ("version=1", "version", Some(1), "must be a text"),
    ("version=' '", "version", Some(1), "must have 1 to 64 characters"),
    ("version=\"a\\u0007\"", "version", Some(1), "must have 1 to 64 characters"),
    ("version='1'", "check", None, "at least one check that is required"),
    ("version='1'\n[check]", "check", Some(2), "at least one check that is required"),
    ("version='1'\n[check.risk]\nrequired=false", "check", Some(2), "at least one check that is required"),
    ("version='1'\ncheck=1", "check", Some(2), "must be a table"),
    ("version='1'\nchecks=1", "checks", Some(2), "is not known (did you mean check?)"),
    ("version='1'\non_fail='approve'", "on_fail", Some(2), "must be review or refuse"),
    ("version='1'\non_unclear='approve'", "on_unclear", Some(2), "must be review"),
    ("version='1'\non_unclear='refuse'", "on_unclear", Some(2), "must be review"),
    ("version='1'\nask='any'", "ask", Some(2), "must be first or all"),
    ("version='1'\nlimits=3", "limits", Some(2), "must be a table"),
    ("version='1'\nlimits={retries=3}", "limits.retries", Some(2), "is not known"),
    ("version='1'\nlimits={attempts=0}", "limits.attempts", Some(2), "from 1 to 20"),
    ("version='1'\nlimits={attempts='3'}", "limits.attempts", Some(2), "from 1 to 20"),
    ("version='1'\nlimits={attempts=-1}", "limits.attempts", Some(2), "from 1 to 20"),
    ("version='1'\nlimits={paid_calls=1001}", "limits.paid_calls", Some(2), "from 1 to 1000"),
    ("version='1'\nlimits={wait=30}", "limits.wait", Some(2), "must be a text"),
    ("version='1'\nlimits={wait='30'}", "limits.wait", Some(2), "from 1s to 30d"),
    ("version='1'\nlimits={wait='m'}", "limits.wait", Some(2), "from 1s to 30d"),
    ("version='1'\nlimits={wait='+3m'}", "limits.wait", Some(2), "from 1s to 30d"),
    ("version='1'\nlimits={wait='1.5h'}", "limits.wait", Some(2), "from 1s to 30d"),
    ("version='1'\nlimits={wait='0s'}", "limits.wait", Some(2), "from 1s to 30d"),
    ("version='1'\nlimits={wait='31d'}", "limits.wait", Some(2), "from 1s to 30d"),
    ("version='1'\nlimits={watch='99999999999999999999d'}", "limits.watch", Some(2), "from 0s to 366d"),
    ("version='1'\nlimits={watch='9999999999999999999d'}", "limits.watch", Some(2), "from 0s to 366d"),
    ("version='1'\n[retain]\npicture='1d'", "retain.picture", Some(3), "did you mean pictures?"),
    ("version='1'\n[retain]\npictures='1h'", "retain.pictures", Some(3), "from 1d to 36500d"),
    ("version='1'\n[check.face]", "check.face", Some(2), "is not known"),
    ("version='1'\n[check.risk]\nmethod='still'", "check.risk.method", Some(3), "is not known"),
    ("version='1'\n[check.document]\npass=['regular']", "check.document.pass", Some(3), "is not known"),
    ("version='1'\n[check.risk]\nrequired='no'", "check.risk.required", Some(3), "must be true or false"),
    (
        "version='1'\n[check.risk]\nuncertain='approve'",
        "check.risk.uncertain",
        Some(3),
        "must be review or repeat",
    ),
    ("version='1'\n[check.risk]\nby='a'", "check.risk.by", Some(3), "must be a list of texts"),
    ("version='1'\n[check.risk]\nby=[1]", "check.risk.by", Some(3), "must be a list of texts"),
    ("version='1'\n[check.risk]\nby=[]", "check.risk.by", Some(3), "must hold 1 to 20 texts"),
    ("version='1'\n[check.risk]\nby=['a','a']", "check.risk.by", Some(3), "must not hold a text twice"),
    ("version='1'\n[check.risk]\nby=['A B']", "check.risk.by", Some(3), "must hold keys of vendors"),
    ("version='1'\n[check.registration]\npass=[]", "check.registration.pass", Some(3), "1 to 20"),
    (
        "version='1'\n[check.registration]\npass=['void']",
        "check.registration.pass",
        Some(3),
        "only regular or pending",
    ),
    (
        "version='1'\n[check.registration]\nrefuse=['regular']",
        "check.registration.refuse",
        Some(3),
        "must hold only suspended or cancelled or void or deceased",
    ),
    (
        "version='1'\n[check.registration]\nagrees=['cpf']",
        "check.registration.agrees",
        Some(3),
        "must hold only name",
    ),
    ("version='1'\n[check.document]\nagrees=[]", "check.document.agrees", Some(3), "1 to 20"),
    (
        "version='1'\n[check.document]\nagrees=['rg']",
        "check.document.agrees",
        Some(3),
        "cpf or birth_date or name",
    ),
    (
        "version='1'\n[check.face_document]\nmax_false_accept=0.1",
        "check.face_document.max_false_accept",
        Some(3),
        "must be a text",
    ),
    (
        "version='1'\n[check.face_document]\nmax_false_accept='1/99'",
        "check.face_document.max_false_accept",
        Some(3),
        "1/100 or less",
    ),
    (
        "version='1'\n[check.face_document]\nmax_false_accept='2/1000'",
        "check.face_document.max_false_accept",
        Some(3),
        "such as 1/10000",
    ),
    (
        "version='1'\n[check.face_document]\nmax_false_accept='1/99999999999'",
        "check.face_document.max_false_accept",
        Some(3),
        "such as 1/10000",
    ),
    (
        "version='1'\n[check.face_document]\nmin_similarity=0.9",
        "check.face_document.min_similarity",
        Some(3),
        "must be a table",
    ),
    (
        "version='1'\n[check.face_document]\nmin_similarity={a=0}",
        "check.face_document.min_similarity.a",
        Some(3),
        "above 0, up to 1",
    ),
    (
        "version='1'\n[check.face_document]\nmin_similarity={a=nan}",
        "check.face_document.min_similarity.a",
        Some(3),
        "above 0, up to 1",
    ),
    (
        "version='1'\n[check.face_document]\nmin_similarity={a=90}",
        "check.face_document.min_similarity.a",
        Some(3),
        "above 0, up to 1",
    ),
    (
        "version='1'\n[check.face_document]\nby=['b']\nmin_similarity={a=0.9}",
        "check.face_document.min_similarity",
        Some(4),
        "that `by` names",
    ),
    (
        "version='1'\n[check.liveness]\nmethod='photo'",
        "check.liveness.method",
        Some(3),
        "must be capture or still",
    ),
];

#[test]
fn an_error_names_the_key_the_line_and_the_rule() {
    for (text, key, line, rule) in REFUSED {
        let error = Policy::from_toml(text).expect_err(text);
        assert_eq!((error.key(), error.line()), (*key, *line), "{text}: {error}");
        assert!(error.rule().contains(rule), "{text}: {error}");
    }
    let error = Policy::from_toml("version='1'\non_fail='no'").expect_err("no such value");
    assert_eq!(error.to_string(), "on_fail (line 2): must be review or refuse");
}

#[test]
fn a_text_that_is_too_large_is_refused() {
    let error = Policy::from_toml(&format!("version='1'\n[check.risk]\n#{}", "x".repeat(64 * 1024)));
    assert_eq!(error.expect_err("too large").to_string(), "policy: must not be larger than 64 KiB");
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,80}") {
        let _ = Policy::from_toml(&text);
    }

    #[test]
    fn no_edit_of_the_sample_panics(at in 0..SAMPLE.len(), edit in "\\PC{0,3}") {
        let (before, after) = SAMPLE.split_at(at);
        let _ = Policy::from_toml(&format!("{before}{edit}{after}"));
        let _ = Policy::from_toml(before);
    }
}
