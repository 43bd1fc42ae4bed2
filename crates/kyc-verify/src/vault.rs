//! The trait of the vault: what applicants handed in.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use kyc_core::{Applicant, Cpf, Date, DocumentKind, IdentityDocument, Media, Pii, RetakeItem, Timestamp};
use kyc_store::StoreError;
use serde::{Deserialize, Serialize};

use crate::case::{CaseId, Statement};
use crate::engine::CaseState;
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

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deleted {
    /// Blobs that were deleted.
    pub blobs: u64,
    /// Records whose personal part was deleted. The records stay, without it: that a step was sent, what was decided, and when.
    pub records: u64,
}

/// Pictures that are kept, of cases that have something in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pictures {
    /// The SHA-256 of the text of the cases' policy.
    pub policy: [u8; 32],
    /// Whether the cases are held.
    pub is_held: bool,
    /// Whether their persons asked for a review that nobody has made.
    pub is_review_requested: bool,
    /// The state of the cases.
    pub state: CaseState,
    /// How many pictures they have.
    pub count: u64,
}

impl Pictures {
    /// Creates a count.
    #[must_use]
    pub fn new(policy: [u8; 32], is_held: bool, state: CaseState, count: u64) -> Self {
        Self { policy, is_held, is_review_requested: false, state, count }
    }
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
    /// `IsHeld`, `Leased` while the case is run, `UnknownCase`, or the store failed.
    async fn forget(&self, case: CaseId) -> Result<Deleted>;

    /// Holds a case, so that nothing of it is deleted, or releases it.
    ///
    /// # Errors
    /// `UnknownCase`, or the store failed.
    async fn hold(&self, case: CaseId, is_held: bool, statement: Statement) -> Result<()>;

    /// Deletes the pictures that were stored before a time, of cases under one policy that are decided and neither held nor in
    /// alert, and of which no person asked for a review. Returns how many.
    ///
    /// # Errors
    /// The store failed.
    async fn purge(&self, policy: [u8; 32], stored_before: Timestamp) -> Result<u64>;

    /// Counts the pictures that are kept.
    ///
    /// # Errors
    /// The store failed.
    async fn pictures(&self) -> Result<Vec<Pictures>>;
}

/// What a person said, without pictures.
#[derive(Serialize, Deserialize)]
struct Said {
    cpf: String,
    name: Option<String>,
    birth_date: Option<String>,
    document: Option<String>,
    /// Whether there is a picture of the face, and of the other side of the document. The answers of vendors are read in view of it,
    /// also once the pictures are deleted.
    #[serde(default)]
    selfie: bool,
    #[serde(default)]
    back: bool,
    /// The number of frames of the capture: the newest ones that were stored before.
    #[serde(default)]
    frames: usize,
}

/// Stores what an applicant handed in. What they said comes last: a case that has it is complete, and frames of a capture
/// count only with it.
pub(crate) async fn put_applicant(vault: &dyn Vault, case: CaseId, applicant: &Applicant) -> Result<()> {
    let document = applicant.document.as_ref();
    let pictures = [
        (BlobKind::Selfie, applicant.selfie.as_ref()),
        (BlobKind::Front, document.map(|document| &document.front)),
        (BlobKind::Back, document.and_then(|document| document.back.as_ref())),
    ];
    for (kind, media) in pictures {
        if let Some(media) = media {
            vault.put(case, kind, media.bytes().clone()).await?;
        }
    }
    for frame in &applicant.capture {
        vault.put(case, BlobKind::Frame, frame.bytes().clone()).await?;
    }
    put_said(vault, case, applicant).await
}

/// Stores what an applicant said, and which pictures count with it. Frames of a capture are those that were stored last.
pub(crate) async fn put_said(vault: &dyn Vault, case: CaseId, applicant: &Applicant) -> Result<()> {
    let document = applicant.document.as_ref();
    let said = Said {
        cpf: applicant.cpf.digits().to_owned(),
        name: applicant.name.as_ref().map(|name| name.expose().clone()),
        birth_date: applicant.birth_date.as_ref().map(|date| date.expose().to_iso8601()),
        document: document.map(|document| document.kind.as_str().to_owned()),
        selfie: applicant.has(RetakeItem::Selfie),
        back: applicant.has(RetakeItem::Back),
        frames: applicant.capture.len(),
    };
    let said = serde_json::to_vec(&said).map_err(|_| illegible())?;
    vault.put(case, BlobKind::Applicant, said.into()).await.map(drop)
}

