//! Everything that is kept of a case, as JSON.

use kyc_core::{Applicant, DocumentKind, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Result, Verification, VerifyError};
use crate::case::{CaseId, Entry};
use crate::json::hex;
use crate::vault::BlobKind;

/// Whether an export holds what is personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// It does not: neither what the person said, nor references, answers, or who decided.
    Omitted,
    /// It does, readable by everyone who gets the export.
    InClear,
}

impl Verification {
    /// Returns everything that is kept of a case: the report, what the person said, every record, the policy, and the SHA-256 of
    /// each picture. The content of the pictures is not in it.
    ///
    /// # Errors
    /// There is no such case, it is incomplete, or the store failed.
    pub async fn export(&self, case: CaseId, personal: Personal) -> Result<Value> {
        let report = self.show(case).await?;
        let is_clear = personal == Personal::InClear;
        let records: Vec<_> = report.timeline.iter().map(|entry| record(entry, is_clear)).collect();
        let applicant = report.applicant.as_ref().filter(|_| is_clear).map(said);
        Ok(json!({
            "report": report.to_json(),
            "reference": report.reference.expose().filter(|_| is_clear),
            "applicant": applicant,
            "records": records,
            "pictures": self.pictures(case).await?,
            "policy": report.policy.text(),
            // Of a case that was changed there is none.
            "head": self.ledger.verify(case).await.ok().map(|head| hex(&head)),
        }))
    }

    async fn pictures(&self, case: CaseId) -> Result<Vec<Value>> {
        let mut pictures = Vec::new();
        for blob in self.vault.blobs(case).await? {
            if blob.kind != BlobKind::Applicant {
                let content = self.vault.get(case, blob.id).await.map_err(VerifyError::from)?;
                pictures.push(json!({
                    "kind": blob.kind.as_str(),
                    "bytes": blob.bytes,
                    "stored": blob.stored.to_rfc3339(),
                    "sha256": hex(&Sha256::digest(&content)),
                }));
            }
        }
        Ok(pictures)
    }
}

fn record(entry: &Entry, is_clear: bool) -> Value {
    let mut value = serde_json::to_value(&entry.record).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        if !is_clear {
            fields.remove("private");
        }
        fields.insert("seq".to_owned(), entry.seq.into());
        fields.insert("at".to_owned(), Timestamp::to_rfc3339(entry.at).into());
    }
    value
}

fn said(applicant: &Applicant) -> Value {
    json!({
        "cpf": applicant.cpf.digits(),
        "name": applicant.name.as_ref().map(|name| name.expose()),
        "birth_date": applicant.birth_date.as_ref().map(|date| date.expose().to_iso8601()),
        "document": applicant.document.as_ref().map(|document| DocumentKind::as_str(&document.kind)),
    })
}
