// The tables that the steps of a stream look into: what columns they have, and what they hold now.

#include <algorithm>

#include "base/log.h"
#include "sql/join_plan.h"
#include "stream/kept_contracts.h"
#include "stream/stream_program.h"

namespace penstock {
namespace {

const SinkSpec* landing_of(const StreamSpec& stream, const std::string& table) {
  const auto found = std::find_if(stream.sinks.begin(), stream.sinks.end(), [&](const SinkSpec& sink) { return sink.kind == "delta" && sink.table == table; });
  return found == stream.sinks.end() ? nullptr : &*found;
}

}  // namespace

// Those that the step has that lands it: the table itself may not be there yet.
Result<SchemaPtr> StreamProgram::columns_of_table(const LookupSpec& lookup, const StreamSpec& spec, const StreamConnectors& connectors, std::int64_t memory_bytes,
                                                  std::vector<std::string> asking) const {
  if (lookup.table.starts_with("ref.")) {
    auto columns = session_->columns(lookup.table);
    if (!columns.ok()) return Error(ErrorKind::not_found, columns.error().message, "a file seeds/" + lookup.table.substr(4) + ".csv", lookup.table_at.to_string());
    return columns;
  }
  if (const SinkSpec* landing = landing_of(spec, lookup.table))
    if (const auto step = find_step(landing->from)) return kept_columns(*steps_[*step]->output_schema());
  asking.push_back(spec.name);
  for (const StreamSpec& other : connectors.launch->workspace->streams) {
    if (!landing_of(other, lookup.table) || std::find(asking.begin(), asking.end(), other.name) != asking.end()) continue;
    StreamLaunch launch = *connectors.launch;
    launch.stream = other.name;
    launch = with_kept_contracts(std::move(launch));
    const StreamSpec* with_contracts = launch.workspace->find_stream(other.name);
    StreamConnectors of_other = connectors;
    of_other.launch = &launch;
    const auto program = compile(*with_contracts, of_other, memory_bytes, asking);
    if (!program.ok()) break;
    const auto step = (*program)->find_step(landing_of(*with_contracts, lookup.table)->from);
    if (step) return kept_columns(*(*program)->steps_[*step]->output_schema());
  }
  if (catalog_->table_look()) {
    const auto now = catalog_->table_look()(tables_root_, lookup.table, *parquet_);
    if (now.ok()) return kept_columns(*now->schema);
    if (now.error().kind != ErrorKind::not_found) return now.error();
  }
  return Error(ErrorKind::failed_precondition, "the columns of " + lookup.table + " are not known: the table is not there, and nothing tells what it will have",
               "start the stream that lands it first, or give its source a contract", lookup.table_at.to_string());
}

Status StreamProgram::load_lookups(bool seeds) {
  for (const auto& step : steps_) {
    LookupStep* lookup = step->lookup();
    if (!lookup) continue;
    if (!lookup->spec().table.starts_with("ref.")) {
      PENSTOCK_TRY(load_lookup(*lookup, looked_up_.try_emplace(step->spec().name, -1).first->second));
    } else if (seeds) {
      const std::string& table = lookup->spec().table;
      PENSTOCK_ASSIGN(std::vector<Batch> rows, session_->query("SELECT * FROM ref.\"" + table.substr(4) + "\""));
      for (Batch& batch : rows) batch = conform(batch, lookup->table_schema());
      lookup->load(std::move(rows));
    }
  }
  return {};
}

// Where it has another version than the last time.
Status StreamProgram::load_lookup(LookupStep& lookup, std::int64_t& version) {
  if (!catalog_->table_look() || !catalog_->table_reader()) return {};
  const auto now = catalog_->table_look()(tables_root_, lookup.spec().table, *parquet_);
  if (!now.ok() && now.error().kind == ErrorKind::not_found) return {};      // nothing has come that far yet
  if (!now.ok()) return now.error();
  if (now->version == version) return {};
  for (const Field& field : lookup.table_schema()->fields())
    if (const auto column = now->schema->find(field.name); column && (*now->schema)[*column].type != field.type)
      return Error(ErrorKind::failed_precondition, "'" + field.name + "' of " + lookup.spec().table + " is " + (*now->schema)[*column].type.sql_name() + ", not " + field.type.sql_name(),
                   "start the stream again", lookup.spec().table_at.to_string());
  std::vector<Batch> rows;
  PENSTOCK_TRY(catalog_->table_reader()(tables_root_, lookup.spec().table, "", *parquet_, [&](const Batch& batch) -> Status {
    rows.push_back(conform(batch, lookup.table_schema()));
    return {};
  }));
  lookup.load(std::move(rows));
  version = now->version;
  return {};
}

}  // namespace penstock
