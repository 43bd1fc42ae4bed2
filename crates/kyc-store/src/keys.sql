-- Keys, each encrypted under a key of the user: one for tags (purpose 'index'), the others for content ('data').
-- In a file in plain text the key for tags stands alone, and `wrapped_by` is null.
CREATE TABLE keys (
    id INTEGER PRIMARY KEY,
    purpose TEXT NOT NULL,
    wrapped_by TEXT,
    wrapped BLOB NOT NULL
);
CREATE UNIQUE INDEX keys_index ON keys(purpose) WHERE purpose = 'index';
