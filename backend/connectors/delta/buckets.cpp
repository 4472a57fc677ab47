#include "connectors/delta/buckets.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "connectors/delta/data_files.h"

namespace penstock::delta {
namespace {

constexpr std::int64_t kLargestFile = std::int64_t{1} << 40;      // what a log says of a file may be anything

// The number at the front of `text`, which is taken off; none where there is no number.
std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return number;
}

}  // namespace

std::string Bucket::to_string() const { return "b" + std::to_string(number) + "of" + std::to_string(count); }

Bucket bucket_of(std::string_view path) {
  const auto begin = path.find("-b");
  if (!path.starts_with(kBucketPrefix) || begin == std::string_view::npos) return {};
  path.remove_prefix(begin + 2);
  const auto number = take_number(path);
  if (!number || !path.starts_with("of")) return {};
  path.remove_prefix(2);
  const auto count = take_number(path);
  if (!count || !path.starts_with('-') || !std::has_single_bit(*count) || *count > kMostBuckets || *number >= *count) return {};
  return {*number, *count};
}

std::uint32_t bucket_count(const Snapshot& snapshot, std::int64_t bucket_bytes) {
  std::uint32_t count = 1;
  std::int64_t bytes = 0;
  for (const auto& [path, file] : snapshot.files) {
    count = std::max(count, bucket_of(path).count);
    bytes += std::clamp<std::int64_t>(file.bytes, 0, kLargestFile);
  }
  while (count < kMostBuckets && bytes / count > bucket_bytes) count *= 2;
  return count;
}

}  // namespace penstock::delta
