//! Events as rows.

use bytes::Bytes;
use kyc_core::{OperationId, RawBody, Timestamp, Trust};
use kyc_store::{Cipher, Result, StoreError};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::event::{Content, EventId, EventInfo, EventState, StoredEvent};

/// The columns of [`Row::info`], from `events`.
pub(super) const INFO: &str = "events.seq, events.id, source, vendor, event_type, trust, is_final, received_at, state, \
    generation, attempts, coalesce(due_at, parked), reason";

/// The columns of [`Row::whole`], from `events LEFT JOIN contents USING (seq)`.
pub(super) const WHOLE: &str = "events.seq, events.id, source, vendor, event_type, trust, is_final, received_at, \
    state, generation, attempts, coalesce(due_at, parked), reason, body, content_type, query, operations";

/// An event as it is read, sealed.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) seq: i64,
    info: EventInfo,
    reason: Option<Vec<u8>>,
    content: Option<SealedContent>,
}

/// The columns of `contents`.
#[derive(Clone)]
pub(super) struct SealedContent {
    pub(super) body: Vec<u8>,
    pub(super) content_type: Option<Vec<u8>>,
    pub(super) query: Option<Vec<u8>>,
    pub(super) operations: Vec<u8>,
}

impl Row {
    pub(super) fn info(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let info = EventInfo {
            id: row.get(1)?,
            source: row.get(2)?,
            vendor: row.get(3)?,
            event_type: row.get(4)?,
            trust: trust_of(row.get(5)?),
            is_final: row.get(6)?,
            received_at: row.get::<_, Millis>(7)?.0,
            state: row.get(8)?,
            generation: row.get(9)?,
            attempts: row.get(10)?,
            due_at: row.get::<_, Option<Millis>>(11)?.map(|due| due.0),
            reason: None,
        };
        Ok(Self { seq: row.get(0)?, info, reason: row.get(12)?, content: None })
    }

    pub(super) fn whole(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let mut read = Self::info(row)?;
        if let Some(body) = row.get(13)? {
            let (content_type, query, operations) = (row.get(14)?, row.get(15)?, row.get(16)?);
            read.content = Some(SealedContent { body, content_type, query, operations });
        }
        Ok(read)
    }

    pub(super) fn id(&self) -> EventId {
        self.info.id
    }

    pub(super) fn source(&self) -> &str {
        &self.info.source
    }

    pub(super) fn attempts(&self) -> u32 {
        self.info.attempts
    }

    pub(super) fn generation(&self) -> u32 {
        self.info.generation
    }

    /// Opens what is known without the content.
    pub(super) fn open_info(self, cipher: &Cipher) -> Result<EventInfo> {
        let id = self.info.id;
        let reason =
            self.reason.map(|reason| cipher.open_text(id.as_bytes(), "reason", reason)).transpose()?;
        Ok(EventInfo { reason, ..self.info })
    }

    /// Opens the whole event.
    pub(super) fn open(mut self, cipher: &Cipher) -> Result<StoredEvent> {
        let content = self.content.take();
        let info = self.open_info(cipher)?;
        let Some(sealed) = content else { return Ok(StoredEvent::new(info, Vec::new(), None)) };
        let text = |column, sealed: Option<Vec<u8>>| {
            sealed.map(|sealed| cipher.open_text(info.id.as_bytes(), column, sealed)).transpose()
        };
        let content = Content {
            content_type: text("content_type", sealed.content_type)?,
            query: text("query", sealed.query)?,
            body: RawBody::new(Bytes::from(cipher.open(info.id.as_bytes(), "body", sealed.body)?)),
        };
        let operations = cipher.open(info.id.as_bytes(), "operations", sealed.operations)?;
        let operations: Vec<OperationId> = serde_json::from_slice(&operations)
            .map_err(|_| StoreError::Damaged("the operations of an event are illegible".to_owned()))?;
        Ok(StoredEvent::new(info, operations, Some(content)))
    }
}

impl SealedContent {
    /// Seals the content of an event.
    pub(super) fn seal(
        cipher: &Cipher,
        id: EventId,
        content: &Content,
        operations: &[OperationId],
    ) -> Result<Self> {
        let text = |column, text: &Option<String>| {
            text.as_ref().map(|text| cipher.seal(id.as_bytes(), column, text.as_bytes())).transpose()
        };
        let operations = serde_json::to_vec(operations)
            .map_err(|_| StoreError::Failed("the operations of an event cannot be written".to_owned()))?;
        Ok(Self {
            body: cipher.seal(id.as_bytes(), "body", content.body.expose())?,
            content_type: text("content_type", &content.content_type)?,
            query: text("query", &content.query)?,
            operations: cipher.seal(id.as_bytes(), "operations", &operations)?,
        })
    }
}

impl ToSql for EventId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes())))
    }
}

impl FromSql for EventId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 16]>::column_result(value).map(Self::from_bytes)
    }
}

impl ToSql for EventState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(state_code(*self)))
    }
}

impl FromSql for EventState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_i64()? {
            0 => Ok(Self::New),
            1 => Ok(Self::Retrying),
            2 => Ok(Self::Done),
            3 => Ok(Self::Dead),
            4 => Ok(Self::Unexpected),
            other => Err(FromSqlError::OutOfRange(other)),
        }
    }
}

pub(super) fn state_code(state: EventState) -> i64 {
    match state {
        EventState::New => 0,
        EventState::Retrying => 1,
        EventState::Done => 2,
        EventState::Dead => 3,
        EventState::Unexpected => 4,
    }
}

pub(super) fn trust_code(trust: Trust) -> i64 {
    match trust {
        Trust::KnownPeer => 1,
        Trust::SharedSecret => 2,
        Trust::Signed => 3,
        // A degree that this release does not know counts as the least.
        _ => 0,
    }
}

fn trust_of(code: i64) -> Trust {
    match code {
        1 => Trust::KnownPeer,
        2 => Trust::SharedSecret,
        3 => Trust::Signed,
        _ => Trust::Hint,
    }
}

/// An instant, as milliseconds since 1970.
pub(super) struct Millis(pub(super) Timestamp);

impl FromSql for Millis {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let millis = value.as_i64()?;
        Timestamp::from_unix_millis(millis).map(Self).ok_or(FromSqlError::OutOfRange(millis))
    }
}
