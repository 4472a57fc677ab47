// Any bytes as an entry of an outbox: read, or refused as damaged. What is read is written again the same.

#include <cstdint>
#include <cstdlib>

#include "fuzz/planted_crash.h"
#include "stream/outbox_entry.h"

using namespace penstock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  const auto epoch = decode_epoch(1, {reinterpret_cast<const char*>(data), size});
  if (!epoch.ok()) return 0;
  const auto again = decode_epoch(1, encode_epoch(*epoch));
  if (!again.ok() || again->rows.size() != epoch->rows.size() || again->files.size() != epoch->files.size() || again->progress != epoch->progress) std::abort();
  return 0;
}
