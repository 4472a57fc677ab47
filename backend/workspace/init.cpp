#include "workspace/init.h"

#include <filesystem>
#include <fstream>

namespace penstock {
namespace fs = std::filesystem;
namespace {

struct File {
  const char* name;
  const char* text;
};

constexpr File kFiles[] = {
    {"penstock.yaml", R"yaml(workspace: NAME
tables: ./tables                   # relative: under the state root, never in git
environments: { dev: {}, prod: { protected: true, colour: amber } }
)yaml"},
    {"connections.yaml", R"yaml(# Named endpoints. Secrets only by reference: ${env:NAME} or ${file:/path}.
#
# hub: { kafka: { brokers: "localhost:9092" } }
# ops: { postgres: { host: localhost, database: ops, user: app, password: "${env:PGPASSWORD}" } }
)yaml"},
    {"contracts/sale.json", R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "A sale",
  "type": "object",
  "properties": {
    "event_id": { "type": "string" },
    "store_id": { "type": "integer" },
    "register": { "type": "integer" },
    "cashier_id": { "type": "string" },
    "sku": { "type": "string" },
    "qty": { "type": "integer" },
    "unit_price": { "type": "number" },
    "discount": { "type": "number" },
    "currency": { "type": "string" },
    "payment_method": { "type": "string" },
    "customer_email": { "type": "string" },
    "sold_at": { "type": "string", "format": "date-time" }
  },
  "required": ["event_id", "store_id", "sku", "qty", "unit_price", "sold_at"]
}
)json"},
    {"pipelines/sales.yaml", R"yaml(stream: sales
source:
  simulate: { system: pos_sales, contract: contracts/sale.json, partitioned_by: [store_id], rate: 20 }
steps:
  bronze: { land: bronze.sales }
  silver:
    sql: SELECT event_id, store_id, sku, qty, unit_price::DECIMAL(10,2) AS unit_price, sold_at FROM bronze
    expect:
      known_store: { sql: "store_id IN (SELECT id FROM ref.stores)", on_fail: quarantine }
    dedupe: { key: event_id, within: 10m }
    land: silver.sales
  velocity:
    window: { tumbling: 1m, time: sold_at, lateness: 30s }
    sql: SELECT sku, window_start, sum(qty) AS units, sum(qty * unit_price) AS revenue FROM silver GROUP BY ALL
    land: gold.sales_velocity
shards: 1                          # the window adds up over all stores
objectives: { p99: 200ms, freshness: 2m }
)yaml"},
    {"policies/healing.yaml", R"yaml(policy: stuck
when: { stuck: 1m }
do: reset
limit: { times: 3, per: 1h }
then: incident
)yaml"},
    {"tests/sales.yaml", R"yaml(test: a sale of an unknown store is quarantined
stream: sales
given:
  source:
    - { event_id: a, store_id: 99, sku: S, qty: 1, unit_price: 2.50, sold_at: "2026-01-01T10:00:00Z" }
    - { event_id: b, store_id: 1, sku: S, qty: 1, unit_price: 2.50, sold_at: "2026-01-01T10:00:00Z" }
expect:
  silver: [ { event_id: b } ]
  quarantine: [ { event_id: a, _expectation: known_store } ]
)yaml"},
    {".gitignore", ".penstock/\n"},
};

constexpr int kSimulatedStores = 40;

std::string seed_text() {
  std::string text = "id,name\n";
  for (int id = 1; id <= kSimulatedStores; ++id) text += std::to_string(id) + ",Store " + std::to_string(id) + "\n";
  return text;
}

Status write_text(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  if (error || !stream) return Error(ErrorKind::io, "cannot write the file", "check that the folder is writable and the disk not full", path.string());
  return {};
}

}  // namespace

Result<std::vector<std::string>> write_new_workspace(const std::string& folder) {
  std::error_code error;
  const fs::path root = fs::absolute(fs::path(std::u8string(folder.begin(), folder.end())), error).lexically_normal();
  if (folder.empty()) return Error(ErrorKind::invalid_argument, "the new workspace needs a folder");
  if (fs::exists(root, error) && !fs::is_directory(root, error))
    return Error(ErrorKind::already_exists, "'" + folder + "' is a file", "name a folder that does not exist yet");
  if (fs::exists(root, error) && !fs::is_empty(root, error))
    return Error(ErrorKind::already_exists, "the folder '" + folder + "' is not empty", "name a folder that does not exist yet");
  const fs::path last = root.has_filename() ? root.filename() : root.parent_path().filename();
  std::vector<std::string> written;
  for (const File& file : kFiles) {
    std::string text = file.text;
    // In quotes: a folder may be named in any way.
    if (const std::size_t name = text.find("NAME\n"); written.empty() && name != std::string::npos) {
      std::string quoted;
      for (const char c : last.string()) quoted += c == '\'' ? "''" : std::string(1, c);
      text.replace(name, 4, "'" + quoted + "'");
    }
    PENSTOCK_TRY(write_text(root / file.name, text));
    written.emplace_back(file.name);
  }
  PENSTOCK_TRY(write_text(root / "seeds" / "stores.csv", seed_text()));
  written.emplace_back("seeds/stores.csv");
  return written;
}

}  // namespace penstock
