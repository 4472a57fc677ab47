#include "connectors/files/file_reader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include <zlib.h>
#include <zstd.h>

namespace penstock::files {
namespace {

constexpr std::size_t kInput = 128 << 10;

class PlainReader : public FileReader {
 public:
  PlainReader(const std::string& path, std::int64_t bytes) : path_(path), file_(std::filesystem::path(path), std::ios::binary), left_(bytes) {}

  bool is_open() const { return file_.is_open(); }

  Result<std::size_t> read(char* out, std::size_t size) override {
    file_.read(out, std::min<std::int64_t>(static_cast<std::int64_t>(size), left_));
    if (file_.bad()) return Error(ErrorKind::io, "the file cannot be read", "", path_);
    left_ -= file_.gcount();
    return static_cast<std::size_t>(file_.gcount());
  }

 private:
  std::string path_;
  std::ifstream file_;
  std::int64_t left_;
};

// What gzip and zstd have in common: compressed bytes in, until the input ends inside of a stream or after one.
class CompressedReader : public FileReader {
 public:
  CompressedReader(std::string path, std::unique_ptr<FileReader> input) : path_(std::move(path)), input_(std::move(input)), buffer_(kInput) {}

  Result<std::size_t> read(char* out, std::size_t size) override {
    std::size_t made = 0;
    while (made == 0) {
      if (damaged_) return damaged_error("is damaged");
      if (at_ == filled_) {
        PENSTOCK_ASSIGN(filled_, input_->read(buffer_.data(), buffer_.size()));
        at_ = 0;
        if (filled_ == 0) return inside_ ? Result<std::size_t>(damaged_error("ends too early")) : Result<std::size_t>(std::size_t{0});
      }
      damaged_ = !step(out, size, made);
    }
    given_ += made;
    return made;
  }

 protected:
  // Decompresses some of buffer_[at_, filled_) to `out`; keeps at_ and inside_. False when the data is damaged.
  virtual bool step(char* out, std::size_t size, std::size_t& made) = 0;

  Error damaged_error(const char* what) const {
    return {ErrorKind::data_loss, std::string("the compressed data ") + what + "; the " + std::to_string(given_) + " bytes before that were read",
            "deliver the file again under another name", path_};
  }

  std::string path_;
  std::unique_ptr<FileReader> input_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
  std::size_t given_ = 0;
  bool inside_ = true;      // of a member or frame: the input must not end here
  bool damaged_ = false;
};

class GzipReader final : public CompressedReader {
 public:
  GzipReader(std::string path, std::unique_ptr<FileReader> input) : CompressedReader(std::move(path), std::move(input)) {
    damaged_ = inflateInit2(&stream_, 15 + 16) != Z_OK;
  }
  ~GzipReader() override { inflateEnd(&stream_); }

 private:
  bool step(char* out, std::size_t size, std::size_t& made) override {
    if (!inside_) {
      // A new member follows the last one.
      if (inflateReset(&stream_) != Z_OK) return false;
      inside_ = true;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(buffer_.data() + at_);
    stream_.avail_in = static_cast<uInt>(filled_ - at_);
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(size);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    at_ = filled_ - stream_.avail_in;
    made = size - stream_.avail_out;
    if (code == Z_STREAM_END) inside_ = false;
    return code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR;
  }

  z_stream stream_{};
};

class ZstdReader final : public CompressedReader {
 public:
  ZstdReader(std::string path, std::unique_ptr<FileReader> input) : CompressedReader(std::move(path), std::move(input)), stream_(ZSTD_createDStream()) {
    damaged_ = stream_ == nullptr;
  }
  ~ZstdReader() override { ZSTD_freeDStream(stream_); }

 private:
  bool step(char* out, std::size_t size, std::size_t& made) override {
    ZSTD_inBuffer in{buffer_.data(), filled_, at_};
    ZSTD_outBuffer result{out, size, 0};
    const std::size_t code = ZSTD_decompressStream(stream_, &result, &in);
    at_ = in.pos;
    made = result.pos;
    if (ZSTD_isError(code)) return false;
    inside_ = code != 0;
    return true;
  }

  ZSTD_DStream* stream_;
};

}  // namespace

Result<std::unique_ptr<FileReader>> open_file(const std::string& path, std::int64_t plain_bytes) {
  const std::string suffix = std::filesystem::path(path).extension().string();
  const bool compressed = suffix == ".gz" || suffix == ".zst";
  auto plain = std::make_unique<PlainReader>(path, compressed ? std::numeric_limits<std::int64_t>::max() : plain_bytes);
  if (!plain->is_open()) return Error(ErrorKind::not_found, "the file is gone or cannot be opened", "", path);
  if (suffix == ".gz") return std::unique_ptr<FileReader>(std::make_unique<GzipReader>(path, std::move(plain)));
  if (suffix == ".zst") return std::unique_ptr<FileReader>(std::make_unique<ZstdReader>(path, std::move(plain)));
  return std::unique_ptr<FileReader>(std::move(plain));
}

}  // namespace penstock::files
