//! What is kept of cases: listed, held, deleted, checked.

use std::collections::BTreeMap;

use kyc_core::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{CaseState, Result, Verification};
use crate::case::{CaseId, Statement};
use crate::ledger::{CaseFilter, CaseInfo, LedgerError};
use crate::model::Outcome;
use crate::policy::Policy;
use crate::vault::{Deleted, Pictures};
use crate::words::worded;

/// How many cases are read at a time.
const PAGE: u32 = 500;

worded! {
    /// Why pictures are kept.
    #[derive(PartialOrd, Ord)]
    pub enum KeptBecause: "kept" {
        /// Somebody holds their cases.
        Held = "held", "os casos estão retidos", "their cases are held";
        /// Their cases are not decided.
        Open = "open", "os casos não estão decididos", "their cases are not decided";
        /// Bad news came about their cases, and nobody has looked at it.
        Alert = "alert", "os casos estão em alerta", "their cases are in alert";
        /// The persons asked for a review that nobody has made.
        ReviewRequested = "review_requested", "há pedidos de revisão sem resposta", "reviews that were asked for are not made";
        /// The time that the policy states is not over.
        NotDue = "not_due", "o prazo da política não passou", "the policy's time is not over";
        /// The policy says nothing of deleting.
        NoRule = "no_rule", "a política não manda apagar", "the policy says nothing of deleting";
        /// This release cannot read the policy.
        PolicyUnread = "policy_unread",
            "esta versão não consegue ler a política", "this release cannot read the policy";
    }
}

/// What a run of the retention deleted, and what it left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// How many pictures were deleted.
    pub deleted: u64,
    /// How many pictures are kept, and why.
    pub kept: BTreeMap<KeptBecause, u64>,
}

/// What a check of the ledger found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// How many cases were checked.
    pub cases: u64,
    /// How many records they have.
    pub records: u64,
    /// The cases whose records were changed, and the first position that is wrong.
    pub tampered: Vec<(CaseId, u64)>,
    /// The hash of the newest record, if one case was checked and is sound: keep it elsewhere to prove later that nothing was
    /// changed since.
    pub head: Option<[u8; 32]>,
}

impl Verification {
    /// Returns cases, newest first, with the state in which they were left.
    ///
    /// # Errors
    /// The store failed.
    pub async fn list(&self, filter: &CaseFilter, limit: u32) -> Result<Vec<CaseInfo>> {
        Ok(self.ledger.list(filter, limit).await?)
    }

    /// Deletes the pictures that the policies of their cases no longer keep: those of cases that are decided and neither held
    /// nor in alert, and of which no person asked for a review. Nothing else is deleted, and nothing at all where the policy has no `[retain]`.
    ///
    /// # Errors
    /// The store failed.
    pub async fn retain(&self) -> Result<Retention> {
        let now = self.clock.now().unix_millis();
        let mut rules = BTreeMap::new();
        let mut retention = Retention::default();
        for text in self.ledger.policies().await? {
            let sha256: [u8; 32] = Sha256::digest(text.as_bytes()).into();
            let rule = match Policy::from_toml(&text) {
                Ok(policy) => policy.retain_pictures.ok_or(KeptBecause::NoRule),
                Err(_) => Err(KeptBecause::PolicyUnread),
            };
            if let Ok(kept) = rule {
                let before = i64::try_from(kept.as_millis()).ok().and_then(|kept| now.checked_sub(kept));
                if let Some(before) = before.and_then(Timestamp::from_unix_millis) {
                    retention.deleted += self.vault.purge(sha256, before).await?;
                }
            }
            rules.insert(sha256, rule.err().unwrap_or(KeptBecause::NotDue));
        }
        for pictures in self.vault.pictures().await? {
            *retention.kept.entry(why(&pictures, &rules)).or_default() += pictures.count;
        }
        Ok(retention)
    }

    /// Deletes everything personal of a case. What stays verifies as before: that steps were sent, what was decided, when, and
    /// under which policy; and the reference, so that it is not paid again by mistake.
    ///
    /// # Errors
    /// The case is held or run right now, there is none, or the store failed.
    pub async fn forget(&self, case: CaseId) -> Result<Deleted> {
        Ok(self.vault.forget(case).await?)
    }

    /// Holds a case, so that nothing of it is deleted until it is released.
    ///
    /// # Errors
    /// The case is forgotten, there is none, or the store failed.
    pub async fn hold(&self, case: CaseId, statement: Statement) -> Result<()> {
        Ok(self.vault.hold(case, true, statement).await?)
    }

    /// Releases a case that is held.
    ///
    /// # Errors
    /// The case is forgotten, there is none, or the store failed.
    pub async fn release(&self, case: CaseId, statement: Statement) -> Result<()> {
        Ok(self.vault.hold(case, false, statement).await?)
    }

    /// Checks the hashes of one case, or of all, and tells where records were changed.
    ///
    /// # Errors
    /// There is no such case, or the store failed.
    pub async fn check(&self, case: Option<CaseId>) -> Result<Checked> {
        let mut checked = Checked::default();
        if let Some(case) = case {
            let info = self.ledger.info(case).await?;
            checked.head = self.check_one(&info, &mut checked).await?;
            return Ok(checked);
        }
        let mut filter = CaseFilter::default();
        loop {
            let page = self.ledger.list(&filter, PAGE).await?;
            for info in &page {
                self.check_one(info, &mut checked).await?;
            }
            match page.last() {
                Some(last) => filter = CaseFilter::default().after(last.id),
                None => return Ok(checked),
            }
        }
    }

    async fn check_one(&self, info: &CaseInfo, checked: &mut Checked) -> Result<Option<[u8; 32]>> {
        checked.cases += 1;
        checked.records += info.records;
        match self.ledger.verify(info.id).await {
            Ok(head) => Ok(Some(head)),
            Err(LedgerError::Tampered { case, seq }) => {
                checked.tampered.push((case, seq));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn why(pictures: &Pictures, rules: &BTreeMap<[u8; 32], KeptBecause>) -> KeptBecause {
    match pictures.state {
        _ if pictures.is_held => KeptBecause::Held,
        CaseState::Alert => KeptBecause::Alert,
        _ if pictures.is_review_requested => KeptBecause::ReviewRequested,
        CaseState::Decided(Outcome::Approved | Outcome::Refused) => {
            rules.get(&pictures.policy).copied().unwrap_or(KeptBecause::PolicyUnread)
        }
        _ => KeptBecause::Open,
    }
}
