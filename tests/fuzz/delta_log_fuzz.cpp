// Any bytes as a commit of a Delta log: actions or an error that names the line; what was understood is written and
// read again as the same; and the table that they make is accepted, or refused by name.

#include <cstdlib>

#include "connectors/delta/buckets.h"
#include "connectors/delta/features.h"
#include "connectors/delta/schema_string.h"
#include "connectors/delta/statistics.h"
#include "fuzz/planted_crash.h"

using namespace penstock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::crash_where_planted(data, size);
  const auto actions = delta::parse_actions({reinterpret_cast<const char*>(data), size});
  if (!actions.ok()) return 0;

  const std::string written = delta::to_json_lines(*actions);
  const auto again = delta::parse_actions(written);
  if (!again.ok() || delta::to_json_lines(*again) != written) std::abort();

  delta::Snapshot snapshot;
  snapshot.apply(*actions, 0);
  static_cast<void>(delta::check_readable(snapshot));
  static_cast<void>(delta::check_writable(snapshot));
  static_cast<void>(delta::evolve(snapshot.metadata.schema_string, Schema({{"id", {TypeKind::int64}}})));
  if (const auto columns = delta::parse_columns(snapshot.metadata.schema_string); columns.ok()) static_cast<void>(delta::to_schema(*columns));
  static_cast<void>(delta::bucket_count(snapshot, 1));
  for (const auto& [path, file] : snapshot.files) {
    if (const delta::Bucket bucket = delta::bucket_of(path); bucket.count == 0 || bucket.number >= bucket.count || !bucket.covers(bucket.number)) std::abort();
    static_cast<void>(delta::time_range(file.statistics, "at"));
    static_cast<void>(delta::text_range(file.statistics, "_source"));
    static_cast<void>(delta::integer_range(file.statistics, "_offset"));
    static_cast<void>(delta::row_count(file.statistics));
  }
  return 0;
}
