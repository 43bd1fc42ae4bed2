//! Cases: begun, leased, listed.

use kyc_core::Timestamp;
use kyc_store::{StoreError, Tag};
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest as _, Sha256};

use super::unknown;
use crate::case::CaseId;
use crate::engine::CaseState;
use crate::ledger::{Begun, CaseFilter, CaseInfo, Lease, LedgerError, Result};

/// A case that is to begin.
pub(super) struct New {
    pub(super) id: CaseId,
    pub(super) own_key: Vec<u8>,
    pub(super) reference: Tag,
    pub(super) applicant: Tag,
    pub(super) person: Tag,
    pub(super) policy: String,
    pub(super) is_forced: bool,
    pub(super) now: i64,
}

impl New {
    pub(super) fn begin(&self, connection: &Connection) -> kyc_store::Result<Result<Begun>> {
        let sql = "SELECT id, applicant FROM cases WHERE reference = ?1";
        let found = connection.prepare_cached(sql)?.query_row([self.reference], pair).optional()?;
        if let Some((id, applicant)) = found {
            let begun = if applicant == self.applicant { Begun::Existing } else { Begun::DifferentBody };
            return Ok(Ok(begun(parse(&id)?)));
        }
        let sql = "SELECT id FROM cases WHERE person = ?1 AND is_open = 1 LIMIT 1";
        let other = connection.prepare_cached(sql)?.query_row([self.person], |row| row.get(0)).optional()?;
        if let Some(other) = other.filter(|_: &String| !self.is_forced) {
            return Ok(Ok(Begun::PersonHasCase(parse(&other)?)));
        }
        let policy: [u8; 32] = Sha256::digest(self.policy.as_bytes()).into();
        let sql = "INSERT INTO policies VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        connection.prepare_cached(sql)?.execute(params![policy, self.policy])?;
        let sql = "INSERT INTO cases (id, reference, applicant, person, own_key, policy, started_at, \
            changed_at, head) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)";
        connection.prepare_cached(sql)?.execute(params![
            self.id.to_string(),
            self.reference,
            self.applicant,
            self.person,
            self.own_key,
            policy,
            self.now,
            first_hash(self.id)
        ])?;
        Ok(Ok(Begun::Fresh(self.id)))
    }
}

fn pair(row: &Row<'_>) -> rusqlite::Result<(String, Tag)> {
    Ok((row.get(0)?, row.get(1)?))
}

/// Returns what stands for the hash before the first record.
pub(super) fn first_hash(id: CaseId) -> [u8; 32] {
    Sha256::digest(id.to_string().as_bytes()).into()
}

pub(super) fn parse(id: &str) -> kyc_store::Result<CaseId> {
    id.parse().map_err(|_| StoreError::Damaged("the id of a case is illegible".to_owned()))
}

pub(super) fn time(millis: i64) -> kyc_store::Result<Timestamp> {
    let illegible = || StoreError::Damaged("a time is out of range".to_owned());
    Timestamp::from_unix_millis(millis).ok_or_else(illegible)
}

pub(super) fn lease(connection: &Connection, lease: &Lease, now: i64) -> kyc_store::Result<Result<Lease>> {
    let sql = "SELECT lease, lease_until, own_key IS NULL FROM cases WHERE id = ?1";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let found = connection.prepare_cached(sql)?.query_row([lease.case.to_string()], read).optional()?;
    let Some((holder, until, is_forgotten)): Option<(Option<[u8; 16]>, Option<i64>, bool)> = found else {
        return unknown(lease.case);
    };
    if is_forgotten {
        return Ok(Err(LedgerError::Forgotten));
    }
    let until = until.unwrap_or(i64::MIN);
    if holder.is_some_and(|holder| holder != lease.token) && until > now {
        return Ok(Err(LedgerError::Leased(time(until)?)));
    }
    // Whoever takes an open case over is at work on it.
    let sql = "UPDATE cases SET lease = ?2, lease_until = ?3, \
        state = CASE WHEN ?4 AND is_open = 1 THEN 'running' ELSE state END WHERE id = ?1";
    let (until, is_taken) = (lease.until.unix_millis(), holder != Some(lease.token));
    connection.prepare_cached(sql)?.execute(params![lease.case.to_string(), lease.token, until, is_taken])?;
    Ok(Ok(lease.clone()))
}

