#include "connectors/postgres/cdc_values.h"

#include <algorithm>

#include "io/row_json.h"
#include "record/row_json.h"

namespace penstock::postgres {
namespace {

using Kind = ValueType::Kind;

constexpr std::uint32_t kNumeric = 1700;
constexpr int kMaxArrayDepth = 6;      // PostgreSQL's own limit

// The built-in types whose values JSON can say better than as a text (pg_type.dat).
Kind kind_of(std::uint32_t oid) {
  switch (oid) {
    case 16: return Kind::boolean;
    case 20: case 21: case 23: case 26: return Kind::number;      // int8, int2, int4, oid
    case kNumeric: case 700: case 701: return Kind::real;
    case 114: case 3802: return Kind::json;
    case 1114: return Kind::timestamp;
    case 1184: return Kind::timestamptz;
    case 1082: return Kind::date;
    case 17: return Kind::bytes;
    default: return Kind::text;
  }
}

bool is_number(std::string_view text) { return !text.empty() && (text.front() == '-' ? text.size() > 1 && text[1] >= '0' && text[1] <= '9' : text.front() >= '0' && text.front() <= '9'); }

int hex_digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0; }

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) bytes += static_cast<char>(hex_digit(hex[at]) << 4 | hex_digit(hex[at + 1]));
  return bytes;
}

// "2026-01-31 12:00:00.5+05:30" as ISO 8601 has it; false: it is no such time (infinity, before Christ, or in another DateStyle).
bool append_time(std::string_view text, bool zoned, std::string& out) {
  if (text.size() < 19 || text[4] != '-' || text[10] != ' ' || text.find_first_not_of("0123456789-:.+ ") != std::string_view::npos) return false;
  std::string_view zone = "Z", time = text.substr(11);
  if (zoned) {
    const std::size_t sign = time.find_first_of("+-");
    if (sign == std::string_view::npos) return false;
    zone = time.substr(sign);
    time = time.substr(0, sign);
  }
  out += '"';
  out += text.substr(0, 10);
  out += 'T';
  out += time;
  if (zone == "+00") out += 'Z';
  else out += zone;
  if (zone.size() == 3) out += zone == "+00" ? "" : ":00";
  out += '"';
  return true;
}

// One value of an array's text, {1,NULL,"a b",{…}}; false: the text is none.
bool append_items(const ValueType& element, std::string_view& text, int depth, std::string& out) {
  if (depth > kMaxArrayDepth || !text.starts_with('{')) return false;
  text.remove_prefix(1);
  out += '[';
  std::string item;
  for (bool first = true; !text.starts_with('}'); first = false) {
    if (!first) {
      if (!text.starts_with(',')) return false;
      text.remove_prefix(1);
      out += ',';
    }
    if (text.starts_with('{')) {
      if (!append_items(element, text, depth + 1, out)) return false;
      continue;
    }
    const bool quoted = text.starts_with('"');
    if (quoted) text.remove_prefix(1);
    item.clear();
    while (!text.empty() && (quoted ? text.front() != '"' : text.front() != ',' && text.front() != '}')) {
      if (text.front() == '\\') text.remove_prefix(1);
      if (text.empty()) return false;
      item += text.front();
      text.remove_prefix(1);
    }
    if (text.empty()) return false;
    if (quoted) text.remove_prefix(1);
    if (!quoted && item == "NULL") out += "null";
    else if (element.kind == Kind::array) return false;
    else append_json_value(element, item, out);
  }
  text.remove_prefix(1);
  out += ']';
  return true;
}

bool append_array(const ValueType& type, std::string_view text, std::string& out) {
  // Bounds that do not begin at one stand before it: [0:1]={1,2}.
  if (text.starts_with('['))
    if (const std::size_t is = text.find('='); is != std::string_view::npos) text.remove_prefix(is + 1);
  const std::size_t before = out.size();
  if (type.element && append_items(*type.element, text, 1, out) && text.empty()) return true;
  out.resize(before);
  return false;
}

}  // namespace

