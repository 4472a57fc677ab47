#pragma once

#include <QTest>

#include "workspace/loader.h"

// A workspace as texts, and what the loader says about it.

namespace penstock::testing {

// A few settings of each kind, so that these tests need no connector.
inline SettingCatalog small_catalog() {
  SettingCatalog catalog;
  ConnectorDeclaration simulate;
  simulate.source = {{.name = "system", .required = true, .help = "what is simulated", .choices = {"pos", "inventory"}},
                     {.name = "rate", .type = SettingType::real},
                     {.name = "seed", .type = SettingType::integer},
                     {.name = "format", .fallback = "json"},
                     {.name = "faults", .type = SettingType::list}};
  simulate.is_source = true;
  ConnectorDeclaration kafka;
  kafka.connection = {{.name = "brokers", .required = true, .help = "host:port, …"}, {.name = "sasl", .type = SettingType::map}};
  kafka.source = {{.name = "topic", .required = true, .help = "the topic"}, {.name = "start", .choices = {"earliest", "latest"}}};
  kafka.sink = {{.name = "topic", .required = true, .help = "the topic"}};
  kafka.is_source = kafka.is_sink = true;
  ConnectorDeclaration postgres;
  postgres.connection = {{.name = "host", .required = true, .help = "the server"}, {.name = "port", .type = SettingType::integer},
                         {.name = "user"}, {.name = "password"}, {.name = "timeout", .type = SettingType::duration}};
  postgres.sink = {{.name = "table", .required = true, .help = "schema.table"}};
  postgres.is_sink = true;
  ConnectorDeclaration delta;
  delta.sink = {{.name = "table", .required = true, .help = "layer.name"}, {.name = "file_size", .type = SettingType::bytes}};
  delta.is_sink = true;
  catalog.connectors = {{"simulate", simulate}, {"kafka", kafka}, {"postgres", postgres}, {"delta", delta}};
  catalog.formats = {"json", "csv", "debezium"};
  return catalog;
}

inline LoadResult load(std::map<std::string, std::string> files, const std::string& environment = {}) {
  files.try_emplace("penstock.yaml", "workspace: shop\n");
  return load_workspace(WorkspaceFiles{"/shop", std::move(files)}, environment, small_catalog());
}

// What the loader says about one pipeline file, one line each.
inline QStringList problems_of(const std::string& pipeline) {
  QStringList lines;
  for (const Problem& problem : load({{"pipelines/p.yaml", pipeline}}).problems) lines << QString::fromStdString(problem.to_string());
  return lines;
}

inline QStringList lines_of(const LoadResult& result) {
  QStringList lines;
  for (const Problem& problem : result.problems) lines << QString::fromStdString(problem.to_string());
  return lines;
}

}  // namespace penstock::testing
