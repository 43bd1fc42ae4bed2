-- Tags are HMACs under the index key. What is personal is sealed under the case's own key.
CREATE TABLE cases (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they began
    id TEXT NOT NULL,
    reference BLOB NOT NULL,   -- the tag of the caller's reference; it outlives forgetting
    applicant BLOB NOT NULL,   -- the tag of everything that was handed in first
    person BLOB,               -- the tag of the CPF, until it is forgotten
    own_key BLOB,              -- sealed; null once it is forgotten
    policy BLOB NOT NULL,
    started_at INTEGER NOT NULL, -- milliseconds since 1970, as all times
    changed_at INTEGER NOT NULL,
    is_open INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL DEFAULT 'running', -- for lists; what the case waits for is noted by the one who ran it
    is_alert INTEGER NOT NULL DEFAULT 0, -- bad news came, and nobody has looked at it
    is_held INTEGER NOT NULL DEFAULT 0,
    records INTEGER NOT NULL DEFAULT 0,
    head BLOB NOT NULL,        -- the hash of the newest record
    lease BLOB,
    lease_until INTEGER
);
CREATE UNIQUE INDEX cases_id ON cases(id);
CREATE UNIQUE INDEX cases_reference ON cases(reference);
CREATE INDEX cases_person ON cases(person, is_open) WHERE person IS NOT NULL;
CREATE INDEX cases_open ON cases(is_open, seq);
CREATE INDEX cases_state ON cases(state, seq);
CREATE INDEX cases_alert ON cases(seq) WHERE is_alert = 1;

-- Paid intents that have no answer yet.
CREATE TABLE in_flight (
    case_seq INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    vendor TEXT NOT NULL,
    PRIMARY KEY (case_seq, seq)
) WITHOUT ROWID;

CREATE TABLE policies (sha256 BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE records (
    case_seq INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    open TEXT NOT NULL,        -- JSON without anything personal
    private BLOB,              -- sealed
    private_hash BLOB,         -- of the sealed bytes, so that the hashes hold after they are deleted
    hash BLOB NOT NULL,
    PRIMARY KEY (case_seq, seq)
) WITHOUT ROWID;

-- By which intents are found.
CREATE TABLE operations (
    tag BLOB PRIMARY KEY,
    case_seq INTEGER NOT NULL,
    seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX operations_case ON operations(case_seq);

CREATE TABLE blobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
    case_seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    stored_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX blobs_id ON blobs(id);
CREATE INDEX blobs_case ON blobs(case_seq, seq);
CREATE INDEX blobs_stored ON blobs(stored_at, seq);

-- The chunks of a blob come before its row: chunks without one were left by a process that ended.
CREATE TABLE chunks (
    blob BLOB NOT NULL,
    n INTEGER NOT NULL,
    case_seq INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (blob, n)
);
CREATE INDEX chunks_case ON chunks(case_seq);
