// Any bytes as the small files and texts in which connectors and streams keep how far they are: read, or refused as damaged; what
// was read is written again the same.

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "connectors/files/file_index.h"
#include "connectors/kafka/record_anchors.h"
#include "connectors/postgres/cdc_state.h"
#include "fuzz/planted_crash.h"
#include "stream/progress.h"

using namespace penstock;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

std::string file_of(std::string_view bytes) {
  static const std::string path = (std::filesystem::temp_directory_path() / ("penstock-fuzz-state-" + std::to_string(getpid()))).string();
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Progress progress, again;
  if (Progress::parse(bytes, progress)) check(Progress::parse(progress.to_text(), again) && again.to_text() == progress.to_text());
  if (const auto anchor = kafka::RecordAnchor::parse(std::string(bytes))) check(kafka::RecordAnchor::parse(anchor->to_text()) == anchor);

  const std::string path = file_of(bytes);
  if (const auto index = files::FileIndex::read(path); !index.ok()) check(index.error().kind == ErrorKind::data_loss);
  const auto state = postgres::CdcState::load(path);
  check(state.ok() ? state->has_value() : state.error().kind == ErrorKind::data_loss);
  if (state.ok()) {
    check((*state)->save(path).ok());
    const auto saved = postgres::CdcState::load(path);
    check(saved.ok() && (*saved)->slot == (*state)->slot && (*saved)->ranges.size() == (*state)->ranges.size());
  }
  return 0;
}
