//! The audit trail, and issuing: a token exists when its record does, and never for a stale view of who may have it.

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, CompanyId, Record, RecordColumns, ResourceServerId};

use crate::Store;
use crate::db::{Row, Sql, Tx, Value};
use crate::decode::Reader;
use crate::error::Result;
use crate::{params, statements};

macro_rules! audit_columns {
    () => {
        "at, event, actor_kind, actor_id, subject_kind, subject_id, company_id, address, request_id, outcome, \
         detail, count, content_hash"
    };
}
pub(crate) use audit_columns;

macro_rules! issue {
    () => {
        concat!(
            "INSERT INTO audit (",
            audit_columns!(),
            ") SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 \
             FROM clients c CROSS JOIN resource_servers r \
             WHERE c.id = $14 AND c.version = $15 AND c.disabled_at IS NULL AND r.id = $16 AND r.version = $17 \
             AND (CAST($18 AS TEXT) IS NULL \
                  OR EXISTS (SELECT 1 FROM signing_keys k WHERE k.kid = $18 AND k.state = 'active'))"
        )
    };
}

statements! {
    pub(crate) APPEND_AUDIT = concat!(
        "INSERT INTO audit (", audit_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    );
    pub(crate) LIST_AUDIT =
        concat!("SELECT seq, ", audit_columns!(), " FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2");
    /// Newest first. Nobody asks this but an operator, so no index is kept for it while tokens are issued. Of refusals
    /// that were counted together, the request ids stand in the detail.
    pub(crate) FIND_AUDIT_BY_REQUEST = concat!(
        "SELECT seq, ", audit_columns!(), " FROM audit WHERE request_id = $1 OR (count > 1 AND replace(detail, $2, '') <> detail) \
         ORDER BY seq DESC LIMIT $3"
    );
    pub(crate) LATEST_AUDIT =
        concat!("SELECT seq, ", audit_columns!(), " FROM audit ORDER BY seq DESC LIMIT $1");
    /// The last place; 0 if there is none.
    pub(crate) LAST_SEQ = "SELECT COALESCE(MAX(seq), 0) FROM audit";
    pub(crate) RECORD_ISSUE = concat!(issue!(), " RETURNING seq");
    pub(crate) RECORD_ISSUE_FOR_COMPANY = concat!(
        issue!(),
        " AND EXISTS (SELECT 1 FROM companies o WHERE o.id = $19 AND o.version = $20 AND o.disabled_at IS NULL) \
         RETURNING seq"
    );
}

/// A token about to be issued: the versions that the decision was made on, and its audit record.
#[derive(Clone, Debug)]
pub struct Issue {
    /// To whom.
    pub client_id: ClientId,
    /// The client's version when it was read.
    pub client_version: i64,
    /// For which API.
    pub resource_server_id: ResourceServerId,
    /// The API's version when it was read.
    pub resource_server_version: i64,
    /// The company in the token, with its version when it was read.
    pub company: Option<(CompanyId, i64)>,
    /// The key that signed it; `None` for a token that nothing signs.
    pub kid: Option<String>,
    /// The record of it.
    pub record: Record,
}

/// Whether a token may be handed out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IssueOutcome {
    /// It may: its record is durable.
    Recorded,
    /// It may not: client, API or company changed, was disabled or is gone, or the key signs no more. Read them again
    /// and decide again.
    Stale,
}

/// An audit record as it is stored. Words stay text, so that a damaged or newer record can still be shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredRecord {
    /// Its place.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: String,
    /// Who: the kind of actor.
    pub actor_kind: String,
    /// Who: the id, where there is one.
    pub actor_id: Option<String>,
    /// On what: the kind of subject.
    pub subject_kind: Option<String>,
    /// On what: the id.
    pub subject_id: Option<String>,
    /// For which company.
    pub company_id: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// The request that it belongs to.
    pub request_id: Option<String>,
    /// `success`, or why not.
    pub outcome: String,
    /// Further facts, as JSON text.
    pub detail: String,
    /// How many events it stands for.
    pub count: i64,
    /// The hash that was stored with it.
    pub content_hash: Vec<u8>,
}

impl Store {
    /// Records a token as issued, if and only if client, API and company are still what the decision was made on, and
    /// the key that signed it still signs.
    ///
    /// # Errors
    /// When the database does not answer: then no token may be handed out.
    pub async fn record_issue(&self, issue: Issue) -> Result<IssueOutcome> {
        let (sql, values) = issuing(&issue);
        let rows = self.db.write_one(sql, values).await?;
        Ok(if rows.is_empty() { IssueOutcome::Stale } else { IssueOutcome::Recorded })
    }

