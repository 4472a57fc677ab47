#include "connectors/files/file_index.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/file_sync.h"

namespace penstock::files {
namespace {

namespace fs = std::filesystem;

// Takes the next tab-separated cell as a number.
bool take_number(std::string_view& line, std::int64_t& value) {
  const std::string_view cell = line.substr(0, line.find('\t'));
  const auto [rest, code] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (code != std::errc{} || rest != cell.data() + cell.size()) return false;
  line.remove_prefix(std::min(line.size(), cell.size() + 1));
  return true;
}

// Empty where there is none yet.
std::string content_of(const std::string& path) {
  std::ifstream file(fs::path(path), std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace

Result<FileIndex> FileIndex::read(const std::string& path) {
  FileIndex index(path);
  std::string text = content_of(path);
  text.resize(text.rfind('\n') + 1);      // the rest of a line is on its way
  PENSTOCK_TRY(index.load(text));
  return index;
}

Result<FileIndex> FileIndex::open(const std::string& path) {
  FileIndex index(path);
  if (path.empty()) return index;
  std::error_code code;
  fs::create_directories(fs::path(path).parent_path(), code);
  if (code) return Error(ErrorKind::io, "cannot create the state folder: " + code.message(), "", path);
  std::string text = content_of(path);
  const std::size_t whole = text.rfind('\n') + 1;      // 0 when there is no line at all
  if (whole < text.size()) {
    fs::resize_file(path, whole, code);
    if (code) return Error(ErrorKind::io, "cannot mend the list of files: " + code.message(), "", path);
    text.resize(whole);
  }
  PENSTOCK_TRY(index.load(text));
  return index;
}

// Lines:  file <begin> <bytes> <modified> <hash> <path>  |  read <file> <end>  |  failed <file> <end> <reason>
Status FileIndex::load(const std::string& text) {
  std::size_t line_number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    ++line_number;
    const std::string_view kind = line.substr(0, line.find('\t'));
    line.remove_prefix(std::min(line.size(), kind.size() + 1));
    std::int64_t number = 0;
    bool right = false;
    if (kind == "file") {
      IndexedFile file;
      std::int64_t hash = 0;
      right = take_number(line, file.begin) && take_number(line, file.identity.bytes) && take_number(line, file.identity.modified_micros) &&
              take_number(line, hash) && !line.empty();
      file.identity.ends_hash = static_cast<std::uint64_t>(hash);
      file.identity.path = line;
      if (right) files_.push_back(std::move(file));
    } else if (kind == "read" || kind == "failed") {
      std::int64_t end = 0;
      right = take_number(line, number) && number >= 0 && number < static_cast<std::int64_t>(files_.size()) && take_number(line, end);
      if (right) files_[static_cast<std::size_t>(number)].end = end;
      if (right && kind == "failed") files_[static_cast<std::size_t>(number)].failure = line;
    }
    if (!right)
      return Error(ErrorKind::data_loss, "the list of files that were read is damaged", "restore the state folder, or reset the stream's positions",
                   path_ + ":" + std::to_string(line_number));
  }
  return {};
}

const IndexedFile* FileIndex::last_of(const std::string& relative_path) const {
  for (auto file = files_.rbegin(); file != files_.rend(); ++file)
    if (file->identity.path == relative_path) return &*file;
  return nullptr;
}

Status FileIndex::add(const IndexedFile& file) {
  if (static_cast<std::int64_t>(files_.size()) >= kMaxFiles)
    return Error(ErrorKind::resource_exhausted, "a partition holds at most " + std::to_string(kMaxFiles) + " files", "raise `partitions`, or start a new stream");
  PENSTOCK_TRY(append("file\t" + std::to_string(file.begin) + "\t" + std::to_string(file.identity.bytes) + "\t" +
                      std::to_string(file.identity.modified_micros) + "\t" + std::to_string(static_cast<std::int64_t>(file.identity.ends_hash)) + "\t" +
                      file.identity.path));
  files_.push_back(file);
  return {};
}

Status FileIndex::mark_read(std::size_t file, std::int64_t end) {
  PENSTOCK_TRY(append("read\t" + std::to_string(file) + "\t" + std::to_string(end)));
  files_[file].end = end;
  return {};
}

Status FileIndex::mark_failed(std::size_t file, std::int64_t end, const std::string& reason) {
  std::string line = reason;
  for (char& c : line)
    if (c == '\n') c = ' ';
  PENSTOCK_TRY(append("failed\t" + std::to_string(file) + "\t" + std::to_string(end) + "\t" + line));
  files_[file].end = end;
  files_[file].failure = line;
  return {};
}

Status FileIndex::append(const std::string& line) const {
  if (path_.empty()) return {};
  std::ofstream file(fs::path(path_), std::ios::binary | std::ios::app);
  file << line << '\n';
  file.close();
  if (!file || !sync_file(path_).ok()) return Error(ErrorKind::io, "cannot write the list of files that were read", "check the state folder's rights and free space", path_);
  return {};
}

}  // namespace penstock::files
