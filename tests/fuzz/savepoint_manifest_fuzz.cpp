// Any bytes as the description of a savepoint: read, or passed over; what was read is written again the same, and is of a pipeline
// that can be.

#include <cstdint>
#include <cstdlib>

#include "engine/savepoint_manifest.h"
#include "fuzz/planted_crash.h"

using namespace penstock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  const auto manifest = SavepointManifest::parse({reinterpret_cast<const char*>(data), size});
  if (!manifest) return 0;
  if (manifest->shards < 1 || manifest->rows_in < 0 || manifest->made_at < 0) std::abort();
  if (SavepointManifest::parse(manifest->to_text()) != manifest) std::abort();
  return 0;
}
