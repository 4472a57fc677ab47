#include "connectors/json/debezium_row.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "io/scalar_text.h"
#include "record/row_json.h"

namespace penstock::json {
namespace {

using simdjson::ondemand::value;

// What stands for a large value that PostgreSQL did not write again, as text and in base64.
constexpr std::string_view kUnavailable = "__debezium_unavailable_value", kUnavailableBytes = "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==";
constexpr int kMaxDecimalBytes = 16;
constexpr int kMostDigits = 38;

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t')) token.remove_suffix(1);
  return token;
}

// Value and what is inside it, as written.
bool raw_value(value& value, std::string_view& raw) {
  raw = trimmed(value.raw_json_token());
  if (raw.starts_with('{')) {
    simdjson::ondemand::object object;
    return value.get_object().get(object) == simdjson::SUCCESS && object.raw_json().get(raw) == simdjson::SUCCESS;
  }
  if (raw.starts_with('[')) {
    simdjson::ondemand::array array;
    return value.get_array().get(array) == simdjson::SUCCESS && array.raw_json().get(raw) == simdjson::SUCCESS;
  }
  return true;
}

bool is_text(std::string_view raw) { return raw.size() >= 2 && raw.front() == '"'; }

// {"scale": 2, "value": "BNI="}: a decimal of which the column does not say how many digits it has.
bool write_scaled(value& value, std::string& out) {
  simdjson::ondemand::object object;
  std::int64_t scale = 0;
  std::string_view encoded;
  if (value.get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto item : object) {
    std::string_view name;
    if (item.error() || item.unescaped_key().get(name) != simdjson::SUCCESS) return false;
    if (name == "scale" && item.value().get_int64().get(scale) != simdjson::SUCCESS) return false;
    if (name == "value" && item.value().get_string().get(encoded) != simdjson::SUCCESS) return false;
  }
  const auto bytes = parse_base64(encoded);
  const std::string text = bytes && scale == static_cast<int>(scale) ? decimal_text(*bytes, static_cast<int>(scale)) : "";
  out += text;
  return !text.empty();
}

bool write_time(std::string_view raw, Meaning::Kind unit, std::string& out) {
  const auto whole = parse_whole(raw);
  if (!whole) return false;
  std::int64_t micros = *whole;
  if (unit == Meaning::Kind::nanos) micros /= 1000;
  if (unit == Meaning::Kind::millis) {
    if (micros > INT64_MAX / 1000 || micros < INT64_MIN / 1000) return false;
    micros *= 1000;
  }
  out += std::to_string(micros);
  return true;
}

Meaning::Kind unit_of(const ContractField& field, const Meaning* meaning) {
  using Kind = Meaning::Kind;
  if (meaning && (meaning->kind == Kind::millis || meaning->kind == Kind::nanos || meaning->kind == Kind::micros)) return meaning->kind;
  return field.epoch == ContractField::Epoch::millis ? Kind::millis : Kind::micros;
}

}  // namespace

std::string decimal_text(std::string_view bytes, int scale) {
  if (bytes.empty() || scale < -kMostDigits || scale > kMostDigits) return "";
  const bool negative = (static_cast<unsigned char>(bytes.front()) & 0x80) != 0;
  const char fill = negative ? '\xff' : '\0';
  while (bytes.size() > kMaxDecimalBytes && bytes.front() == fill) bytes.remove_prefix(1);
  if (bytes.size() > kMaxDecimalBytes) return "";
  unsigned __int128 number = negative ? ~static_cast<unsigned __int128>(0) : 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  if (negative) number = ~number + 1;
  std::string digits;
  for (; number != 0; number /= 10) digits += static_cast<char>('0' + static_cast<int>(number % 10));
  if (digits.size() > kMostDigits) return "";
  if (scale < 0 && !digits.empty()) digits.insert(0, static_cast<std::size_t>(-scale), '0');
  while (digits.size() <= static_cast<std::size_t>(std::max(scale, 0))) digits += '0';
  if (scale > 0) digits.insert(static_cast<std::size_t>(scale), ".");
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

RowWriter::RowWriter(const std::vector<ContractField>& fields, Decimals decimals) : decimals_(decimals) {
  for (const ContractField& field : fields) fields_.emplace(field.name, field);
}

bool RowWriter::write(std::string_view row, const char* readable_end, const Meanings* meanings, const std::set<std::string, std::less<>>* only, std::string& out,
                      std::string& fault) {
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser_.iterate(row.data(), row.size(), static_cast<std::size_t>(readable_end - row.data())).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS)
    return fault = "not JSON: the row of the change", false;
  out += '{';
  const std::size_t begin = out.size();
  std::string name;
  for (auto item : object) {
    std::string_view key;
    value inside;
    if (item.error() || item.unescaped_key().get(key) != simdjson::SUCCESS) return fault = "not JSON: the row of the change", false;
    name = key;
    if (item.value().get(inside) != simdjson::SUCCESS) return fault = "not JSON: the row of the change", false;
    if (only && only->find(name) == only->end()) continue;
    if (out.size() > begin) out += ',';
    append_json_text(name, out);
    out += ':';
    if (!write_value(name, inside, meanings, out, fault)) {
      fault = name + ": " + fault;
      return false;
    }
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return fault = "not JSON: something follows the row of the change", false;
  out += '}';
  return true;
}

bool RowWriter::write_value(const std::string& name, value& value, const Meanings* meanings, std::string& out, std::string& fault) const {
  const auto field = fields_.find(name);
  const Meaning* meaning = nullptr;
  if (meanings)
    if (const auto known = meanings->find(name); known != meanings->end()) meaning = &known->second;
  const std::string_view token = trimmed(value.raw_json_token());
  const TypeKind type = field == fields_.end() ? TypeKind::varchar : field->second.type.kind;
  if (token.starts_with('{') && (type == TypeKind::decimal || type == TypeKind::float64)) {
    if (!write_scaled(value, out)) return fault = "expected a decimal of at most 38 digits, got an object", false;
    return true;
  }
  std::string_view raw;
  if (!raw_value(value, raw)) return fault = "not JSON", false;
  if (is_text(raw)) {
    const std::string_view content = raw.substr(1, raw.size() - 2);
    if (content == kUnavailable || content == kUnavailableBytes)
      return fault = "Debezium does not say what it is: a large value that did not change; REPLICA IDENTITY FULL for its table lets it say so", false;
    const bool precise = meanings ? meaning && meaning->kind == Meaning::Kind::decimal : decimals_ == Decimals::precise && type == TypeKind::decimal;
    if (precise) {
      const auto bytes = parse_base64(content);
      const std::string text = bytes ? decimal_text(*bytes, meaning ? meaning->scale : field->second.type.scale) : "";
      if (text.empty()) return fault = "expected a decimal of at most 38 digits as bytes in base64, got " + shortened(raw), false;
      type == TypeKind::varchar ? append_json_text(text, out) : void(out += text);
      return true;
    }
    const bool holds_json = type == TypeKind::json && (!meaning || meaning->kind == Meaning::Kind::json);
    if (holds_json) {
      std::string_view json;
      if (value.get_string().get(json) != simdjson::SUCCESS) return fault = "expected text with valid escapes", false;
      if (!nlohmann::json::accept(json)) return fault = "expected JSON, got " + shortened(raw), false;
      out += json;
      return true;
    }
  } else if (raw != "null" && type == TypeKind::timestamp) {
    if (!write_time(raw, unit_of(field->second, meaning), out)) return fault = "expected a time as a number, got " + shortened(raw), false;
    return true;
  }
  out += raw;
  return true;
}

}  // namespace penstock::json
