//! Vendors that are down, out of credits, slow, or answer nonsense: the next vendor is asked only if the call was not sent
//! or was refused.

use std::time::Duration;

use kyc_core::CheckKind;
use kyc_sandbox::{Fault, bankly, cellere, certiface, clearsale};
use kyc_verify::{CheckState, Verification};
use tokio::task::JoinSet;
use verification::{FIRST, Rig, applicant, row, state_of};

/// How many faults share a sandbox and a store.
const GROUP: usize = 8;

/// A fault, and what queues it.
type Case = (String, Box<dyn Fn(&Rig) -> bool + Send + Sync>);

/// Asks a vendor for the face, then ClearSale or Cellere. ClearSale states a rate, the others do not.
fn policy(vendor: &str) -> String {
    let (next, other) = match vendor {
        "cellere" => ("clearsale", String::new()),
        "clearsale" => ("cellere", String::new()),
        other => ("cellere", format!("{other} = 0.9, ")),
    };
    FIRST
        .replace(r#"["clearsale", "cellere"]"#, &format!(r#"["{vendor}", "{next}"]"#))
        .replace("{ cellere", &format!("{{ {other}cellere"))
}

/// Returns what can happen to the response of an operation.
fn faults<O: Copy>(operation: O) -> Vec<(&'static str, Fault<O>)> {
    let all = [
        ("closed", Fault::close()),
        ("HTML with 200", Fault::html(200)),
        ("HTML with 502", Fault::html(502)),
        ("cut JSON", Fault::truncated_json()),
        ("cut body", Fault::cut_body()),
        ("200 without a body", Fault::empty(200)),
        ("404 without a body", Fault::empty(404)),
        ("402", Fault::status(402)),
        ("401, for ever", Fault::status(401).times(900)),
        ("429 for two seconds, once", Fault::status(429).retry_after(2)),
        ("429, for ever", Fault::status(429).retry_after(2).times(900)),
    ];
    all.into_iter().map(|(name, fault)| (name, fault.on(operation))).collect()
}

/// Returns the row of one fault. The next vendor is not paid if the call may have landed.
async fn row_of(rig: &Rig, vendor: &str, verification: &Verification, label: &str) -> String {
    let report = rig.run(verification, &applicant()).await;
    let row = row(&report, rig.paid());
    let next = rig.paid() - rig.paid_at(vendor);
    if report.uncertain_calls > 0 {
        assert_eq!(next, 0, "{label}: {row}");
        assert_eq!(state_of(&report, CheckKind::FaceDocument), CheckState::Uncertain, "{label}: {row}");
    }
    let (told, paid) = (u64::from(report.paid_calls), rig.paid());
    assert!((told - u64::from(report.uncertain_calls)..=told).contains(&paid), "{label}: {row}");
    format!("{label} | {row}, {vendor} {}, the next {next}", rig.paid_at(vendor))
}

async fn table(vendor: &'static str, mut cases: Vec<Case>) -> String {
    let mut groups = JoinSet::new();
    while !cases.is_empty() {
        let rest = cases.split_off(cases.len().min(GROUP));
        let (group, number) = (std::mem::replace(&mut cases, rest), groups.len());
        groups.spawn(async move {
            let rig = Rig::new().await;
            let mut rows = Vec::new();
            for (label, queue) in group {
                rig.sandbox.reset();
                assert!(queue(&rig));
                rows.push(row_of(&rig, vendor, &rig.verification(&policy(vendor)), &label).await);
            }
            (number, rows)
        });
    }
    let mut rows = groups.join_all().await;
    rows.sort_unstable();
    rows.into_iter().flat_map(|(_, rows)| rows).collect::<Vec<_>>().join("\n")
}

macro_rules! cases {
    ($vendor:ident, $($operation:ident)+) => {{
        let mut cases: Vec<Case> = Vec::new();
        $(
            let operation = $vendor::Operation::$operation;
            for (name, fault) in faults(operation) {
                let label = format!("{} | {name}", operation.name());
                // What is refused is not done.
                if !name.starts_with('4') {
                    let landed = fault.clone().after_effect();
                    let queue = move |rig: &Rig| rig.sandbox.$vendor().fault(landed.clone());
                    cases.push((format!("{label}, landed"), Box::new(queue)));
                }
                cases.push((label, Box::new(move |rig: &Rig| rig.sandbox.$vendor().fault(fault.clone()))));
            }
        )+
        cases
    }};
}

#[tokio::test]
async fn faults_of_bankly() {
    insta::assert_snapshot!(table("bankly", cases!(bankly, LegacyToken Upload)).await);
}

#[tokio::test]
async fn faults_of_cellere() {
    insta::assert_snapshot!(table("cellere", cases!(cellere, FaceMatch)).await);
}

#[tokio::test]
async fn faults_of_certiface() {
    insta::assert_snapshot!(table("certiface", cases!(certiface, Appkey Captcha Document)).await);
}

#[tokio::test]
async fn faults_of_clearsale() {
    insta::assert_snapshot!(table("clearsale", cases!(clearsale, Login Match)).await);
}

/// ClearSale cannot be asked what became of the call, Bankly can.
#[tokio::test]
async fn a_vendor_that_is_slow_may_have_done_it() {
    async fn slow(vendor: &'static str, label: &str, queue: impl FnOnce(&Rig) -> bool) -> String {
        let rig = Rig::new().await;
        assert!(queue(&rig));
        let options = rig.options().attempt_timeout(Duration::from_secs(5));
        row_of(&rig, vendor, &rig.builder_with(&policy(vendor), &options).build(), label).await
    }
    let compared = || Fault::hang().on(clearsale::Operation::Match);
    let uploaded = || Fault::hang().on(bankly::Operation::Upload);
    let rows = tokio::join!(
        slow("clearsale", "clearsale", |rig| rig.sandbox.clearsale().fault(compared())),
        slow("clearsale", "clearsale, landed", |rig| {
            rig.sandbox.clearsale().fault(compared().after_effect())
        }),
        slow("bankly", "bankly", |rig| rig.sandbox.bankly().fault(uploaded())),
        slow("bankly", "bankly, landed", |rig| rig.sandbox.bankly().fault(uploaded().after_effect())),
    );
    insta::assert_snapshot!([rows.0, rows.1, rows.2, rows.3].join("\n"));
}

#[tokio::test]
async fn a_vendor_without_credits_is_passed_over() {
    let rig = Rig::new().await;
    rig.sandbox.cellere().set_credits(0);
    let report = rig.verify(&policy("cellere")).await;
    let row = row(&report, rig.paid());
    assert_eq!(state_of(&report, CheckKind::FaceDocument), CheckState::Passed, "{row}");
    assert_eq!((rig.paid_at("cellere"), rig.paid_at("clearsale"), report.paid_calls), (0, 1, 1), "{row}");
}

/// The user wrote it, so it is sent once more; and the next vendor is asked if that is lost, too.
#[tokio::test]
async fn a_policy_that_says_repeat_pays_twice_and_tells_so() {
    let policy = FIRST.replace("by =", "uncertain = \"repeat\"\nby =");
    for (lost, paid, told, uncertain) in [(1, 2, 2, 1), (2, 3, 3, 2)] {
        let rig = Rig::new().await;
        let fault = Fault::close().on(clearsale::Operation::Match).after_effect().times(lost);
        rig.sandbox.clearsale().fault(fault);
        let report = rig.verify(&policy).await;
        let row = row(&report, rig.paid());
        assert_eq!(state_of(&report, CheckKind::FaceDocument), CheckState::Passed, "{row}");
        assert_eq!((rig.paid(), report.paid_calls, report.uncertain_calls), (paid, told, uncertain), "{row}");
        assert_eq!(rig.paid_at("cellere"), u64::from(lost == 2), "{row}");
    }
}
