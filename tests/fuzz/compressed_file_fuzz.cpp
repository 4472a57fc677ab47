// Any bytes as a .gz or .zst file: its bytes, then its end or an error. The first byte chooses the suffix.

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "connectors/files/file_reader.h"
#include "fuzz/planted_crash.h"

using namespace penstock::files;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  if (size == 0) return 0;
  static const auto folder = std::filesystem::temp_directory_path();
  static const std::string stem = (folder / ("penstock-fuzz-" + std::to_string(getpid()))).string();
  const std::string path = stem + (data[0] % 2 == 0 ? ".gz" : ".zst");
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data + 1), static_cast<std::streamsize>(size - 1));
  auto reader = open_file(path);
  if (!reader.ok()) std::abort();
  // A small file may unpack to very much: 64 MiB show what there is to see.
  std::size_t unpacked = 0;
  for (char piece[4096]; unpacked < (64U << 20);) {
    const auto got = (*reader)->read(piece, sizeof(piece));
    if (!got.ok() || *got == 0) break;
    if (*got > sizeof(piece)) std::abort();
    unpacked += *got;
  }
  std::filesystem::remove(path);
  return 0;
}
