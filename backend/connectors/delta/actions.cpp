#include "connectors/delta/actions.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "connectors/delta/file_uri.h"
#include "connectors/delta/json_depth.h"

namespace penstock::delta {
namespace {

using Json = nlohmann::ordered_json;

// Readers of a checkpoint give absent fields as null: both mean the same.
const Json* field(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

constexpr int kMostLevels = 64;      // of what stands where a text should

// Reads fields one by one; the first wrong type is kept and makes the whole action an error.
class FieldReader {
 public:
  FieldReader(const Json& object, std::string action) : object_(object), action_(std::move(action)) {
    if (!object_.is_object()) fail("is not an object");
  }

  void read(const char* name, std::string& target, bool required = false) {
    const Json* value = find(name, required);
    if (!value) return;
    if (value->is_string()) target = value->get<std::string>();
    else fail(std::string(name) + " is not a text");
  }
  template <typename Integer>
    requires std::is_integral_v<Integer>
  void read(const char* name, Integer& target, bool required = false) {
    const Json* value = find(name, required);
    if (!value) return;
    if (!value->is_number_integer()) return fail(std::string(name) + " is not a whole number");
    const bool fits = value->is_number_unsigned() ? std::in_range<Integer>(value->get<std::uint64_t>())
                                                  : std::in_range<Integer>(value->get<std::int64_t>());
    if (!fits) return fail(std::string(name) + " is too large");
    target = value->get<Integer>();
  }
  void read(const char* name, bool& target) {
    const Json* value = find(name, false);
    if (!value) return;
    if (value->is_boolean()) target = value->get<bool>();
    else fail(std::string(name) + " is neither true nor false");
  }
  void read(const char* name, std::vector<std::string>& target) {
    const Json* value = find(name, false);
    if (!value) return;
    if (!value->is_array()) return fail(std::string(name) + " is not a list");
    for (const Json& item : *value) {
      if (!item.is_string()) return fail(std::string(name) + " holds something else than texts");
      target.push_back(item.get<std::string>());
    }
  }
  void read(const char* name, std::map<std::string, std::string>& target) {
    const Json* value = find(name, false);
    if (!value) return;
    if (!value->is_object()) return fail(std::string(name) + " is not an object");
    for (const auto& [key, item] : value->items()) {
      if (is_deeper_than(kMostLevels, item)) return fail(std::string(name) + " is nested deeper than " + std::to_string(kMostLevels) + " levels");
      target[key] = item.is_string() ? item.get<std::string>() : item.dump();
    }
  }

  // An empty text is NULL, as the protocol says.
  void read(const char* name, PartitionValues& target) {
    const Json* value = find(name, false);
    if (!value) return;
    if (!value->is_object()) return fail(std::string(name) + " is not an object");
    for (const auto& [key, item] : value->items()) {
      if (!item.is_null() && !item.is_string()) return fail(std::string(name) + " holds something else than texts");
      const bool is_null = item.is_null() || item.get_ref<const std::string&>().empty();
      target[key] = is_null ? std::nullopt : std::optional(item.get<std::string>());
    }
  }

  template <typename T>
  Result<std::optional<Action>> finish(T action) const {
    if (!problem_.empty()) return Error(ErrorKind::data_loss, "the action '" + action_ + "' is damaged: " + problem_);
    return std::optional<Action>(std::move(action));
  }

 private:
  const Json* find(const char* name, bool required) {
    if (!problem_.empty()) return nullptr;
    const Json* value = field(object_, name);
    if (!value && required) fail(std::string(name) + " is missing");
    return value;
  }
  void fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  const Json& object_;
  const std::string action_;
  std::string problem_;
};

Result<std::optional<Action>> parse_protocol(const Json& object) {
  FieldReader reader(object, "protocol");
  Protocol protocol;
  reader.read("minReaderVersion", protocol.min_reader, true);
  reader.read("minWriterVersion", protocol.min_writer, true);
  reader.read("readerFeatures", protocol.reader_features);
  reader.read("writerFeatures", protocol.writer_features);
  return reader.finish(std::move(protocol));
}

Result<std::optional<Action>> parse_metadata(const Json& object) {
  FieldReader reader(object, "metaData");
  Metadata metadata;
  reader.read("id", metadata.id, true);
  reader.read("name", metadata.name);
  reader.read("schemaString", metadata.schema_string, true);
  reader.read("partitionColumns", metadata.partition_columns);
  reader.read("configuration", metadata.configuration);
  reader.read("createdTime", metadata.created_ms);
  if (object.is_object())
    if (const Json* format = field(object, "format"); format && format->is_object())
      if (const Json* provider = field(*format, "provider"); provider && provider->is_string())
        metadata.format = provider->get<std::string>();
  return reader.finish(std::move(metadata));
}

Result<std::optional<Action>> parse_add(const Json& object) {
  FieldReader reader(object, "add");
  AddFile add;
  reader.read("path", add.path, true);
  reader.read("size", add.bytes, true);
  reader.read("modificationTime", add.modified_ms);
  reader.read("dataChange", add.data_change);
  reader.read("stats", add.statistics);
  reader.read("partitionValues", add.partition);
  add.has_deletion_vector = object.is_object() && field(object, "deletionVector") != nullptr;
  add.path = decode_path(add.path);
  return reader.finish(std::move(add));
}

Result<std::optional<Action>> parse_remove(const Json& object) {
  FieldReader reader(object, "remove");
  RemoveFile remove;
  reader.read("path", remove.path, true);
  reader.read("deletionTimestamp", remove.deleted_ms);
  reader.read("dataChange", remove.data_change);
  reader.read("size", remove.bytes);
  reader.read("partitionValues", remove.partition);
  remove.path = decode_path(remove.path);
  return reader.finish(std::move(remove));
}

Result<std::optional<Action>> parse_transaction(const Json& object) {
  FieldReader reader(object, "txn");
  Transaction transaction;
  reader.read("appId", transaction.app_id, true);
  reader.read("version", transaction.version, true);
  reader.read("lastUpdated", transaction.updated_ms);
  return reader.finish(std::move(transaction));
}

Result<std::optional<Action>> parse_commit_info(const Json& object) {
  FieldReader reader(object, "commitInfo");
  CommitInfo info;
  reader.read("timestamp", info.timestamp_ms);
  reader.read("operation", info.operation);
  reader.read("operationParameters", info.parameters);
  reader.read("isBlindAppend", info.blind_append);
  reader.read("operationMetrics", info.metrics);
  reader.read("penstock", info.tags);
  return reader.finish(std::move(info));
}

Json to_json(const PartitionValues& values) {
  Json object = Json::object();
  for (const auto& [column, value] : values) object[column] = value ? Json(*value) : Json();
  return object;
}

struct ToJson {
  Json operator()(const CommitInfo& info) const {
    Json object{{"timestamp", info.timestamp_ms},
                {"operation", info.operation},
                {"operationParameters", info.parameters},
                {"isBlindAppend", info.blind_append},
                {"engineInfo", "Penstock/0.1.0"}};
    if (!info.metrics.empty()) object["operationMetrics"] = info.metrics;
    if (!info.tags.empty()) object["penstock"] = info.tags;
    return {{"commitInfo", object}};
  }
  Json operator()(const Protocol& protocol) const {
    Json object{{"minReaderVersion", protocol.min_reader}, {"minWriterVersion", protocol.min_writer}};
    if (protocol.min_reader >= 3) object["readerFeatures"] = protocol.reader_features;
    if (protocol.min_writer >= 7) object["writerFeatures"] = protocol.writer_features;
    return {{"protocol", object}};
  }
  Json operator()(const Metadata& metadata) const {
    Json object{{"id", metadata.id}};
    if (!metadata.name.empty()) object["name"] = metadata.name;
    object["format"] = {{"provider", metadata.format}, {"options", Json::object()}};
    object["schemaString"] = metadata.schema_string;
    object["partitionColumns"] = metadata.partition_columns;
    object["configuration"] = metadata.configuration;
    object["createdTime"] = metadata.created_ms;
    return {{"metaData", object}};
  }
  Json operator()(const Transaction& transaction) const {
    return {{"txn", {{"appId", transaction.app_id}, {"version", transaction.version}, {"lastUpdated", transaction.updated_ms}}}};
  }
  Json operator()(const AddFile& add) const {
    Json object{{"path", encode_path(add.path)},
                {"partitionValues", to_json(add.partition)},
                {"size", add.bytes},
                {"modificationTime", add.modified_ms},
                {"dataChange", add.data_change}};
    if (!add.statistics.empty()) object["stats"] = add.statistics;
    return {{"add", object}};
  }
  Json operator()(const RemoveFile& remove) const {
    return {{"remove",
             {{"path", encode_path(remove.path)},
              {"deletionTimestamp", remove.deleted_ms},
              {"dataChange", remove.data_change},
              {"extendedFileMetadata", true},
              {"partitionValues", to_json(remove.partition)},
              {"size", remove.bytes}}}};
  }
};

}  // namespace

std::string to_json_line(const Action& action) {
  return std::visit(ToJson{}, action).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_json_lines(const std::vector<Action>& actions) {
  std::string text;
  for (const Action& action : actions) text.append(to_json_line(action)).push_back('\n');
  return text;
}

Result<std::optional<Action>> parse_action(std::string_view line) {
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return Error(ErrorKind::data_loss, "a line of the log is not a JSON object");
  if (const Json* found = field(object, "add")) return parse_add(*found);
  if (const Json* found = field(object, "remove")) return parse_remove(*found);
  if (const Json* found = field(object, "txn")) return parse_transaction(*found);
  if (const Json* found = field(object, "protocol")) return parse_protocol(*found);
  if (const Json* found = field(object, "metaData")) return parse_metadata(*found);
  if (const Json* found = field(object, "commitInfo")) return parse_commit_info(*found);
  return std::optional<Action>();
}

Result<std::vector<Action>> parse_actions(std::string_view text) {
  std::vector<Action> actions;
  for (int line = 1; !text.empty(); ++line) {
    const auto end = text.find('\n');
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto action = parse_action(one);
    if (!action.ok()) return action.error().within("line " + std::to_string(line));
    if (*action) actions.push_back(std::move(**action));
  }
  return actions;
}

}  // namespace penstock::delta
