#include "rpc/rejected_messages.h"

#include <nlohmann/json.hpp>

#include "base/iso8601.h"
#include "io/scalar_text.h"

namespace penstock::rpc {
namespace {

using Json = nlohmann::ordered_json;

bool is_one_of(const std::string& text, std::initializer_list<const char*> choices) {
  for (const char* choice : choices)
    if (text == choice) return true;
  return false;
}

void write_cell(const Json& value, const Type& type, v1::Cell& cell) {
  if (value.is_null()) return;
  if (value.is_boolean()) {
    cell.set_boolean(value.get<bool>());
  } else if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) {
    cell.set_text(value.dump());
  } else if (value.is_number_integer()) {
    cell.set_integer(value.get<std::int64_t>());
  } else if (value.is_number()) {
    cell.set_real(value.get<double>());
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto time = type.kind == TypeKind::timestamp ? parse_iso_time(text, Zone::utc_if_absent) : std::nullopt;
    time ? cell.set_time(to_micros(*time)) : cell.set_text(text);
  } else {
    cell.set_text(value.dump());
  }
}

}  // namespace

Result<RejectedFilter> read_filter(const v1::RejectedFilter& message) {
  if (!is_one_of(message.table(), {"", "quarantine", "dead_letters"}))
    return Error(ErrorKind::invalid_argument, "there is no table '" + message.table() + "' of rejected rows", "quarantine or dead_letters");
  if (!is_one_of(message.status(), {"", "open", "redriven", "discarded", "all"}))
    return Error(ErrorKind::invalid_argument, "'" + message.status() + "' is no status of a rejected row", "open, redriven, discarded or all");
  return RejectedFilter{.stream = message.stream(), .table = message.table(), .expectation = message.expectation(), .from_time = message.from_time(),
                        .to_time = message.to_time(), .text = message.text(), .status = message.status(),
                        .only_ids = {message.only_ids().begin(), message.only_ids().end()},
                        .except_ids = {message.except_ids().begin(), message.except_ids().end()}};
}

void write(const RejectedRow& row, v1::RejectedRow& message) {
  message.set_id(row.id);
  message.set_stream(row.stream);
  message.set_table(row.table);
  message.set_step(row.step);
  message.set_expectation(row.expectation);
  message.set_reason(utf8_text(row.reason));
  message.set_key(utf8_text(row.key));
  message.mutable_origin()->set_source(row.source);
  message.mutable_origin()->set_partition(row.position.partition);
  message.mutable_origin()->set_offset(row.position.offset);
  message.set_source_time(row.source_time);
  message.set_rejected_at(row.rejected_at);
  message.set_hop(row.hop);
  message.set_status(row.status);
  message.set_raw_bytes(row.raw_bytes);
}

std::vector<Field> value_columns(const std::vector<RejectedRow>& rows, const SchemaPtr& known) {
  if (rows.empty()) return {};
  for (const auto& row : rows)
    if (row.stream != rows.front().stream || row.step != rows.front().step || row.values.empty()) return {};
  const auto first = Json::parse(rows.front().values, nullptr, false);
  if (!first.is_object()) return {};
  std::vector<Field> columns;
  for (const auto& [name, value] : first.items()) {
    const auto found = known ? known->find(name) : std::nullopt;
    columns.push_back(found ? (*known)[*found] : Field{name, {TypeKind::varchar}});
  }
  return columns;
}

void write_values(const RejectedRow& row, const std::vector<Field>& columns, v1::RejectedRow& message) {
  const auto values = Json::parse(row.values, nullptr, false);
  for (const auto& column : columns) {
    auto& cell = *message.add_values();
    if (values.is_object() && values.contains(column.name)) write_cell(values[column.name], column.type, cell);
  }
}

}  // namespace penstock::rpc
