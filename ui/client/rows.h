#pragma once

// Rows as the engine hands them out: query results, rejected rows and where they came from.

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <QVariant>
#include <vector>

#include "client/time.h"

namespace penstock::ui {

struct Column {
  QString name;
  QString type;                 // DuckDB's name: "VARCHAR", "TIMESTAMP WITH TIME ZONE", …
};

// An invalid QVariant is NULL; bool, qlonglong, double, QString, QByteArray and, for times, an Instant.
using Cells = std::vector<QVariant>;

struct Position {
  QString source;
  int partition = 0;
  qint64 offset = 0;
};

// Which rejected rows: a filter with exceptions, so that "all but 3" needs no list of all.
struct RejectedFilter {
  QString stream;               // empty: all
  QString table;                // quarantine, dead_letters; empty: both
  QString expectation;
  Instant fromTime;             // when they were rejected; unknown: open
  Instant toTime;
  QString text;                 // in key or reason
  QString status;               // open (also when empty), redriven, discarded, all
  QStringList onlyIds;
  QStringList exceptIds;
};

struct RejectedRow {
  QString id;
  QString stream;
  QString table;
  QString step;
  QString expectation;
  QString reason;
  QString key;
  Position origin;
  Instant sourceTime;
  Instant rejectedAt;
  int hop = 0;
  QString status;
  Cells values;
  qint64 rawBytes = 0;
};

struct RejectedPage {
  std::vector<RejectedRow> rows;
  qint64 total = 0;             // that the filter matches
  std::vector<Column> columns;  // of RejectedRow::values; empty where the rows are of several steps
};

struct JourneyStop {
  QString node;                 // lineage id
  QString label;
  QString detail;
  QString state;                // "passed", "rejected", "never reached"
  Instant at;
};

struct RejectedJourney {
  RejectedRow row;
  std::vector<JourneyStop> stops;
  QByteArray raw;               // as it came, first 1 MiB
  QString headers;              // JSON
  std::vector<Column> columns;
};

struct Diagnosis {
  QString sentence;
  QString seed;                 // empty: no seed concerned
  QStringList missingKeys;
  qint64 openRows = 0;
  qint64 wouldPass = 0;
};

struct Seed {
  QString name;
  QString path;
  QByteArray csv;
  QString revision;             // of what was read; a write of another revision is refused
};

// A piece of a query's result: first the columns, then rows, last `done`.
struct QueryPart {
  std::vector<Column> columns;
  std::vector<Cells> rows;
  bool done = false;
  qint64 totalRows = 0;
  bool truncated = false;
  Micros took{};
};

struct QueryObject {
  QString name;
  QString kind;                 // table, step, seed
  std::vector<Column> columns;
};

}  // namespace penstock::ui

Q_DECLARE_METATYPE(penstock::ui::Instant)
