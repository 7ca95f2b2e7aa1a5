-- The embedded store. Every table is STRICT. Numbers of users and conversations are never reused
-- (AUTOINCREMENT). Times are microseconds since 1970-01-01 UTC.
PRAGMA application_id = 0x42414E54;  -- "BANT": how restore knows a Banter database

CREATE TABLE meta (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  email         TEXT    NOT NULL UNIQUE,
  first_name    TEXT    NOT NULL,
  last_name     TEXT    NOT NULL,
  password_hash TEXT    NOT NULL,
  active        INTEGER NOT NULL CHECK (active IN (0, 1)),
  created_at    INTEGER NOT NULL,
  last_login_at INTEGER
) STRICT;

CREATE TABLE conversations (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  created_at INTEGER NOT NULL,
  first_seq  INTEGER NOT NULL DEFAULT 1 CHECK (first_seq >= 1)
) STRICT;

CREATE TABLE members (
  conversation INTEGER NOT NULL REFERENCES conversations (id),
  user         INTEGER NOT NULL REFERENCES accounts (id),
  joined_at    INTEGER NOT NULL,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user, conversation);

-- The logs, in the order of their seqs. The newest events are in `tail` instead, a row for each commit, and
-- are moved here some thousands at a time (docs/decisions/0003-sqlite-store.md). No foreign keys: authors
-- may be deleted, and the conversation of a member exists.
CREATE TABLE events (
  conversation INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  author       INTEGER NOT NULL,
  kind         INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  client_id    TEXT    NOT NULL,  -- empty: the send had none
  payload      BLOB    NOT NULL,
  PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;

-- What is in `events` already is a leftover here.
CREATE TABLE tail (
  id     INTEGER PRIMARY KEY,  -- order of commit
  events BLOB    NOT NULL      -- store/sqlite/commit_record.hpp
) STRICT;

-- Where a client_id of `events` is found: fingerprint is 32 bits of SipHash-2-4 of author and client_id
-- under the key in meta. Not unique: the event itself decides.
CREATE TABLE client_ids (
  conversation INTEGER NOT NULL,
  fingerprint  INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  PRIMARY KEY (conversation, fingerprint, seq)
) STRICT, WITHOUT ROWID;
