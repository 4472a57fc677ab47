#include "sql/sql_error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace penstock {
namespace {

// Raised while a value is computed: a cast, an overflow, a malformed text.
bool raised_by_value(std::string_view type) {
  static constexpr std::array kTypes{"Conversion", "Out of Range", "Invalid Input", "Mismatch Type", "Divide by Zero",
                                     "Decimal",    "Invalid type", "Object Size",   "Expression"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

ErrorKind kind_of(std::string_view type) {
  if (type == "INTERRUPT") return ErrorKind::cancelled;
  if (type == "Out of Memory") return ErrorKind::resource_exhausted;
  if (type == "IO" || type == "HTTP") return ErrorKind::io;
  if (type == "Permission") return ErrorKind::permission_denied;
  if (type == "Not implemented" || type == "Missing Extension") return ErrorKind::unsupported;
  if (type == "INTERNAL" || type == "FATAL") return ErrorKind::internal;
  return ErrorKind::invalid_argument;
}

bool disk_is_full(std::string_view message) {
  return message.find("No space left on device") != std::string_view::npos || message.find("quota exceeded") != std::string_view::npos ||
         message.find("There is not enough space on the disk") != std::string_view::npos;
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (comma > 0) parts.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

// DuckDB appends its candidates and hints as further lines.
std::string first_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  while (!text.empty() && (text.back() == '!' || text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

SqlError parse_sql_error(std::string_view text) {
  SqlError error;
  const auto brace = text.find('{');
  const auto json = brace == std::string_view::npos
                        ? nlohmann::json()
                        : nlohmann::json::parse(text.substr(brace), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("exception_message")) {
    error.message = first_line(std::string(text));
    return error;
  }
  const auto member = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const std::string type = member("exception_type");
  error.kind = kind_of(type);
  error.data = raised_by_value(type);
  error.message = first_line(member("exception_message"));
  if (error.kind == ErrorKind::io && disk_is_full(error.message)) error.kind = ErrorKind::resource_exhausted;
  const std::string subtype = member("error_subtype");
  if (subtype == "COLUMN_NOT_FOUND" || subtype == "MISSING_ENTRY") {
    error.name = member("name");
    error.candidates = split(member("candidates"));
  }
  const std::string position = member("position");
  std::size_t offset = 0;
  if (std::from_chars(position.data(), position.data() + position.size(), offset).ec == std::errc()) error.offset = offset;
  return error;
}

Error SqlError::to_error() const {
  return {kind, message, candidates.empty() ? std::string() : "did you mean '" + candidates.front() + "'?"};
}

}  // namespace penstock
