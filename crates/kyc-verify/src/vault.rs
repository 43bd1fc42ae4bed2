//! The trait of the vault: what applicants handed in.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use kyc_core::{Applicant, Cpf, Date, DocumentKind, IdentityDocument, Media, Pii, Timestamp};
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
    /// The state of the cases.
    pub state: CaseState,
    /// How many pictures they have.
    pub count: u64,
}

impl Pictures {
    /// Creates a count.
    #[must_use]
    pub fn new(policy: [u8; 32], is_held: bool, state: CaseState, count: u64) -> Self {
        Self { policy, is_held, state, count }
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
    /// alert. Returns how many.
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
    put_frames(vault, case, applicant, applicant.capture.clone()).await
}

/// Stores the frames of a capture in place of those before.
pub(crate) async fn put_frames(
    vault: &dyn Vault,
    case: CaseId,
    applicant: &Applicant,
    frames: Vec<Media>,
) -> Result<()> {
    for frame in &frames {
        vault.put(case, BlobKind::Frame, frame.bytes().clone()).await?;
    }
    let document = applicant.document.as_ref();
    let said = Said {
        cpf: applicant.cpf.digits().to_owned(),
        name: applicant.name.as_ref().map(|name| name.expose().clone()),
        birth_date: applicant.birth_date.as_ref().map(|date| date.expose().to_iso8601()),
        document: document.map(|document| document.kind.as_str().to_owned()),
        frames: frames.len(),
    };
    let said = serde_json::to_vec(&said).map_err(|_| illegible())?;
    vault.put(case, BlobKind::Applicant, said.into()).await.map(drop)
}

/// Reads what an applicant handed in last. `None` if not everything was stored before the program ended.
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
    applicant.selfie = picture(vault, case, newest(&blobs, BlobKind::Selfie)).await?;
    if let (Some(kind), Some(front)) =
        (said.document, picture(vault, case, newest(&blobs, BlobKind::Front)).await?)
    {
        let mut document = IdentityDocument::new(DocumentKind::from(kind.as_str()), front);
        document.back = picture(vault, case, newest(&blobs, BlobKind::Back)).await?;
        applicant.document = Some(document);
    }
    let frames = blobs[..place].iter().filter(|blob| blob.kind == BlobKind::Frame);
    let newest: Vec<_> = frames.rev().take(said.frames).collect();
    for frame in newest.into_iter().rev() {
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
