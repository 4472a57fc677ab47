// Any bytes as an entry of an outbox: read, or refused as damaged. What is read is written again the same.

#include <cstdint>
#include <cstdlib>

#include "fuzz/planted_crash.h"
#include "stream/outbox_entry.h"

using namespace penstock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_of_input) {
  penstock::fuzz::crash_where_planted(data, size_of_input);
  const auto epoch = decode_epoch(1, {reinterpret_cast<const char*>(data), size_of_input});
  const auto size = size_of_stored({reinterpret_cast<const char*>(data), size_of_input});
  if (!epoch.ok()) return 0;
  if (!size.ok() || size->rows != size_of(*epoch).rows) std::abort();
  const auto again = decode_epoch(1, encode_epoch(*epoch));
  if (!again.ok() || again->rows.size() != epoch->rows.size() || again->files.size() != epoch->files.size() || again->progress != epoch->progress) std::abort();
  return 0;
}
