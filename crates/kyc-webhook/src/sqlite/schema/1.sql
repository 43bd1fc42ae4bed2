-- What is known of an event without its content. A row outlives its content, since it tells duplicates. Tags are
-- HMACs under the index key.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of arrival, and the position of waiters
    id BLOB NOT NULL,
    source TEXT NOT NULL,
    vendor TEXT NOT NULL,
    event_type TEXT NOT NULL,
    trust INTEGER NOT NULL,
    is_final INTEGER NOT NULL,
    received_at INTEGER NOT NULL, -- milliseconds since 1970, as all times
    event_tag BLOB,               -- of the vendor's id, if there is one
    lane BLOB NOT NULL,           -- the tag of the subject
    body_tag BLOB NOT NULL,
    person BLOB,                  -- the tag of the person, until it is forgotten
    state INTEGER NOT NULL,       -- 0 new, 1 retrying, 2 done, 3 dead, 4 unexpected
    generation INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER,               -- when it may be claimed
    parked INTEGER,               -- in place of due_at, while another event of the lane is at work
    working INTEGER,              -- 1 while a handler is at work
    reason BLOB,                  -- sealed
    whole INTEGER NOT NULL DEFAULT 1 -- 0 when the content is deleted
);
CREATE UNIQUE INDEX events_id ON events(id);
CREATE UNIQUE INDEX events_tag ON events(event_tag) WHERE event_tag IS NOT NULL;
CREATE INDEX events_lane ON events(lane, seq);
CREATE INDEX events_state ON events(state, seq);
CREATE INDEX events_person ON events(person, seq) WHERE person IS NOT NULL;
CREATE INDEX events_whole ON events(received_at, seq) WHERE whole = 1;
CREATE INDEX events_due ON events(due_at, seq) WHERE due_at IS NOT NULL;
CREATE INDEX events_parked ON events(lane, seq, parked) WHERE parked IS NOT NULL;
CREATE INDEX events_working ON events(lane) WHERE working IS NOT NULL;

-- What was received: sealed, in rows of its own, so that a change of state does not write it again.
CREATE TABLE contents (
    seq INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    content_type BLOB,
    query BLOB,
    operations BLOB NOT NULL
);

CREATE TABLE event_operations (
    seq INTEGER NOT NULL,
    operation BLOB NOT NULL,
    PRIMARY KEY (seq, operation)
) WITHOUT ROWID;
CREATE INDEX event_operations_by_operation ON event_operations(operation, seq);

CREATE TABLE expected (
    operation BLOB PRIMARY KEY,
    until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX expected_until ON expected(until);

CREATE TABLE citations (
    seq INTEGER NOT NULL,
    case_tag BLOB NOT NULL,
    case_name BLOB NOT NULL, -- sealed
    PRIMARY KEY (seq, case_tag)
) WITHOUT ROWID;
CREATE INDEX citations_by_case ON citations(case_tag);

-- The number of events in each state, so that nothing has to count them.
CREATE TABLE counts (state INTEGER PRIMARY KEY, n INTEGER NOT NULL);
INSERT INTO counts VALUES (0, 0), (1, 0), (2, 0), (3, 0), (4, 0);

CREATE TRIGGER events_inserted AFTER INSERT ON events BEGIN
    UPDATE counts SET n = n + 1 WHERE state = new.state;
END;
CREATE TRIGGER events_moved AFTER UPDATE OF state ON events WHEN old.state <> new.state BEGIN
    UPDATE counts SET n = n - 1 WHERE state = old.state;
    UPDATE counts SET n = n + 1 WHERE state = new.state;
END;
CREATE TRIGGER events_deleted AFTER DELETE ON events BEGIN
    UPDATE counts SET n = n - 1 WHERE state = old.state;
    DELETE FROM contents WHERE seq = old.seq;
    DELETE FROM event_operations WHERE seq = old.seq;
END;
