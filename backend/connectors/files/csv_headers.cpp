#include "connectors/files/csv_headers.h"

#include <charconv>

#include <nlohmann/json.hpp>

namespace penstock::files {
namespace {

constexpr std::string_view kLine = ",\"line\":";

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string headers_prefix(const std::vector<std::string>* columns, const std::string& file) {
  std::string out = "{";
  if (columns) {
    out += "\"columns\":[";
    for (const std::string& name : *columns) out += (out.ends_with('[') ? "" : ",") + quoted(name);
    out += "],";
  }
  return out + "\"file\":" + quoted(file) + std::string(kLine);
}

void append_headers(std::string& out, const std::string& prefix, std::int64_t line) { out += prefix + std::to_string(line) + "}"; }

bool HeadersReader::read(std::string_view headers) {
  columns_changed_ = false;
  if (prefix_.empty() || !headers.starts_with(prefix_)) {
    const auto parsed = nlohmann::json::parse(headers, nullptr, false);
    const std::size_t line_at = headers.rfind(kLine);
    if (!parsed.is_object() || line_at == std::string_view::npos) return false;
    std::vector<std::string> columns;
    if (const auto list = parsed.find("columns"); list != parsed.end() && list->is_array())
      for (const auto& name : *list)
        if (name.is_string()) columns.push_back(name.get<std::string>());
    columns_changed_ = columns != columns_;
    columns_ = std::move(columns);
    prefix_ = headers.substr(0, line_at + kLine.size());
  }
  const char* digits = headers.data() + prefix_.size();
  return std::from_chars(digits, headers.data() + headers.size(), line_).ec == std::errc{};
}

}  // namespace penstock::files
