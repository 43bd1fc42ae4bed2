//! The ledger and the vault in a SQLite file.

mod blobs;
mod cases;
mod owner;
mod records;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use kyc_core::{Applicant, Clock, OperationId, SystemClock, Timestamp};
use kyc_store::{
    Cipher, KeyRing, Meaning, Protection, Readers, Schema, StoreError, Tag, Writer, load, prepare, random,
};
use rusqlite::Connection;

use self::cases::New;
use self::owner::Owner;
use crate::case::{CaseId, Entry, Record, Statement};
use crate::engine::CaseState;
use crate::ledger::{Append, Begun, CaseFilter, CaseInfo, Lease, Ledger, LedgerError, NewCase, Result};
use crate::vault::{BlobId, BlobInfo, BlobKind, Deleted, Pictures, Vault};

/// The tables. The number reads "KYCV".
const SCHEMA: Schema = Schema {
    application: 0x4b59_4356,
    steps: &[include_str!("sqlite/schema/1.sql"), include_str!("sqlite/schema/2.sql")],
};

/// The ledger and the vault in one SQLite file. Clones share it, and any number of processes may use the file at the same time, on
/// one machine.
///
/// Everything personal is encrypted under a key for each case, and these keys under yours. People are found by hashes that nobody
/// can compute without the file's keys. Names of vendors, steps and rules, outcomes and times are not encrypted.
#[derive(Clone)]
pub struct SqliteStore {
    path: Arc<PathBuf>,
    cipher: Arc<Cipher>,
    clock: Arc<dyn Clock>,
    writer: Arc<Writer>,
    readers: Readers,
    owner: Arc<Owner>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Opens a [`SqliteStore`].
#[derive(Clone, Debug)]
#[must_use]
pub struct SqliteStoreBuilder {
    path: PathBuf,
    protection: Option<Protection>,
    clock: Arc<dyn Clock>,
    max_pages: Option<u32>,
}

impl SqliteStoreBuilder {
    /// Encrypts everything personal under these keys.
    pub fn keys(mut self, keys: KeyRing) -> Self {
        self.protection = Some(Protection::Keys(keys));
        self
    }

    /// Writes everything in plain text, readable by everyone who can read the file or a backup of it.
    pub fn plain_text(mut self) -> Self {
        self.protection = Some(Protection::PlainText);
        self
    }

    /// Sets the clock: the system's by default.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Limits the file, so that a test can fill it.
    #[doc(hidden)]
    pub fn max_pages(mut self, pages: u32) -> Self {
        self.max_pages = Some(pages);
        self
    }

    /// Opens the file, and creates it if there is none. It blocks for a short time. Cases that were run by a process that has ended
    /// can be resumed at once.
    ///
    /// # Errors
    /// The file cannot be opened or created, is of another kind, was written by a newer release, is protected by another key, or
    /// cannot promise to survive a power loss.
    pub fn open(self) -> std::result::Result<SqliteStore, StoreError> {
        let protection = self.protection.ok_or_else(|| {
            StoreError::WrongKey("none was given: pass a key, or choose plain text by name".to_owned())
        })?;
        let mut connection = prepare(&self.path, &SCHEMA)?;
        let cipher = load(&mut connection, &protection)?;
        if let Some(pages) = self.max_pages {
            connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        }
        let owner = Owner::new(&self.path)?;
        owner::release_the_dead(&self.path, &connection);
        Ok(SqliteStore {
            owner: Arc::new(owner),
            cipher: Arc::new(cipher),
            clock: self.clock,
            writer: Arc::new(Writer::start(self.path.clone(), connection, SCHEMA)?),
            readers: Readers::new(self.path.clone()),
            path: Arc::new(self.path),
        })
    }
}

impl SqliteStore {
    /// Begins to open the store in that file. Choose how it is protected: by [keys](SqliteStoreBuilder::keys) or
    /// [not at all](SqliteStoreBuilder::plain_text).
    pub fn builder(path: impl Into<PathBuf>) -> SqliteStoreBuilder {
        SqliteStoreBuilder {
            path: path.into(),
            protection: None,
            clock: Arc::new(SystemClock),
            max_pages: None,
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().unix_millis()
    }

    /// Writes. An `Err` within the `Ok` must come before the first change, since the transaction is committed with others.
    async fn write<T: Send + 'static>(
        &self,
        apply: impl FnMut(&Connection) -> kyc_store::Result<Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.writer.run(apply, |_| {}).await?
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> kyc_store::Result<Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.readers.read(read).await?
    }

    /// Returns the tag of everything that an applicant handed in, computed on a thread for blocking work.
    async fn digest(&self, applicant: &Applicant) -> Result<Tag> {
        let (cipher, applicant) = (Arc::clone(&self.cipher), applicant.clone());
        let cut_off = |_| StoreError::Failed("the digest of an applicant was cut off".to_owned());
        Ok(tokio::task::spawn_blocking(move || digest(&cipher, &applicant)).await.map_err(cut_off)?)
    }
}

fn digest(cipher: &Cipher, applicant: &Applicant) -> Tag {
    let birth_date = applicant.birth_date.as_ref().map(|date| date.expose().to_iso8601());
    let document = applicant.document.as_ref();
    let back = document.and_then(|document| document.back.as_ref());
    let mut parts = vec![
        applicant.cpf.digits().as_bytes(),
        applicant.name.as_ref().map_or(b"", |name| name.expose().as_bytes()),
        birth_date.as_ref().map_or(b"", |date| date.as_bytes()),
        applicant.selfie.as_ref().map_or(b"", |media| media.bytes()),
        document.map_or(b"", |document| document.kind.as_str().as_bytes()),
        document.map_or(b"", |document| document.front.bytes()),
        back.map_or(b"", |media| media.bytes()),
    ];
    parts.extend(applicant.capture.iter().map(|frame| frame.bytes().as_ref()));
    cipher.tag(Meaning::Applicant, &parts)
}

#[async_trait]
impl Ledger for SqliteStore {
    async fn begin(&self, case: &NewCase<'_>) -> Result<Begun> {
        let id = CaseId::from_random(*random()?);
        let new = New {
            id,
            own_key: self.cipher.new_own_key(id.to_string().as_bytes())?,
            reference: self.cipher.tag(Meaning::Reference, &[case.reference.as_bytes()]),
            applicant: self.digest(case.applicant).await?,
            person: self.cipher.person(&case.applicant.cpf),
            policy: case.policy.to_owned(),
            is_forced: case.is_forced,
            now: self.now(),
        };
        self.write(move |connection| new.begin(connection)).await
    }

