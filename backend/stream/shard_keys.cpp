// Keys that their source spreads over its partitions, against what it declares.

#include "stream/key_places.h"
#include "stream/shard.h"

namespace penstock {
namespace {

// "store_id = 7, sku = ABC"
std::string key_text(const Batch& rows, const std::vector<std::string>& columns, std::int64_t row) {
  std::string text;
  for (const std::string& column : columns) text += (text.empty() ? "" : ", ") + column + " = " + rows.find(column)->to_text(row);
  return text;
}

}  // namespace

// Rows that enter a step's state, so that one that was rejected before stops nothing. Rows that do not say where they come from (they
// come out of a window), or that have lost a column of the key, are not looked at, nor are keys with a NULL.
Status Shard::check_key_places(std::size_t step, const std::vector<const Flow*>& flows) const {
  if (!parts_.key_places) return {};
  if (const auto stopped = parts_.key_places->stopped()) return *stopped;
  for (const std::size_t above : program_->sources_above(step)) {
    const SourceSpec& source = program_->sources()[above].spec;
    if (source.partitioned_by.empty()) continue;
    std::vector<std::string> columns = source.partitioned_by;
    columns.insert(columns.begin(), {std::string(origin::source), std::string(origin::partition)});
    for (const Flow* flow : flows)
      for (const Flow::Part& part : flow->parts) {
        std::vector<std::size_t> places;
        for (const std::string& column : columns)
          if (const auto place = part.rows.schema()->find(column)) places.push_back(*place);
        if (places.size() < columns.size()) continue;
        const ColumnView sources = part.rows.column(places[0]), numbers = part.rows.column(places[1]);
        places.erase(places.begin() + 1);
        auto keys = key_hashes(part.rows, places);
        std::vector<std::int32_t> partitions(keys.size());
        for (std::size_t row = 0; row < keys.size(); ++row) {
          const auto number = static_cast<std::int64_t>(row);
          if (!keys[row]) continue;
          if (sources.bytes(number) != sources_[above].name) keys[row].reset();
          else partitions[row] = numbers.int32(number);
        }
        // Partitions of several topics that have the same number within them hold the same keys.
        if (source.settings.text("topic").starts_with('^'))
          for (std::int32_t& partition : partitions) partition %= kPartitionsOfATopic;
        const auto stray = parts_.key_places->note(keys, partitions);
        if (!stray) continue;
        const Error error(ErrorKind::failed_precondition,
                     "the key " + key_text(part.rows, source.partitioned_by, stray->row) + " of source '" + source.name + "' is in partition " + std::to_string(stray->before) +
                         " and in partition " + std::to_string(partitions[static_cast<std::size_t>(stray->row)]) + ", so that step '" + program_->steps()[step]->spec().name +
                         "' would have it in two shards",
                     "divide the source as partitioned_by says, or say shards: 1 for a stream of another name", source.at.to_string());
        parts_.key_places->stop(error);
        return error;
      }
  }
  return {};
}

}  // namespace penstock
