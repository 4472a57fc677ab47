#include "connectors/delta/data_files.h"

#include <cstdio>
#include <filesystem>

#include "base/ids.h"
#include "connectors/delta/durable_file.h"
#include "record/key_bytes.h"

namespace penstock::delta {
namespace {

namespace fs = std::filesystem;

const char* prefix_of(DataFileKind kind) { return kind == DataFileKind::part ? "part-" : "compact-"; }

}  // namespace

std::string writer_tag(const Marker& marker) {
  const std::uint64_t hash = fnv_hash(marker.stream + "/" + marker.sink + "/" + std::to_string(marker.shard));
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

std::string data_file_name(DataFileKind kind, const std::string& tag, std::int64_t epoch) {
  return prefix_of(kind) + tag + "-" + std::to_string(epoch) + "-" + random_id() + ".parquet";
}

std::string bucket_file_name(const Bucket& bucket, const std::string& tag, std::int64_t epoch) {
  return std::string(kBucketPrefix) + tag + "-" + std::to_string(epoch) + "-" + bucket.to_string() + "-" + random_id() + ".parquet";
}

void remove_orphans(const std::string& table_folder, const Snapshot& snapshot, const std::string& tag, std::size_t depth) {
  std::error_code code;
  for (fs::recursive_directory_iterator entry(table_folder, code), end; !code && entry != end; entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (static_cast<std::size_t>(entry.depth()) >= depth || name == "_delta_log") entry.disable_recursion_pending();
    const bool ours = name.find(prefix_of(DataFileKind::part) + tag + "-") != std::string::npos ||
                      name.find(prefix_of(DataFileKind::compact) + tag + "-") != std::string::npos ||
                      name.find(std::string(kBucketPrefix) + tag + "-") != std::string::npos;
    const std::string path = entry->path().lexically_relative(table_folder).generic_string();
    if (ours && !snapshot.files.contains(path) && !snapshot.removed.contains(path)) remove_file(entry->path().string());
  }
}

Status check_present(const std::string& table_folder, const AddFile& file) {
  const std::string path = table_folder + "/" + file.path;
  std::error_code code;
  const auto bytes = fs::file_size(path, code);
  if (code) return Error(ErrorKind::data_loss, "the data file is gone before it was committed: " + code.message(), "", path);
  if (static_cast<std::int64_t>(bytes) != file.bytes)
    return Error(ErrorKind::data_loss,
                 "the data file has " + std::to_string(bytes) + " bytes where " + std::to_string(file.bytes) + " were written", "", path);
  return {};
}

}  // namespace penstock::delta
