//! Bad news that a vendor sends about a person, without naming an operation.

use kyc_core::{CheckKind, Part, Trust, WebhookEvent};
use sha2::{Digest as _, Sha256};

use super::{Read, Result, Verification, VerifyError};
use crate::case::{CaseId, Record};
use crate::json::hex;
use crate::ledger::{Append, CaseFilter};
use crate::model::Outcome;
use crate::report::decision;

/// How many cases of a person are searched, newest first.
const CASES: u32 = 100;

impl Verification {
    /// Finds the case that such an event is about, among those of its person, and writes an alert: nobody can be asked about it, so
    /// a person looks. An event whose sender anybody may be is left alone.
    pub(super) async fn take_news(&self, event: &WebhookEvent) -> Result<Option<CaseId>> {
        if event.trust == Trust::Hint {
            return Ok(None);
        }
        let of_vendor = || self.vendors.iter().filter(|vendor| vendor.verifier.vendor() == event.vendor);
        let Some(person) = of_vendor().find_map(|vendor| vendor.verifier.person_of(event)) else {
            return Ok(None);
        };
        for info in self.ledger.list(&CaseFilter::of(person), CASES).await? {
            let read = match self.read(info.id).await {
                // Nothing was asked yet.
                Err(VerifyError::Incomplete(_)) => continue,
                read => read?,
            };
            for vendor in of_vendor() {
                let steps = read.state.part(&vendor.key);
                let offers = vendor.verifier.offers();
                let checks: Vec<_> = offers.iter().map(|offer| offer.check).collect();
                let part = Part { applicant: &read.applicant, checks: &checks, steps: &steps };
                let checks = vendor.verifier.news(&part, event);
                if !checks.is_empty() {
                    self.check_environment(info.id, &read.state)?;
                    self.alert(info.id, &read, checks, event).await?;
                    return Ok(Some(info.id));
                }
            }
        }
        Ok(None)
    }

    /// Writes an alert, unless there is one, the same event brought one before, the case is refused, or it was decided longer ago
    /// than the policy watches for.
    async fn alert(
        &self,
        case: CaseId,
        read: &Read,
        checks: &[CheckKind],
        event: &WebhookEvent,
    ) -> Result<()> {
        let content = hex(&Sha256::digest(event.payload.expose()));
        if read.state.alerting.contains(&content) {
            return Ok(());
        }
        let decided = decision(&read.state, &read.policy);
        let reviewed = read.state.reviewed.as_ref().and_then(|outcome| outcome.parse().ok());
        let outcome = reviewed.or(decided.as_ref().map(|decided| decided.outcome));
        let now = self.clock.now();
        let is_late = decided.is_some_and(|decided| now.since(decided.at) > read.policy.limits.watch);
        if !read.state.is_alert && !is_late && outcome != Some(Outcome::Refused) {
            self.ledger.append(case, Append::Fact, &Record::alert(checks, Some(content))).await?;
            self.wakers.wake(case);
        }
        Ok(())
    }
}