pub(super) fn end_lease(
    connection: &Connection,
    lease: &Lease,
    state: Option<CaseState>,
) -> kyc_store::Result<Result<()>> {
    // A case that is decided has its state from the records.
    let sql = "UPDATE cases SET lease = NULL, lease_until = NULL, \
        state = CASE WHEN is_open = 1 THEN coalesce(?3, state) ELSE state END WHERE id = ?1 AND lease = ?2";
    let state = state.map(CaseState::as_str);
    connection.prepare_cached(sql)?.execute(params![lease.case.to_string(), lease.token, state])?;
    Ok(Ok(()))
}

const INFO: &str = "SELECT id, started_at, changed_at, records, is_open, is_held, own_key IS NULL, review_requested, \
    CASE WHEN is_alert = 1 THEN 'alert' ELSE state END FROM cases";

struct InfoRow {
    id: String,
    times: (i64, i64),
    records: i64,
    flags: (bool, bool, bool, bool),
    state: String,
}

impl InfoRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            times: (row.get(1)?, row.get(2)?),
            records: row.get(3)?,
            flags: (row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?),
            state: row.get(8)?,
        })
    }

    fn info(self) -> kyc_store::Result<CaseInfo> {
        let (is_open, is_held, is_forgotten, is_review_requested) = self.flags;
        Ok(CaseInfo {
            id: parse(&self.id)?,
            started: time(self.times.0)?,
            changed: time(self.times.1)?,
            records: self.records.unsigned_abs(),
            is_open,
            is_held,
            is_forgotten,
            is_review_requested,
            state: self.state.parse().unwrap_or(CaseState::Running),
        })
    }
}

pub(super) fn info(connection: &Connection, case: CaseId) -> kyc_store::Result<Result<CaseInfo>> {
    let sql = format!("{INFO} WHERE id = ?1");
    let row = connection.prepare_cached(&sql)?.query_row([case.to_string()], InfoRow::read).optional()?;
    row.map_or_else(|| unknown(case), |row| row.info().map(Ok))
}

pub(super) fn list(
    connection: &Connection,
    person: Option<Tag>,
    filter: &CaseFilter,
    limit: u32,
) -> kyc_store::Result<Result<Vec<CaseInfo>>> {
    // Each of the conditions has an index; without any the cases are read from the newest on.
    let mut sql =
        format!("{INFO} WHERE seq < coalesce((SELECT seq FROM cases WHERE id = ?1), 9223372036854775807)");
    sql.push_str(if person.is_some() { " AND person = ?2" } else { " AND ?2 IS NULL" });
    sql.push_str(if filter.is_open.is_some() { " AND is_open = ?3" } else { " AND ?3 IS NULL" });
    sql.push_str(match filter.state {
        None => " AND ?4 IS NULL",
        Some(CaseState::Alert) => " AND is_alert = 1 AND ?4 IS NOT NULL",
        Some(_) => " AND state = ?4 AND is_alert = 0",
    });
    if filter.is_review_requested {
        sql.push_str(" AND review_requested = 1");
    }
    sql.push_str(" ORDER BY seq DESC LIMIT ?5");
    let mut statement = connection.prepare_cached(&sql)?;
    let before = filter.before.map(|case| case.to_string());
    let state = filter.state.map(CaseState::as_str);
    let rows = statement.query_map(params![before, person, filter.is_open, state, limit], InfoRow::read)?;
    let mut cases = Vec::new();
    for row in rows {
        cases.push(row?.info()?);
    }
    Ok(Ok(cases))
}

pub(super) fn policy(connection: &Connection, case: CaseId) -> kyc_store::Result<Result<String>> {
    let sql = "SELECT text FROM policies WHERE sha256 = (SELECT policy FROM cases WHERE id = ?1)";
    let text = connection.prepare_cached(sql)?.query_row([case.to_string()], |row| row.get(0)).optional()?;
    text.map_or_else(|| unknown(case), |text| Ok(Ok(text)))
}

pub(super) fn policies(connection: &Connection) -> kyc_store::Result<Result<Vec<String>>> {
    let mut statement = connection.prepare_cached("SELECT text FROM policies ORDER BY sha256")?;
    let texts = statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
    Ok(Ok(texts))
}
