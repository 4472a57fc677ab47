#pragma once

// What a connector folder gives: its settings as data, and factories. One object per kind, registered at the
// composition root; nothing else in Penstock knows a technology by name.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/settings.h"
#include "io/codec.h"
#include "io/parquet.h"
#include "io/model.h"
#include "io/schema_registry.h"
#include "io/sink.h"
#include "io/source.h"
#include "io/table_scan.h"

namespace penstock {

// What a factory may use. Pointers outlive what is made.
struct ConnectorContext {
  const Clock* clock = &Clock::system();
  Parquet* parquet = nullptr;             // null where no table is written or read
  std::string workspace_root;             // absolute; relative paths in settings start here
  std::string tables_root;                // absolute folder of Delta tables
  std::string stream;                     // the stream's name
  std::string state_dir;                  // absolute folder of this source, shared by its shards, that survives restarts; empty: none
  std::int32_t shard = 0;
  bool again = false;                     // a source is read a second time, for a range, while another object of it reads on: it keeps nothing
  bool adds_columns = false;              // a column that a sink's table lacks is added to it (`drift: evolve`)
  std::int64_t memory_bytes = 64 << 20;   // for the connector's own queues
};

using SourceFactory =
    std::function<Result<std::unique_ptr<Source>>(const Settings& connection, const Settings& settings, const ConnectorContext&)>;
using SinkFactory =
    std::function<Result<std::unique_ptr<Sink>>(const Settings& connection, const Settings& settings, const ConnectorContext&)>;
// Tries a connection as the console's *Test* does: a sentence that says what was reached.
using ConnectionTest = std::function<Result<std::string>(const Settings& connection, std::chrono::milliseconds deadline)>;

struct Connector {
  std::string kind;                             // "kafka": the key in YAML
  std::vector<SettingSpec> connection_settings; // empty: needs no connection
  std::string connection_kind;                  // of its connections, where that is another connector; empty: its own
  std::vector<SettingSpec> source_settings;
  std::vector<SettingSpec> sink_settings;
  SourceFactory make_source;                    // empty: is no source
  SinkFactory make_sink;                        // empty: is no sink
  ConnectionTest test_connection;
  // When a row may arrive twice at a sink with these settings: "where …". Empty, or an empty text: never.
  std::function<std::string(const Settings& settings)> arrives_twice;
};

// What a decoder is made for.
struct DecoderContext {
  std::string contract_path;                     // absolute, or empty when the stream has none
  Settings source_settings;
  std::shared_ptr<SchemaRegistry> registry;      // of the source's connection; null where it has none, or only columns are asked for
};

// Makes a decoder for a wire format. Must not wait for the registry.
using DecoderFactory = std::function<Result<std::unique_ptr<Decoder>>(const DecoderContext&)>;

// The registry that a connection names, null where it names none. What was fetched is kept below `folder` (absolute), for when
// the registry is down; empty: nowhere.
using RegistryFactory = std::function<Result<std::shared_ptr<SchemaRegistry>>(const Settings& connection, const std::string& folder)>;

// The text of a contract (JSON Schema) for records that came without one, from a sample of at most 1,000. Kept as a
// version, its path is then given to the format's DecoderFactory.
using ContractInference = std::function<Result<std::string>(const RawBatch& sample, const Settings& source_settings)>;

// The text of the context's contract with fields behind its own that records of the sample have and it does not know, each
// nullable; none when none of them can be added.
using ContractEvolution = std::function<Result<std::optional<std::string>>(const DecoderContext& context, const RawBatch& sample,
                                                                          const std::vector<std::string>& fields)>;

// Gives the rows of a table below `tables_root` ("silver.sales") for which `condition` (SQL) holds, in no order.
using TableReader = std::function<Status(const std::string& tables_root, const std::string& table, const std::string& condition, Parquet&,
                                         const std::function<Status(const Batch&)>& rows)>;

// What a table is now. Error: not_found where there is no such table.
struct TableState {
  std::int64_t version = 0;
  SchemaPtr schema;
};
using TableLook = std::function<Result<TableState>(const std::string& tables_root, const std::string& table, Parquet&)>;

// A landed table with `_raw` as a finite source: the records of `_source` `source` as they once came, of one version.
using TableScanner = std::function<Result<std::unique_ptr<Source>>(const std::string& tables_root, const std::string& table,
                                                                  const std::string& source, Parquet&)>;

// The rows of a landed table, with these of its columns. Error: not_found where there is no such table.
using RowScanner = std::function<Result<std::unique_ptr<TableScan>>(const std::string& tables_root, const std::string& table, const std::string& source,
                                                                    const SchemaPtr& columns, Parquet&)>;

// Filled once at start, then only read; thread-safe to read.
class ConnectorCatalog {
 public:
  void add(Connector connector) { connectors_.insert_or_assign(connector.kind, std::move(connector)); }
  void set_table_reader(TableReader reader) { table_reader_ = std::move(reader); }
  void set_table_look(TableLook look) { table_look_ = std::move(look); }
  void set_table_scanner(TableScanner scanner) { table_scanner_ = std::move(scanner); }
  void set_row_scanner(RowScanner scanner) { row_scanner_ = std::move(scanner); }
  void set_model_loader(ModelLoader loader) { model_loader_ = std::move(loader); }
  void set_registry(RegistryFactory registry) { registry_ = std::move(registry); }
  void add_format(std::string name, DecoderFactory factory) { formats_.insert_or_assign(std::move(name), std::move(factory)); }

  void add_inference(std::string format, ContractInference inference) { inferences_.insert_or_assign(std::move(format), std::move(inference)); }

  void add_evolution(std::string format, ContractEvolution evolution) { evolutions_.insert_or_assign(std::move(format), std::move(evolution)); }

  const Connector* find(std::string_view kind) const {
    const auto found = connectors_.find(kind);
    return found == connectors_.end() ? nullptr : &found->second;
  }
  const DecoderFactory* find_format(std::string_view name) const {
    const auto found = formats_.find(name);
    return found == formats_.end() ? nullptr : &found->second;
  }
  // Null where a format needs no contract, or cannot guess one.
  const ContractInference* find_inference(std::string_view format) const {
    const auto found = inferences_.find(format);
    return found == inferences_.end() ? nullptr : &found->second;
  }
  const ContractEvolution* find_evolution(std::string_view format) const {
    const auto found = evolutions_.find(format);
    return found == evolutions_.end() ? nullptr : &found->second;
  }
  // Empty where nothing reads registries.
  const RegistryFactory& registry() const { return registry_; }
  // Empty where nothing scores rows.
  const ModelLoader& model_loader() const { return model_loader_; }
  // Empty where nothing writes tables.
  const TableReader& table_reader() const { return table_reader_; }
  const TableLook& table_look() const { return table_look_; }
  const TableScanner& table_scanner() const { return table_scanner_; }
  const RowScanner& row_scanner() const { return row_scanner_; }
  const std::map<std::string, Connector, std::less<>>& connectors() const { return connectors_; }
  const std::map<std::string, DecoderFactory, std::less<>>& formats() const { return formats_; }

 private:
  std::map<std::string, Connector, std::less<>> connectors_;
  std::map<std::string, DecoderFactory, std::less<>> formats_;
  std::map<std::string, ContractInference, std::less<>> inferences_;
  std::map<std::string, ContractEvolution, std::less<>> evolutions_;
  RegistryFactory registry_;
  ModelLoader model_loader_;
  TableReader table_reader_;
  TableLook table_look_;
  TableScanner table_scanner_;
  RowScanner row_scanner_;
};

}  // namespace penstock
