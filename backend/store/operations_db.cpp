#include "store/operations_db.h"

namespace penstock {
namespace {

// A migration that has shipped is never edited: what comes after it is a new one.
constexpr Migration kMigrations[] = {
    {1, R"sql(
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  command_id TEXT NOT NULL UNIQUE,
  who TEXT NOT NULL, at INTEGER NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, why TEXT NOT NULL, touches TEXT NOT NULL,
  outcome TEXT NOT NULL DEFAULT '', failed INTEGER NOT NULL DEFAULT 0, ended_at INTEGER NOT NULL DEFAULT 0);
CREATE INDEX audit_open ON audit (number) WHERE ended_at = 0;

CREATE TABLE versions (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  applied_at INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, folder TEXT NOT NULL, digest TEXT NOT NULL);

CREATE TABLE replays (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  pipeline TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL,
  rows_total INTEGER NOT NULL, rows_done INTEGER NOT NULL, rate_limit REAL NOT NULL,
  started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, outcome TEXT NOT NULL,
  from_time INTEGER NOT NULL, to_time INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, plan TEXT NOT NULL);

CREATE TABLE pods (
  name TEXT PRIMARY KEY,
  address TEXT NOT NULL, process_id INTEGER NOT NULL, process_start INTEGER NOT NULL, restarts INTEGER NOT NULL, started_at INTEGER NOT NULL)
  WITHOUT ROWID;

CREATE TABLE resets (
  id TEXT PRIMARY KEY,
  pod TEXT NOT NULL, at INTEGER NOT NULL, ended_at INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
  gap_rows INTEGER NOT NULL, replayed_rows INTEGER NOT NULL, lost_rows INTEGER NOT NULL, doubled_rows INTEGER NOT NULL,
  outcome TEXT NOT NULL, failed INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX resets_by_pod ON resets (pod, at);

-- A million rows are filtered and sorted in 100 ms: what the filters look at stands in narrow rows of its own, apart from the
-- bytes, and names that repeat are kept once.
CREATE TABLE rejected_kind (
  id INTEGER PRIMARY KEY,
  stream TEXT NOT NULL, table_name TEXT NOT NULL, step TEXT NOT NULL, expectation TEXT NOT NULL, source TEXT NOT NULL, reason TEXT NOT NULL,
  UNIQUE (stream, table_name, step, expectation, source, reason));
CREATE TABLE rejected (
  number INTEGER PRIMARY KEY,
  stream TEXT NOT NULL, source TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL, hop INTEGER NOT NULL,
  kind INTEGER NOT NULL REFERENCES rejected_kind (id),
  status INTEGER NOT NULL DEFAULT 0,
  rejected_at INTEGER NOT NULL, source_time INTEGER NOT NULL, raw_bytes INTEGER NOT NULL,
  key_text TEXT NOT NULL, command_id TEXT);
CREATE UNIQUE INDEX rejected_by_id ON rejected (stream, source, partition, offset, hop);
CREATE INDEX rejected_by_time ON rejected (rejected_at DESC, number DESC, status, kind, key_text);
CREATE INDEX rejected_by_key ON rejected (key_text, number, status, kind, rejected_at);
CREATE INDEX rejected_by_kind ON rejected (kind, status, rejected_at, number, key_text);
CREATE INDEX rejected_kind_by_reason ON rejected_kind (reason, id);
CREATE INDEX rejected_by_command ON rejected (command_id) WHERE command_id IS NOT NULL;
CREATE TABLE rejected_bytes (
  number INTEGER PRIMARY KEY REFERENCES rejected (number),
  raw BLOB NOT NULL, key BLOB NOT NULL, headers TEXT NOT NULL, row_values TEXT NOT NULL);
)sql"},
    {2, R"sql(
CREATE TABLE mutes (
  pipeline TEXT NOT NULL, step TEXT NOT NULL, expectation TEXT NOT NULL,
  at INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
  PRIMARY KEY (pipeline, step, expectation)) WITHOUT ROWID;
)sql"},
    {3, R"sql(
CREATE TABLE rejected_keys (first INTEGER PRIMARY KEY, rows INTEGER NOT NULL, keys BLOB NOT NULL);
)sql"},
    {4, R"sql(
CREATE TABLE leases (stream TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE scales (stream TEXT PRIMARY KEY, pods INTEGER NOT NULL, declared INTEGER NOT NULL) WITHOUT ROWID;
)sql"},
};

}  // namespace

Result<std::unique_ptr<Database>> open_operations_db(const std::string& path) {
  return Database::open(path, Database::Durability::full, kMigrations);
}

}  // namespace penstock