    /// Records what changed nothing else that is stored; durable when it returns.
    ///
    /// # Errors
    /// When the database does not answer: then none was recorded.
    pub async fn record(&self, records: &[Record]) -> Result<()> {
        match records {
            [] => Ok(()),
            [record] => {
                self.db.write_one(APPEND_AUDIT, values_of(record).into()).await?;
                Ok(())
            }
            _ => {
                self.change(records.to_vec(), |tx, records| {
                    Box::pin(async move { append(tx, records).await })
                })
                .await
            }
        }
    }

    /// Up to `limit` records after the place `after_seq`, oldest first.
    ///
    /// On PostgreSQL places are taken when a record is written and shown when it is committed, so for a moment a
    /// lower one may still be missing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_audit(&self, after_seq: i64, limit: i64) -> Result<Vec<StoredRecord>> {
        let rows = self.db.list(LIST_AUDIT, &params![after_seq, limit]).await?;
        rows.iter().map(stored_record).collect()
    }

    /// Up to `limit` records of one request, newest first: its own, and those of refusals counted together with it.
    /// A `request_id` that is none of ours, letters and digits, belongs to no record.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_audit_of_request(&self, request_id: &str, limit: i64) -> Result<Vec<StoredRecord>> {
        if request_id.is_empty() || !request_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(Vec::new());
        }
        let listed = format!("\"{request_id}\"");
        let rows = self.db.list(FIND_AUDIT_BY_REQUEST, &params![request_id, listed, limit]).await?;
        rows.iter().map(stored_record).collect()
    }

    /// The last `limit` records, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn latest_audit(&self, limit: i64) -> Result<Vec<StoredRecord>> {
        let rows = self.db.list(LATEST_AUDIT, &params![limit]).await?;
        rows.iter().map(stored_record).collect()
    }
}

impl StoredRecord {
    /// Whether the record is still what was written: its columns hash to the hash that was stored with them.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.content_hash == self.columns().content_hash()
    }

    fn columns(&self) -> RecordColumns<'_> {
        RecordColumns {
            at: self.at.as_millis(),
            event: &self.event,
            actor_kind: &self.actor_kind,
            actor_id: self.actor_id.as_deref(),
            subject_kind: self.subject_kind.as_deref(),
            subject_id: self.subject_id.as_deref(),
            company_id: self.company_id.as_deref(),
            address: self.address.as_deref(),
            request_id: self.request_id.as_deref(),
            outcome: &self.outcome,
            detail: &self.detail,
            count: self.count,
        }
    }
}

/// The statement that records a token as issued, and yields a row only if it may be.
pub(crate) fn issuing(issue: &Issue) -> (Sql, Vec<Value>) {
    let mut values = Vec::with_capacity(20);
    values.extend(values_of(&issue.record));
    values.extend(params![
        issue.client_id.as_str(),
        issue.client_version,
        issue.resource_server_id.as_str(),
        issue.resource_server_version,
        issue.kid.as_deref(),
    ]);
    match &issue.company {
        None => (RECORD_ISSUE, values),
        Some((company, version)) => {
            values.extend(params![company.as_str(), *version]);
            (RECORD_ISSUE_FOR_COMPANY, values)
        }
    }
}

/// Writes records in the transaction of what they record.
pub(crate) async fn append(tx: &mut Tx<'_>, records: &[Record]) -> Result<()> {
    for record in records {
        tx.exec(APPEND_AUDIT, &values_of(record)).await?;
    }
    Ok(())
}

fn values_of(record: &Record) -> [Value; 13] {
    let detail = record.detail_text();
    let columns = record.columns(&detail);
    params![
        columns.at,
        columns.event,
        columns.actor_kind,
        columns.actor_id,
        columns.subject_kind,
        columns.subject_id,
        columns.company_id,
        columns.address,
        columns.request_id,
        columns.outcome,
        columns.detail,
        columns.count,
        columns.content_hash(),
    ]
}

/// Reads a place and its record.
pub(crate) fn stored_record(row: &Row) -> Result<StoredRecord> {
    let mut read = Reader::new(row, "audit");
    Ok(StoredRecord {
        seq: read.int("seq")?,
        at: read.at("at")?,
        event: read.string("event")?,
        actor_kind: read.string("actor_kind")?,
        actor_id: read.opt_string("actor_id")?,
        subject_kind: read.opt_string("subject_kind")?,
        subject_id: read.opt_string("subject_id")?,
        company_id: read.opt_string("company_id")?,
        address: read.opt_string("address")?,
        request_id: read.opt_string("request_id")?,
        outcome: read.string("outcome")?,
        detail: read.string("detail")?,
        count: read.int("count")?,
        content_hash: read.blob("content_hash")?,
    })
}