/// Stores what a person handed in anew: one picture, or all frames of a capture.
pub(crate) async fn put_again(
    vault: &dyn Vault,
    case: CaseId,
    mut applicant: Applicant,
    item: RetakeItem,
    media: Vec<Media>,
) -> Result<()> {
    let kind = match item {
        RetakeItem::Selfie => BlobKind::Selfie,
        RetakeItem::Front => BlobKind::Front,
        RetakeItem::Back => BlobKind::Back,
        _ => BlobKind::Frame,
    };
    for media in &media {
        vault.put(case, kind, media.bytes().clone()).await?;
    }
    match (kind, &mut applicant.document) {
        (BlobKind::Frame, _) => applicant.capture = media,
        (BlobKind::Selfie, _) => applicant.selfie = media.last().cloned().or(applicant.selfie),
        (BlobKind::Back, Some(document)) => document.back = media.last().cloned().or(document.back.take()),
        _ => {}
    }
    put_said(vault, case, &applicant).await
}

/// Reads what an applicant handed in last. `None` if not everything was stored before the program ended. For pictures that were deleted
/// there is something in their place that no vendor takes.
pub(crate) async fn applicant(vault: &dyn Vault, case: CaseId) -> Result<Option<Applicant>> {
    let blobs = vault.blobs(case).await?;
    let Some(place) = blobs.iter().rposition(|blob| blob.kind == BlobKind::Applicant) else {
        return Ok(None);
    };
    let said = vault.get(case, blobs[place].id).await?;
    let said: Said = serde_json::from_slice(&said).map_err(|_| illegible())?;
    let mut applicant = Applicant::new(Cpf::parse(&said.cpf).map_err(|_| illegible())?);
    applicant.name = said.name.map(Pii::new);
    applicant.birth_date = said.birth_date.and_then(|date| Date::parse(&date).ok()).map(Pii::new);
    applicant.selfie = picture(vault, case, newest(&blobs, BlobKind::Selfie), said.selfie).await?;
    let front = picture(vault, case, newest(&blobs, BlobKind::Front), said.document.is_some()).await?;
    if let Some((kind, front)) = said.document.zip(front) {
        let mut document = IdentityDocument::new(DocumentKind::from(kind.as_str()), front);
        document.back = picture(vault, case, newest(&blobs, BlobKind::Back), said.back).await?;
        applicant.document = Some(document);
    }
    let frames = blobs[..place].iter().filter(|blob| blob.kind == BlobKind::Frame);
    let newest: Vec<_> = frames.rev().take(said.frames).collect();
    let deleted = said.frames.saturating_sub(newest.len());
    applicant.capture.extend(std::iter::repeat_n(gone()?, deleted));
    for frame in newest.into_iter().rev() {
        applicant.capture.extend(picture(vault, case, Some(frame), true).await?);
    }
    Ok(Some(applicant))
}

/// Returns an applicant without what stands for pictures that were deleted.
pub(crate) fn with_what_is_kept(mut applicant: Applicant, blobs: &[BlobInfo]) -> Applicant {
    let has = |kind| newest(blobs, kind).is_some();
    applicant.selfie = applicant.selfie.filter(|_| has(BlobKind::Selfie));
    applicant.document = applicant.document.filter(|_| has(BlobKind::Front));
    if let Some(document) = &mut applicant.document {
        document.back = document.back.take().filter(|_| has(BlobKind::Back));
    }
    let frames = blobs.iter().filter(|blob| blob.kind == BlobKind::Frame).count();
    let deleted = applicant.capture.len().saturating_sub(frames);
    applicant.capture.drain(..deleted);
    applicant
}

fn newest(blobs: &[BlobInfo], kind: BlobKind) -> Option<&BlobInfo> {
    blobs.iter().rfind(|blob| blob.kind == kind)
}

/// Returns what stands for a picture that was deleted.
fn gone() -> Result<Media> {
    Media::new(&b"deleted"[..]).map_err(|_| illegible())
}

async fn picture(
    vault: &dyn Vault,
    case: CaseId,
    blob: Option<&BlobInfo>,
    was_there: bool,
) -> Result<Option<Media>> {
    let Some(blob) = blob else { return was_there.then(gone).transpose() };
    let media = Media::new(vault.get(case, blob.id).await?).map_err(|_| illegible())?;
    Ok(Some(media))
}

fn illegible() -> crate::ledger::LedgerError {
    StoreError::Damaged("what an applicant handed in is illegible".to_owned()).into()
}
