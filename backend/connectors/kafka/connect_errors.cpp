#include "connectors/kafka/connect_errors.h"

#include <nlohmann/json.hpp>

#include "io/scalar_text.h"

namespace penstock::kafka {
namespace {

constexpr std::string_view kPrefix = "__connect.errors.";

std::optional<std::string> text_of(const Batch& rows, std::string_view name, std::int64_t row) {
  const auto column = rows.find(name);
  if (!column || column->is_null(row)) return std::nullopt;
  return column->to_text(row);
}

std::optional<std::string> bytes_of(const Batch& rows, std::string_view name, std::int64_t row) {
  const auto column = rows.find(name);
  if (!column || column->is_null(row)) return std::nullopt;
  return std::string(column->bytes(row));
}

// Where it failed, in Connect's words (org.apache.kafka.connect.runtime.errors.Stage). Names of sinks have dots.
const char* stage_of(const std::string& step) {
  if (step == "decode") return "VALUE_CONVERTER";
  return step.find('.') == std::string::npos ? "TRANSFORMATION" : "TASK_PUT";
}

// The bytes of a header's value, which are {"base64": …} where they are no text (message_headers.cpp).
std::string bytes_of_header(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.size() == 1 && value.contains("base64") && value["base64"].is_string())
    if (auto bytes = parse_base64(value["base64"].get<std::string>())) return std::move(*bytes);
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void add_own_headers(const std::string& json, DeadLetterMessage& message) {
  const auto object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object()) return;
  const auto add = [&](const std::string& name, const nlohmann::json& value) {
    if (name.starts_with(kPrefix)) return;
    if (value.is_null()) message.headers.emplace_back(name, std::nullopt);
    else message.headers.emplace_back(name, bytes_of_header(value));
  };
  for (const auto& [name, value] : object.items()) {
    if (!value.is_array()) add(name, value);
    else for (const auto& one : value) add(name, one);      // a header may be there several times
  }
}

}  // namespace

bool are_dead_letters(const Schema& schema) { return schema.find("_reason") && schema.find("_step") && schema.find(origin::raw); }

DeadLetterMessage dead_letter_message(const Batch& rows, std::int64_t row, const std::string& stream, std::int32_t shard) {
  DeadLetterMessage message{.key = bytes_of(rows, origin::key, row), .value = bytes_of(rows, origin::raw, row)};
  if (!message.value) message.value = bytes_of(rows, "_values", row);
  if (const auto headers = bytes_of(rows, origin::headers, row)) add_own_headers(*headers, message);
  const std::string step = text_of(rows, "_step", row).value_or("");
  const auto add = [&](const char* name, std::optional<std::string> value) { message.headers.emplace_back(std::string(kPrefix) + name, std::move(value)); };
  add("topic", text_of(rows, origin::source, row));
  add("partition", text_of(rows, origin::partition, row));
  add("offset", text_of(rows, origin::offset, row));
  add("connector.name", stream);
  add("task.id", std::to_string(shard));
  add("stage", stage_of(step));
  add("class.name", step);
  add("exception.class.name", "penstock.DeadLetter");
  add("exception.message", text_of(rows, "_reason", row));
  return message;
}

}  // namespace penstock::kafka
