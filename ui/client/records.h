#pragma once

// What is written down and looked up: logs, audit, lineage, the workspace and its connections.

#include <QString>
#include <QStringList>
#include <vector>

#include "client/time.h"

namespace penstock::ui {

struct LogEntry {
  Instant at;
  QString level;                // trace, debug, info, warning, error
  QString origin;               // pod or "engine"
  QString text;
};

struct AuditEntry {
  QString commandId;
  QString who;
  Instant at;
  QString action;
  QString target;
  QString why;
  QString touches;
  QString outcome;              // empty while it runs
  bool failed = false;
};

struct AuditPage {
  std::vector<AuditEntry> entries;      // newest first
  qint64 total = 0;
};

struct LineageNode {
  QString id;
  QString label;
  QString kind;                 // source, step, table, sink, seed, quarantine, dead_letters
  QString technology;
  QString pipeline;             // empty for tables read by several
  QString step;
  int layer = 0;                // 0 sources, 1 bronze, 2 silver, 3 gold, 4 sinks
  QStringList columns;
};

struct LineageEdge {
  QString from;
  QString to;
  QString pipeline;
};

struct LineageGraph {
  qint64 version = 0;
  std::vector<LineageNode> nodes;
  std::vector<LineageEdge> edges;
};

struct WorkspaceConnection {
  QString name;
  QString kind;
  QString endpoint;             // without secrets
  QStringList usedBy;
};

struct ConnectionTest {
  bool reached = false;
  QString message;
  Micros took{};
};

struct ContractVersion {
  qint64 version = 0;           // 0: the file that the workspace declares
  Instant keptAt;               // unknown: it is declared
  QStringList columns;          // "qty INTEGER"
  QStringList added;            // against the version before; one that has changed is in both
  QStringList removed;
  QString backward;             // may it follow the version before: "yes", "no"; empty: not comparable
  QString forward;
};

struct SourceContracts {
  QString source;
  QString declared;             // empty: inferred
  QString format;
  std::vector<ContractVersion> versions;        // oldest first
  QString drift;                // fail, quarantine, evolve
};

struct NodeColumn {
  QString name;
  QString type;                 // may be empty
  QString expression;           // empty: taken as it is
};

struct ColumnEdge {
  QString fromNode;
  QString fromColumn;
  QString toNode;
  QString toColumn;
  QString how;                  // same, computed, aggregated
};

struct ColumnTrace {
  std::vector<NodeColumn> columns;
  std::vector<ColumnEdge> edges;        // of all ways up and down
  QStringList untraced;         // nodes where ways end because their columns are not known
};

}  // namespace penstock::ui
