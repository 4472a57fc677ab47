#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "base/result.h"

namespace penstock::files {

// The bytes of one file, decompressed by its suffix: .gz (also several members), .zst (also several frames), else
// plain. Used by one thread.
class FileReader {
 public:
  virtual ~FileReader() = default;
  // Up to `size` bytes into `out`; 0 at the end. Errors: io; data_loss when compressed data ends too early or is
  // damaged, after everything before it was given.
  virtual Result<std::size_t> read(char* out, std::size_t size) = 0;
};

// Of a plain file only its first `plain_bytes` bytes. Errors: not_found, io.
Result<std::unique_ptr<FileReader>> open_file(const std::string& path, std::int64_t plain_bytes = std::numeric_limits<std::int64_t>::max());

}  // namespace penstock::files
