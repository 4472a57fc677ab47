#include "connectors/kafka/debezium_message.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

#include "io/row_json.h"
#include "record/row_json.h"

namespace penstock::kafka {
namespace {

using Json = nlohmann::ordered_json;

Json named(const char* type, const char* name) { return Json{{"type", type}, {"name", name}, {"version", 1}}; }

// Kafka Connect's schema of a column.
Json schema_of(const Field& field, bool required, Decimals decimals) {
  Json schema;
  switch (field.type.kind) {
    case TypeKind::boolean: schema["type"] = "boolean"; break;
    case TypeKind::int32: schema["type"] = "int32"; break;
    case TypeKind::int64: schema["type"] = "int64"; break;
    case TypeKind::float64: schema["type"] = "double"; break;
    case TypeKind::varchar: schema["type"] = "string"; break;
    case TypeKind::blob: schema["type"] = "bytes"; break;
    case TypeKind::json: schema = named("string", "io.debezium.data.Json"); break;
    case TypeKind::date: schema = named("int32", "io.debezium.time.Date"); break;
    case TypeKind::timestamp: schema = named("string", "io.debezium.time.ZonedTimestamp"); break;
    case TypeKind::decimal:
      if (decimals != Decimals::precise) {
        schema["type"] = decimals == Decimals::string ? "string" : "double";
        break;
      }
      schema = named("bytes", "org.apache.kafka.connect.data.Decimal");
      schema["parameters"] = {{"scale", std::to_string(field.type.scale)}, {"connect.decimal.precision", std::to_string(field.type.precision)}};
      break;
  }
  schema["optional"] = !required;
  schema["field"] = field.name;
  return schema;
}

Json struct_of(Json fields, const std::string& name) { return Json{{"type", "struct"}, {"fields", std::move(fields)}, {"optional", false}, {"name", name}}; }

Json part_of(Json schema, const char* field, bool optional) {
  schema["optional"] = optional;
  schema["field"] = field;
  return schema;
}

Json plain(const char* type, const char* field, bool optional = false) { return Json{{"type", type}, {"optional", optional}, {"field", field}}; }

Json envelope_of(const Json& row, const std::string& topic) {
  const Json source = struct_of({plain("string", "version"), plain("string", "connector"), plain("string", "name"), plain("int64", "ts_ms"), plain("int64", "ts_us"), plain("string", "snapshot", true),
                                 plain("string", "db"), plain("string", "table")},
                                "penstock.Source");
  return struct_of({part_of(row, "before", true), part_of(row, "after", true), part_of(source, "source", false), plain("string", "op"), plain("int64", "ts_ms", true)}, topic + ".Envelope");
}

void append_value(const ColumnView& column, std::int64_t row, Decimals decimals, std::string& out) {
  if (column.is_null(row)) {
    out += "null";
    return;
  }
  switch (column.type().kind) {
    case TypeKind::boolean:
    case TypeKind::int32:
    case TypeKind::int64: out += column.to_text(row); return;
    case TypeKind::date: out += std::to_string(column.int32(row)); return;
    case TypeKind::varchar:
    case TypeKind::json: append_json_text(column.bytes(row), out); return;
    case TypeKind::timestamp: append_json_text(column.to_text(row), out); return;
    case TypeKind::blob: append_json_text(to_base64(column.bytes(row)), out); return;
    case TypeKind::decimal:
      if (decimals == Decimals::precise) append_json_text(to_base64(decimal_bytes(column.decimal(row))), out);
      else if (decimals == Decimals::string) append_json_text(column.to_text(row), out);
      else out += column.to_text(row);
      return;
    case TypeKind::float64: {
      const double value = column.float64(row);
      std::array<char, 32> text;
      if (!std::isfinite(value)) out += "null";
      else out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
      return;
    }
  }
}

}  // namespace

std::string decimal_bytes(Int128 value) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(static_cast<std::uint64_t>(value.high) >> shift);
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(value.low >> shift);
  // A byte that only repeats the sign of the next one says nothing.
  const auto is_sign_of = [](char byte, char next) { return byte == ((next & 0x80) != 0 ? '\xff' : '\0'); };
  std::size_t first = 0;
  while (first + 1 < bytes.size() && is_sign_of(bytes[first], bytes[first + 1])) ++first;
  return bytes.substr(first);
}

Result<DebeziumWriter> DebeziumWriter::make(const Schema& schema, const DebeziumOptions& options) {
  DebeziumWriter writer;
  writer.decimals_ = options.decimals;
  writer.time_ = schema.find(origin::source_time);
  Json row = Json::array(), key = Json::array();
  for (const std::string& name : options.key) {
    const auto column = schema.find(name);
    if (!column) return Error(ErrorKind::failed_precondition, "the rows for topic " + options.topic + " have no key column '" + name + "'");
    writer.key_.push_back(*column);
    key.push_back(schema_of(schema[*column], true, options.decimals));
  }
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (origin::is_origin(schema[i].name) || schema[i].name == change::op) continue;
    const bool in_key = std::find(writer.key_.begin(), writer.key_.end(), i) != writer.key_.end();
    writer.columns_.push_back(i);
    writer.in_key_.push_back(in_key);
    row.push_back(schema_of(schema[i], in_key, options.decimals));
  }
  if (options.schemas) {
    writer.key_schema_ = struct_of(key, options.topic + ".Key").dump();
    writer.value_schema_ = envelope_of(struct_of(row, options.topic + ".Value"), options.topic).dump();
  }
  writer.source_ = "\"version\":\"1\",\"connector\":\"penstock\",\"name\":" + Json(options.stream).dump() + ",\"snapshot\":\"false\",\"db\":\"\",\"table\":" + Json(options.topic).dump();
  return writer;
}

void DebeziumWriter::append_row(const Batch& rows, std::int64_t row, bool only_key, std::string& out) const {
  out += '{';
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) out += ',';
    append_json_text((*rows.schema())[columns_[i]].name, out);
    out += ':';
    if (only_key && !in_key_[i]) out += "null";
    else kafka::append_value(rows.column(columns_[i]), row, decimals_, out);
  }
  out += '}';
}

void DebeziumWriter::append_key(const Batch& rows, std::int64_t row, std::string& out) const {
  if (!key_schema_.empty()) out += "{\"schema\":" + key_schema_ + ",\"payload\":";
  out += '{';
  for (const std::size_t column : key_) {
    if (column != key_.front()) out += ',';
    append_json_text((*rows.schema())[column].name, out);
    out += ':';
    kafka::append_value(rows.column(column), row, decimals_, out);
  }
  out += key_schema_.empty() ? "}" : "}}";
}

void DebeziumWriter::append_value(const Batch& rows, std::int64_t row, std::string_view op, std::int64_t now_micros, std::string& out) const {
  const bool removed = op == change::remove;
  std::int64_t micros = now_micros;
  if (time_ && !rows.column(*time_).is_null(row)) micros = rows.column(*time_).int64(row);
  if (!value_schema_.empty()) out += "{\"schema\":" + value_schema_ + ",\"payload\":";
  out += "{\"before\":";
  if (removed) append_row(rows, row, true, out);
  else out += "null";
  out += ",\"after\":";
  if (removed) out += "null";
  else append_row(rows, row, false, out);
  out += ",\"source\":{" + source_ + ",\"ts_ms\":" + std::to_string(micros / 1000) + ",\"ts_us\":" + std::to_string(micros) + "},\"op\":\"";
  out += op;
  out += "\",\"ts_ms\":" + std::to_string(now_micros / 1000);
  out += value_schema_.empty() ? "}" : "}}";
}

}  // namespace penstock::kafka