    async fn lease(&self, case: CaseId, renews: Option<&Lease>, time: Duration) -> Result<Lease> {
        let now = self.clock.now();
        let token = renews.map_or_else(|| self.owner.new_token(), |lease| Ok(lease.token))?;
        let (lease, is_new) = (Lease::new(case, token, now.saturating_add(time)), renews.is_none());
        let lease = self.write(move |connection| cases::lease(connection, &lease, now.unix_millis())).await?;
        if is_new {
            self.owner.took();
        }
        Ok(lease)
    }

    async fn end_lease(&self, lease: &Lease, state: Option<CaseState>) -> Result<()> {
        let lease = lease.clone();
        self.write(move |connection| cases::end_lease(connection, &lease, state)).await?;
        self.owner.gave_back();
        Ok(())
    }

    async fn append(&self, case: CaseId, by: Append<'_>, record: &Record) -> Result<u64> {
        let by = match by {
            Append::After(lease, seq) => (Some(lease.token), Some(seq)),
            Append::FactAfter(seq) => (None, Some(seq)),
            Append::Fact => (None, None),
        };
        let (cipher, record, now) = (Arc::clone(&self.cipher), record.clone(), self.now());
        self.write(move |connection| records::append(connection, &cipher, case, by, &record, now)).await
    }

    async fn records(&self, case: CaseId) -> Result<Vec<Entry>> {
        let cipher = Arc::clone(&self.cipher);
        self.read(move |connection| records::all(connection, &cipher, case)).await
    }

    async fn info(&self, case: CaseId) -> Result<CaseInfo> {
        self.read(move |connection| cases::info(connection, case)).await
    }

    async fn list(&self, filter: &CaseFilter, limit: u32) -> Result<Vec<CaseInfo>> {
        let person = filter.person.as_ref().map(|cpf| self.cipher.person(cpf));
        let filter = CaseFilter { person: None, ..filter.clone() };
        self.read(move |connection| cases::list(connection, person, &filter, limit)).await
    }

    async fn policy(&self, case: CaseId) -> Result<String> {
        self.read(move |connection| cases::policy(connection, case)).await
    }

    async fn policies(&self) -> Result<Vec<String>> {
        self.read(cases::policies).await
    }

    async fn find(&self, operation: &OperationId) -> Result<Option<(CaseId, u64)>> {
        let tag = records::operation_tag(&self.cipher, operation);
        self.read(move |connection| records::find(connection, tag)).await
    }

    async fn verify(&self, case: CaseId) -> Result<[u8; 32]> {
        self.read(move |connection| records::verify(connection, case)).await
    }
}

#[async_trait]
impl Vault for SqliteStore {
    async fn put(&self, case: CaseId, kind: BlobKind, content: Bytes) -> Result<BlobId> {
        let id = BlobId(*random()?);
        for (n, range) in blobs::ranges(content.len()).enumerate() {
            let (cipher, chunk) = (Arc::clone(&self.cipher), content.slice(range));
            self.write(move |connection| blobs::put_chunk(connection, &cipher, case, id, n, &chunk)).await?;
        }
        let (bytes, now) = (content.len(), self.now());
        self.write(move |connection| blobs::finish(connection, case, id, kind, bytes, now)).await?;
        Ok(id)
    }

    async fn get(&self, case: CaseId, blob: BlobId) -> Result<Bytes> {
        let cipher = Arc::clone(&self.cipher);
        self.read(move |connection| blobs::get(connection, &cipher, case, blob)).await
    }

    async fn blobs(&self, case: CaseId) -> Result<Vec<BlobInfo>> {
        self.read(move |connection| blobs::list(connection, case)).await
    }

    async fn forget(&self, case: CaseId) -> Result<Deleted> {
        let (cipher, now) = (Arc::clone(&self.cipher), self.now());
        self.write(move |connection| blobs::forget(connection, &cipher, case, now)).await
    }

    async fn hold(&self, case: CaseId, is_held: bool, statement: Statement) -> Result<()> {
        let (cipher, now) = (Arc::clone(&self.cipher), self.now());
        self.write(move |connection| {
            records::hold(connection, &cipher, case, is_held, statement.clone(), now)
        })
        .await
    }

    async fn purge(&self, policy: [u8; 32], stored_before: Timestamp) -> Result<u64> {
        let before = stored_before.unix_millis();
        let (mut deleted, mut from) = (0, blobs::Place::default());
        loop {
            let purged = self.write(move |connection| blobs::purge(connection, policy, before, from)).await?;
            deleted += purged.deleted;
            match purged.next {
                Some(next) => from = next,
                None => return Ok(deleted),
            }
        }
    }

    async fn pictures(&self) -> Result<Vec<Pictures>> {
        self.read(blobs::pictures).await
    }
}

/// Returns the error of a case that is not there.
fn unknown<T>(case: CaseId) -> kyc_store::Result<Result<T>> {
    Ok(Err(LedgerError::UnknownCase(case)))
}
