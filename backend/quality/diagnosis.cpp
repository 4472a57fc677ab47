#include "quality/diagnosis.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

namespace penstock {
namespace {

constexpr std::int64_t kMostRows = 100'000;
constexpr std::int32_t kPage = 5'000;

// A value of the row's JSON as a CSV writes it; empty where it is null or absent.
std::string value_of(const std::string& values, const std::string& column) {
  const auto object = nlohmann::json::parse(values, nullptr, false);
  if (!object.is_object() || !object.contains(column) || object[column].is_null()) return {};
  return object[column].is_string() ? object[column].get<std::string>() : object[column].dump();
}

std::string sentence_of(const Diagnosis& found, const SeedLookup& lookup, std::int64_t without_key) {
  const std::string rows = std::to_string(found.open_rows) + (found.open_rows == 1 ? " row" : " rows");
  if (found.open_rows == 0) return "No rows are open.";
  if (found.missing_keys.empty() && without_key == 0) return "ref." + lookup.seed + " holds all keys now: " + rows + " would pass.";
  if (found.missing_keys.empty()) return std::to_string(without_key) + " of " + rows + " have no " + lookup.column + ": no seed can help those.";
  const bool one = found.missing_keys.size() == 1;
  return std::to_string(found.missing_keys.size()) + (one ? " key is" : " keys are") + " missing from ref." + lookup.seed + ". With " + (one ? "it, " : "them, ") +
         std::to_string(found.open_rows - without_key) + " of " + rows + " pass.";
}

}  // namespace

std::optional<SeedLookup> seed_lookup_of(const std::string& expectation_sql) {
  static const std::regex pattern(R"(^\s*\"?(\w+)\"?\s+IN\s*\(\s*SELECT\s+\"?(\w+)\"?\s+FROM\s+ref\.\"?(\w+)\"?\s*\)\s*$)", std::regex::icase);
  std::smatch found;
  if (!std::regex_match(expectation_sql, found, pattern)) return std::nullopt;
  return SeedLookup{found[1], found[2], found[3]};
}

Result<Diagnosis> diagnose(const std::string& stream, const std::string& expectation, const std::string& expectation_sql,
                           const RejectedIndex& rejected, const SeedKeys& keys) {
  const RejectedFilter filter{.stream = stream, .expectation = expectation};
  Diagnosis diagnosis;
  PENSTOCK_ASSIGN(diagnosis.open_rows, rejected.count(filter));
  const auto lookup = seed_lookup_of(expectation_sql);
  if (!lookup) {
    diagnosis.sentence = std::to_string(diagnosis.open_rows) + (diagnosis.open_rows == 1 ? " row fails " : " rows fail ") + expectation_sql + ".";
    return diagnosis;
  }
  diagnosis.seed = lookup->seed;
  PENSTOCK_ASSIGN(const auto known, keys(*lookup));
  std::set<std::string> missing;
  std::int64_t without_key = 0;
  for (std::int64_t offset = 0; offset < std::min(diagnosis.open_rows, kMostRows); offset += kPage) {
    PENSTOCK_ASSIGN(const auto page, rejected.page(filter, RejectedOrder::time, offset, kPage));
    for (const auto& row : page) {
      const std::string value = value_of(row.values, lookup->column);
      if (value.empty())
        ++without_key;
      else if (known.contains(value))
        ++diagnosis.would_pass;
      else
        missing.insert(value);
    }
  }
  diagnosis.missing_keys.assign(missing.begin(), missing.end());
  diagnosis.sentence = sentence_of(diagnosis, *lookup, without_key);
  return diagnosis;
}

}  // namespace penstock
