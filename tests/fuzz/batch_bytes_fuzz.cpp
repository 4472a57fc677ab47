// Any bytes as a batch that a pod sends or a state holds: read, or refused as damaged. What is read is written again the
// same. The checksum is made right, as it would hide everything behind it.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "fuzz/planted_crash.h"
#include "record/batch_bytes.h"

using namespace penstock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::uint32_t crc = crc32c(bytes);
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(crc >> shift));
  const auto batch = parse_batch_bytes(bytes);
  if (!batch.ok()) return 0;
  std::string again;
  append_batch_bytes(*batch, again);
  const auto second = parse_batch_bytes(again);
  if (!second.ok() || second->rows() != batch->rows()) std::abort();
  return 0;
}
