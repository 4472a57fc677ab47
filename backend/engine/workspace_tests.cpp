#include "engine/workspace_tests.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/iso8601.h"
#include "engine/given_connectors.h"
#include "stream/pod_runtime.h"

namespace penstock {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::pair<std::string, std::string>>;    // column → text

class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::filesystem::temp_directory_path() / ("penstock-test-" + random_id())) {}
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path() const { return path_.string(); }

 private:
  const std::filesystem::path path_;
};

Json untyped_json(const Setting& value) {
  switch (value.kind) {
    case Setting::Kind::null: return nullptr;
    case Setting::Kind::text: return value.text;
    case Setting::Kind::list: {
      Json list = Json::array();
      for (const auto& item : value.items) list.push_back(untyped_json(item));
      return list;
    }
    case Setting::Kind::map: break;
  }
  Json object = Json::object();
  for (const auto& [key, entry] : value.entries) object[key] = untyped_json(entry);
  return object;
}

// As the contract types it: 0 is a number in an int column and a text in a string one.
Json typed_json(const Setting& value, const Field* field) {
  if (value.kind != Setting::Kind::text || !field) return untyped_json(value);
  switch (field->type.kind) {
    case TypeKind::boolean:
    case TypeKind::int32:
    case TypeKind::int64:
    case TypeKind::float64:
    case TypeKind::decimal: {
      auto number = Json::parse(value.text, nullptr, false);
      return number.is_discarded() ? Json(value.text) : number;     // what is no number is a bad record: a test may want that
    }
    default: return value.text;
  }
}

std::string record_of(const TestRow& row, const SchemaPtr& contract) {
  Json object = Json::object();
  for (const auto& [name, value] : row) {
    const auto column = contract ? contract->find(name) : std::nullopt;
    object[name] = typed_json(value, column ? &(*contract)[*column] : nullptr);
  }
  return object.dump();
}

// The row as a change: what its `_op` says, or a row that is new.
std::string change_of(const std::string& row) {
  Json after = Json::parse(row);
  const Json op = after.contains(change::op) ? after[change::op] : Json(change::create);
  after.erase(std::string(change::op));
  const bool removed = op == change::remove;
  return Json{{"op", op}, {"before", removed ? after : Json()}, {"after", removed ? Json() : after}}.dump();
}

// The stream of the test with given rows for its sources, and every step collected.
Workspace rewired(const Workspace& workspace, const std::string& stream) {
  Workspace copy = workspace;
  std::erase_if(copy.streams, [&](const StreamSpec& spec) { return spec.name != stream; });
  for (auto& spec : copy.streams) {
    for (auto& source : spec.sources) {
      Setting settings{.kind = Setting::Kind::map};
      settings.entries.emplace_back("given", Setting{.kind = Setting::Kind::text, .text = source.name});
      source.kind = kGiven;
      source.connection.clear();
      source.format = source.change_key.empty() ? "json" : "debezium";
      if (const Setting* key = source.settings.root().find("key")) settings.entries.emplace_back("key", *key);
      settings.entries.emplace_back("decimals", Setting{.kind = Setting::Kind::text, .text = "string"});
      source.settings = Settings(std::move(settings));
    }
    spec.sinks.clear();
    for (const auto& step : spec.steps) spec.sinks.push_back({.name = step.name + ".given", .from = step.name, .kind = kGiven, .table = step.name});
    spec.shards = 1;
  }
  return copy;
}

Row row_of(const Batch& rows, std::int64_t at) {
  Row row;
  for (std::size_t column = 0; column < rows.schema()->size(); ++column) {
    const auto view = rows.column(column);
    const auto& name = (*rows.schema())[column].name;
    row.emplace_back(name, view.to_text(at));
    if (name != "_values" || view.is_null(at)) continue;
    const auto values = Json::parse(view.bytes(at), nullptr, false);     // a rejected row's own columns
    if (!values.is_object()) continue;
    for (const auto& [key, value] : values.items()) row.emplace_back(key, value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump());
  }
  return row;
}

bool same_value(const std::string& left, const std::string& right) {
  if (left == right) return true;
  char* left_end = nullptr;
  char* right_end = nullptr;
  const double left_number = std::strtod(left.c_str(), &left_end), right_number = std::strtod(right.c_str(), &right_end);
  if (!left.empty() && !right.empty() && *left_end == 0 && *right_end == 0) return left_number == right_number;
  const auto left_time = parse_iso_time(left, Zone::utc_if_absent), right_time = parse_iso_time(right, Zone::utc_if_absent);
  return left_time && left_time == right_time;
}

