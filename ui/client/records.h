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

}  // namespace penstock::ui
