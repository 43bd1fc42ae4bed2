//! The trait of the vault: what applicants handed in.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use kyc_core::{Applicant, Cpf, Date, DocumentKind, IdentityDocument, Media, Pii, Timestamp};
use kyc_store::StoreError;
use serde::{Deserialize, Serialize};

use crate::case::{CaseId, Statement};
use crate::ledger::Result;

/// What a blob is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BlobKind {
    /// What the person said, as JSON.
    Applicant,
    /// The picture of the face.
    Selfie,
    /// The side of the document with the face.
    Front,
    /// The other side.
    Back,
    /// A frame of a capture; there may be several.
    Frame,
}

kyc_core::named!(
    BlobKind,
    "blob",
    Applicant = "applicant",
    Selfie = "selfie",
    Front = "front",
    Back = "back",
    Frame = "frame"
);

/// The id of a blob. It is random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlobId(pub(crate) [u8; 16]);

/// A blob, in lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobInfo {
    /// The id.
    pub id: BlobId,
    /// What it is.
    pub kind: BlobKind,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was stored.
    pub stored: Timestamp,
}

/// What was deleted, and what stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deleted {
    /// Blobs that were deleted.
    pub blobs: u64,
    /// Records whose personal part was deleted. The records stay, without it: that a step was sent, what was decided, and when.
    pub records: u64,
    /// Blobs that were left, because their cases are held or still open.
    pub left: u64,
}

/// What applicants handed in, encrypted under a key for each case.
#[async_trait]
pub trait Vault: fmt::Debug + Send + Sync {
    /// Stores a blob. It is durable when this returns.
    ///
    /// # Errors
    /// `UnknownCase`, `Forgotten`, or the store failed.
    async fn put(&self, case: CaseId, kind: BlobKind, content: Bytes) -> Result<BlobId>;

    /// Returns the content of a blob.
    ///
    /// # Errors
    /// There is none, it was changed, or the store failed.
    async fn get(&self, case: CaseId, blob: BlobId) -> Result<Bytes>;

    /// Returns the blobs of a case, oldest first.
    ///
    /// # Errors
    /// The store failed.
    async fn blobs(&self, case: CaseId) -> Result<Vec<BlobInfo>>;

    /// Deletes everything personal of a case. The key goes with it, so that copies of the file tell nothing either, once the
    /// user's key is changed or lost.
    ///
    /// # Errors
    /// `IsHeld`, `UnknownCase`, or the store failed.
    async fn forget(&self, case: CaseId) -> Result<Deleted>;

    /// Holds a case, so that nothing of it is deleted, or releases it.
    ///
    /// # Errors
    /// `UnknownCase`, or the store failed.
    async fn hold(&self, case: CaseId, is_held: bool, statement: Statement) -> Result<()>;

    /// Deletes the pictures that were stored before a time, of cases that are decided and not held.
    ///
    /// # Errors
    /// The store failed.
    async fn purge(&self, stored_before: Timestamp) -> Result<Deleted>;
}

/// What a person said, without pictures.
#[derive(Serialize, Deserialize)]
struct Said {
    cpf: String,
    name: Option<String>,
    birth_date: Option<String>,
    document: Option<String>,
}

/// Stores what an applicant handed in. What they said comes last: a case that has it is complete.
pub(crate) async fn put_applicant(vault: &dyn Vault, case: CaseId, applicant: &Applicant) -> Result<()> {
    let document = applicant.document.as_ref();
    let pictures = [
        (BlobKind::Selfie, applicant.selfie.as_ref()),
        (BlobKind::Front, document.map(|document| &document.front)),
        (BlobKind::Back, document.and_then(|document| document.back.as_ref())),
    ];
    let frames = applicant.capture.iter().map(|frame| (BlobKind::Frame, Some(frame)));
    for (kind, media) in pictures.into_iter().chain(frames) {
        if let Some(media) = media {
            vault.put(case, kind, media.bytes().clone()).await?;
        }
    }
    let said = Said {
        cpf: applicant.cpf.digits().to_owned(),
        name: applicant.name.as_ref().map(|name| name.expose().clone()),
        birth_date: applicant.birth_date.as_ref().map(|date| date.expose().to_iso8601()),
        document: document.map(|document| document.kind.as_str().to_owned()),
    };
    let said = serde_json::to_vec(&said).map_err(|_| illegible())?;
    vault.put(case, BlobKind::Applicant, said.into()).await.map(drop)
}

/// Reads what an applicant handed in last. `None` if not everything was stored before the program ended.
pub(crate) async fn applicant(vault: &dyn Vault, case: CaseId) -> Result<Option<Applicant>> {
    let blobs = vault.blobs(case).await?;
    let Some(said) = newest(&blobs, BlobKind::Applicant) else { return Ok(None) };
    let said: Said = serde_json::from_slice(&vault.get(case, said.id).await?).map_err(|_| illegible())?;
    let mut applicant = Applicant::new(Cpf::parse(&said.cpf).map_err(|_| illegible())?);
    applicant.name = said.name.map(Pii::new);
    applicant.birth_date = said.birth_date.and_then(|date| Date::parse(&date).ok()).map(Pii::new);
    applicant.selfie = picture(vault, case, newest(&blobs, BlobKind::Selfie)).await?;
    if let (Some(kind), Some(front)) =
        (said.document, picture(vault, case, newest(&blobs, BlobKind::Front)).await?)
    {
        let mut document = IdentityDocument::new(DocumentKind::from(kind.as_str()), front);
        document.back = picture(vault, case, newest(&blobs, BlobKind::Back)).await?;
        applicant.document = Some(document);
    }
    for frame in blobs.iter().filter(|blob| blob.kind == BlobKind::Frame) {
        applicant.capture.extend(picture(vault, case, Some(frame)).await?);
    }
    Ok(Some(applicant))
}

fn newest(blobs: &[BlobInfo], kind: BlobKind) -> Option<&BlobInfo> {
    blobs.iter().rfind(|blob| blob.kind == kind)
}

async fn picture(vault: &dyn Vault, case: CaseId, blob: Option<&BlobInfo>) -> Result<Option<Media>> {
    let Some(blob) = blob else { return Ok(None) };
    let media = Media::new(vault.get(case, blob.id).await?).map_err(|_| illegible())?;
    Ok(Some(media))
}

fn illegible() -> crate::ledger::LedgerError {
    StoreError::Damaged("what an applicant handed in is illegible".to_owned()).into()
}