Status ValueTypes::learn(Connection& connection, const std::vector<std::uint32_t>& oids) {
  std::string unknown;
  for (const std::uint32_t oid : oids) {
    if (types_.contains(oid)) continue;
    if (const Kind kind = kind_of(oid); kind != Kind::text) types_[oid] = {kind, oid, nullptr};
    else unknown += (unknown.empty() ? "" : ",") + std::to_string(oid);
  }
  if (unknown.empty()) return {};
  // Of a domain, what it is over; of an array, what it holds, domains again taken for what they are over.
  PENSTOCK_ASSIGN(const Rows rows, connection.query("WITH RECURSIVE below AS (SELECT oid AS asked, oid, typtype, typbasetype FROM pg_type WHERE oid IN (" + unknown + ") OR oid IN (SELECT typelem FROM pg_type WHERE oid IN (" +
                                                    unknown + ")) UNION ALL SELECT asked, t.oid, t.typtype, t.typbasetype FROM below JOIN pg_type t ON below.typtype = 'd' AND t.oid = below.typbasetype) "
                                                    "SELECT asked, oid, (SELECT CASE WHEN typcategory = 'A' THEN typelem ELSE 0 END FROM pg_type WHERE pg_type.oid = below.oid) FROM below WHERE typtype <> 'd'"));
  struct Known {
    std::uint32_t base = 0, element = 0;
  };
  std::map<std::uint32_t, Known> known;
  const auto number = [](const Value& value) { return static_cast<std::uint32_t>(std::stoul(value.value_or("0"))); };
  for (const auto& row : rows) known[number(row[0])] = {number(row[1]), number(row[2])};
  const auto plain = [&](std::uint32_t oid) {
    const auto found = known.find(oid);
    const std::uint32_t base = found == known.end() ? oid : found->second.base;
    return ValueType{kind_of(base), base, nullptr};
  };
  for (const auto& [oid, one] : known) {
    types_[oid] = plain(oid);
    if (one.element != 0) types_[oid] = {Kind::array, one.base, std::make_shared<const ValueType>(plain(one.element))};
  }
  return {};
}

const ValueType& ValueTypes::find(std::uint32_t oid) const {
  static const ValueType text;
  const auto found = types_.find(oid);
  return found == types_.end() ? text : found->second;
}

void append_json_value(const ValueType& type, std::string_view text, std::string& out) {
  switch (type.kind) {
    case Kind::boolean: out += text == "t" || text == "true" ? "true" : "false"; return;
    case Kind::number:
    case Kind::real:
      if (!is_number(text)) break;      // NaN, Infinity
      out += text;
      return;
    case Kind::timestamp:
    case Kind::timestamptz:
      if (append_time(text, type.kind == Kind::timestamptz, out)) return;
      break;
    case Kind::bytes:
      if (!text.starts_with("\\x")) break;
      out += '"' + to_base64(bytes_of(text.substr(2))) + '"';
      return;
    case Kind::array:
      if (append_array(type, text, out)) return;
      break;
    case Kind::json:
    case Kind::date:
    case Kind::text: break;
  }
  append_json_text(text, out);
}

std::string json_schema_of(const ValueType& type, std::int32_t modifier) {
  const auto of = [](const std::string& name, const std::string& more = "") { return "{\"type\":[\"" + name + "\",\"null\"]" + more + "}"; };
  switch (type.kind) {
    case Kind::boolean: return of("boolean");
    case Kind::number: return of("integer", type.oid == 20 || type.oid == 26 ? "" : ",\"format\":\"int32\"");
    case Kind::real: {
      if (type.oid != kNumeric) return of("number");
      const int precision = (modifier - 4) >> 16 & 0xffff, scale = (modifier - 4) & 0x7ff;
      // Without digits that are said, or with more than we have, they are kept as they are written.
      if (modifier < 4 || precision < 1 || precision > 38 || scale > precision) return "{}";
      return of("number", ",\"x-precision\":" + std::to_string(precision) + ",\"x-scale\":" + std::to_string(scale));
    }
    case Kind::timestamp:
    case Kind::timestamptz: return of("string", ",\"format\":\"date-time\"");
    case Kind::date: return of("string", ",\"format\":\"date\"");
    case Kind::bytes: return of("string", ",\"contentEncoding\":\"base64\"");
    case Kind::array: return of("array");
    case Kind::json: return "{}";
    case Kind::text: break;
  }
  return of("string");
}

}  // namespace penstock::postgres
