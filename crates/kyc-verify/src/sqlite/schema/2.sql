-- Whether the person asked for a person to review the case, and nobody has decided it since.
ALTER TABLE cases ADD COLUMN review_requested INTEGER NOT NULL DEFAULT 0;
CREATE INDEX cases_requested ON cases(seq) WHERE review_requested = 1;
