#include "connectors/json/json_value.h"

#include <cstring>

#include "base/iso8601.h"
#include "io/scalar_text.h"

namespace penstock::json {
namespace {

using simdjson::ondemand::json_type;
using simdjson::ondemand::value;

// A token is followed by the white space up to the next one.
std::string_view trimmed(std::string_view token) {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t')) token.remove_suffix(1);
  return token;
}

std::string got(std::string_view token) {
  if (token.starts_with('{')) return "an object";
  if (token.starts_with('[')) return "an array";
  return shortened(token);
}

bool refuse(std::string& fault, const std::string& expected, std::string_view token) {
  fault = "expected " + expected + ", got " + got(token);
  return false;
}

bool mismatch(std::string& fault, const FieldPlan& plan, std::string_view token) {
  return refuse(fault, expectation_of(plan.field.type), token);
}

bool is_text(std::string_view token) { return token.size() >= 2 && token.front() == '"' && token.back() == '"'; }

// The content of a string token. Without an escape it is the bytes themselves, which the first pass over the document
// has found to be UTF-8.
bool content_of(value& value, std::string_view token, std::string_view& content) {
  content = token.substr(1, token.size() - 2);
  if (std::memchr(content.data(), '\\', content.size()) == nullptr) return true;
  return value.get_string().get(content) == simdjson::SUCCESS;
}

bool passes(std::string& fault, const FieldPlan& plan, double number, std::string_view token) {
  if (!plan.checker) return true;
  const auto expected = plan.checker->fault_of_number(number, token);
  return !expected || refuse(fault, *expected, token);
}

bool append_whole(value& value, std::string_view token, const FieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  std::int64_t whole = 0;
  if (value.get_int64().get(whole) != simdjson::SUCCESS) {
    const bool too_large = is_json_number(token) && token.find_first_of(".eE") == std::string_view::npos;
    return too_large ? refuse(fault, "a whole number of 64 bits", token) : mismatch(fault, plan, token);
  }
  if (plan.field.type.kind == TypeKind::int64) {
    if (!passes(fault, plan, static_cast<double>(whole), token)) return false;
    column.append_int64(whole);
    return true;
  }
  if (whole < INT32_MIN || whole > INT32_MAX) return mismatch(fault, plan, token);
  if (!passes(fault, plan, static_cast<double>(whole), token)) return false;
  column.append_int32(static_cast<std::int32_t>(whole));
  return true;
}

bool append_real(value& value, std::string_view token, const FieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  double real = 0;
  if (value.get_double().get(real) != simdjson::SUCCESS) return mismatch(fault, plan, token);
  if (!passes(fault, plan, real, token)) return false;
  column.append_float64(real);
  return true;
}

bool append_decimal(value& value, std::string_view token, const FieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  std::string_view number = token;
  if (is_text(token) && (!plan.field.decimal_as_text || !content_of(value, token, number))) return mismatch(fault, plan, token);
  Int128 unscaled;
  if (parse_decimal(number, plan.field.type, unscaled) != DecimalFault::none) return mismatch(fault, plan, token);
  if (plan.checker && !passes(fault, plan, parse_real(number).value_or(0), number)) return false;
  column.append_decimal(unscaled);
  return true;
}

bool append_text(value& value, std::string_view token, const FieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  if (!is_text(token)) return mismatch(fault, plan, token);
  std::string_view content;
  if (!content_of(value, token, content)) return refuse(fault, "text with valid escapes", token);
  if (plan.checker)
    if (const auto expected = plan.checker->fault_of_text(content)) return refuse(fault, *expected, token);
  column.append_bytes(content);
  return true;
}

// UTF-8 whose characters are all below 256, one byte each.
std::optional<std::string> latin1_bytes(std::string_view utf8) {
  std::string bytes;
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    const auto lead = static_cast<unsigned char>(utf8[at]);
    if (lead < 0x80) {
      bytes += utf8[at];
    } else if (lead == 0xc2 || lead == 0xc3) {
      bytes += static_cast<char>((lead & 3) << 6 | (utf8[++at] & 0x3f));
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

bool append_blob(value& value, std::string_view token, const FieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  std::string_view content;
  if (!is_text(token) || !content_of(value, token, content)) return mismatch(fault, plan, token);
  const bool base64 = plan.field.bytes_text == ContractField::BytesText::base64;
  const auto bytes = base64 ? parse_base64(content) : latin1_bytes(content);
  if (!bytes) return refuse(fault, base64 ? "bytes in base64" : "bytes as characters up to U+00FF", token);
  column.append_bytes(*bytes);
  return true;
}

bool append_date(value& value, std::string_view token, const FieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  std::string_view content;
  std::int64_t days = 0;
  if (is_text(token) && content_of(value, token, content)) {
    const auto date = parse_iso_date(content);
    if (!date) return mismatch(fault, plan, token);
    column.append_int32(*date);
    return true;
  }
  if (!plan.field.date_as_days || value.get_int64().get(days) != simdjson::SUCCESS || days < INT32_MIN || days > INT32_MAX)
    return mismatch(fault, plan, token);
  column.append_int32(static_cast<std::int32_t>(days));
  return true;
}

bool append_time(value& value, std::string_view token, const FieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  using Epoch = ContractField::Epoch;
  std::string_view content;
  std::int64_t epoch = 0;
  if (is_text(token) && content_of(value, token, content)) {
    const auto time = parse_iso_time(content);
    if (!time) return mismatch(fault, plan, token);
    column.append_int64(to_micros(*time));
    return true;
  }
  if (plan.field.epoch == Epoch::none || value.get_int64().get(epoch) != simdjson::SUCCESS) return mismatch(fault, plan, token);
  const std::int64_t factor = plan.field.epoch == Epoch::millis ? 1000 : 1;
  if (epoch > INT64_MAX / factor || epoch < INT64_MIN / factor) return mismatch(fault, plan, token);
  column.append_int64(epoch * factor);
  return true;
}

bool append_json(value& value, std::string_view token, const FieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  using Json = ContractField::Json;
  if (plan.field.json == Json::object && !token.starts_with('{')) return refuse(fault, "an object", token);
  if (plan.field.json == Json::array && !token.starts_with('[')) return refuse(fault, "an array", token);
  if (!check_value(value, 1, fault)) return false;
  std::string_view text = token;
  if (token.starts_with('{') || token.starts_with('[')) {
    const char* end = nullptr;
    if (value.current_location().get(end) != simdjson::SUCCESS) return refuse(fault, "complete JSON", token);
    text = trimmed({token.data(), static_cast<std::size_t>(end - token.data())});
  }
  column.append_bytes(text);
  return true;
}

bool broken(std::string& fault) {
  fault = "holds JSON that is not complete";
  return false;
}

bool check_array(value& value, int depth, std::string& fault) {
  simdjson::ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return broken(fault);
  for (auto item : array) {
    simdjson::ondemand::value inside;
    if (std::move(item).get(inside) != simdjson::SUCCESS) return broken(fault);
    if (!check_value(inside, depth + 1, fault)) return false;
  }
  return true;
}

bool check_object(value& value, int depth, std::string& fault) {
  simdjson::ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return broken(fault);
  for (auto item : object) {
    simdjson::ondemand::field field;
    std::string_view key;
    if (std::move(item).get(field) != simdjson::SUCCESS || field.unescaped_key().get(key) != simdjson::SUCCESS) return broken(fault);
    if (!check_value(field.value(), depth + 1, fault)) return false;
  }
  return true;
}

}  // namespace

bool append_value(value& value, const FieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  const std::string_view token = trimmed(value.raw_json_token());
  if (token == "null" && plan.field.nullable) {
    column.append_null();
    return true;
  }
  switch (plan.field.type.kind) {
    case TypeKind::boolean:
      if (token != "true" && token != "false") return mismatch(fault, plan, token);
      column.append_boolean(token == "true");
      return true;
    case TypeKind::int32:
    case TypeKind::int64: return append_whole(value, token, plan, column, fault);
    case TypeKind::float64: return append_real(value, token, plan, column, fault);
    case TypeKind::decimal: return append_decimal(value, token, plan, column, fault);
    case TypeKind::varchar: return append_text(value, token, plan, column, fault);
    case TypeKind::json: return append_json(value, token, plan, column, fault);
    case TypeKind::blob: return append_blob(value, token, plan, column, fault);
    case TypeKind::date: return append_date(value, token, plan, column, fault);
    case TypeKind::timestamp: return append_time(value, token, plan, column, fault);
  }
  return mismatch(fault, plan, token);
}

bool check_value(value& value, int depth, std::string& fault) {
  if (depth > kMaxDepth) {
    fault = "is nested deeper than " + std::to_string(kMaxDepth) + " levels";
    return false;
  }
  const std::string_view token = trimmed(value.raw_json_token());
  if (token.starts_with('[')) return check_array(value, depth, fault);
  if (token.starts_with('{')) return check_object(value, depth, fault);
  std::string_view content;
  if (is_text(token) ? content_of(value, token, content) : token == "null" || token == "true" || token == "false" || is_json_number(token))
    return true;
  return refuse(fault, "JSON", token);
}

}  // namespace penstock::json