bool matches(const TestRow& expected, const Row& actual) {
  return std::all_of(expected.begin(), expected.end(), [&](const auto& column) {
    const auto found = std::find_if(actual.begin(), actual.end(), [&](const auto& other) { return other.first == column.first; });
    return found != actual.end() && same_value(column.second.text, found->second);
  });
}

std::string text_of(const TestRow& row) {
  std::string text;
  for (const auto& [name, value] : row) text += (text.empty() ? "" : ", ") + name + ": " + (value.kind == Setting::Kind::null ? "null" : value.text);
  return "{ " + text + " }";
}

std::string text_of(const Row& row) {
  std::string text;
  for (const auto& [name, value] : row)
    if (!origin::is_origin(name) && !name.starts_with("_raw") && name != "_values") text += (text.empty() ? "" : ", ") + name + ": " + value;
  return "{ " + text + " }";
}

// A line for each expected row that did not come, and each that came unexpected.
std::string differences(const std::string& what, const std::vector<TestRow>& expected, const std::vector<Batch>& batches) {
  std::vector<Row> actual;
  for (const auto& rows : batches)
    for (std::int64_t row = 0; row < rows.rows(); ++row) actual.push_back(row_of(rows, row));
  std::string text;
  for (const auto& row : expected) {
    const auto found = std::find_if(actual.begin(), actual.end(), [&](const Row& other) { return matches(row, other); });
    if (found == actual.end())
      text += what + ": expected " + text_of(row) + ", which did not come\n";
    else
      actual.erase(found);
  }
  for (const auto& row : actual) text += what + ": unexpected " + text_of(row) + "\n";
  return text;
}

Result<std::map<std::string, std::vector<std::string>>> records_of(const Workspace& workspace, const TestSpec& test, const ConnectorCatalog& catalog) {
  std::map<std::string, std::vector<std::string>> records;
  const auto* stream = workspace.find_stream(test.stream);
  if (!stream) return Error(ErrorKind::not_found, "no stream is called '" + test.stream + "'", {}, test.at.to_string());
  for (const auto& source : stream->sources) {
    SchemaPtr contract;
    if (const auto* format = catalog.find_format("json"); format && !source.contract.empty()) {
      PENSTOCK_ASSIGN(const auto decoder, (*format)({(std::filesystem::path(workspace.root) / source.contract).string(), source.settings, nullptr}));
      contract = decoder->schema();
    }
    const auto given = test.given.find(source.name);
    if (given == test.given.end()) continue;
    for (const auto& row : given->second) {
      const std::string record = record_of(row, contract);
      records[source.name].push_back(source.change_key.empty() ? record : change_of(record));
    }
  }
  return records;
}

Result<std::shared_ptr<CollectedRows>> run(const Workspace& workspace, const TestSpec& test, const ConnectorCatalog& formats) {
  PENSTOCK_ASSIGN(auto records, records_of(workspace, test, formats));
  auto collected = std::make_shared<CollectedRows>();
  ConnectorCatalog catalog = formats;
  catalog.add(given_connector(std::move(records), collected));
  catalog.add(collecting_connector("delta", collected));
  catalog.add(collecting_connector("rejected_index", std::make_shared<CollectedRows>()));
  const TemporaryFolder folder;
  PodRuntime runtime(catalog, {.pod = "test"});
  PENSTOCK_TRY(runtime.start({.workspace = std::make_shared<Workspace>(rewired(workspace, test.stream)), .stream = test.stream, .version = 1,
                              .state_root = folder.path() + "/state", .tables_root = folder.path() + "/tables"}));
  PENSTOCK_TRY(runtime.stop(test.stream, {.drain = true, .close_windows = true}));
  return collected;
}

}  // namespace

TestOutcome run_workspace_test(const Workspace& workspace, const TestSpec& test, const ConnectorCatalog& catalog) {
  TestOutcome outcome{.name = test.name, .where = test.at.to_string()};
  const auto collected = run(workspace, test, catalog);
  if (!collected.ok()) {
    outcome.detail = collected.error().to_string();
    return outcome;
  }
  for (const auto& [what, rows] : test.expect) {
    const bool rejected = what == "quarantine" || what == "dead_letters";
    outcome.detail += differences(what, rows, (*collected)->of(rejected ? what + "." + test.stream : what));
  }
  outcome.passed = outcome.detail.empty();
  return outcome;
}

}  // namespace penstock
