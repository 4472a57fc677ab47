#include "telemetry/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace penstock {
namespace {

constexpr int kSubBits = 5;
constexpr std::uint64_t kMostCounted = std::uint64_t{1} << 53;      // of what comes from outside: so far a double counts exactly
static_assert(1 << kSubBits == LatencyHistogram::kSubBuckets);

// Values below 32 have a bucket each; above, the five bits after the leading one choose it.
int bucket_of(std::int64_t micros) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(micros, 0));
  if (value < LatencyHistogram::kSubBuckets) return static_cast<int>(value);
  const int exponent = std::bit_width(value) - 1 - kSubBits;
  const int bucket = (exponent + 1) * LatencyHistogram::kSubBuckets + static_cast<int>((value >> exponent) - LatencyHistogram::kSubBuckets);
  return std::min(bucket, LatencyHistogram::kBuckets - 1);
}

std::int64_t upper_edge(int bucket) {
  if (bucket < LatencyHistogram::kSubBuckets) return bucket;
  const int exponent = bucket / LatencyHistogram::kSubBuckets - 1;
  const std::int64_t step = bucket % LatencyHistogram::kSubBuckets + LatencyHistogram::kSubBuckets;
  return ((step + 1) << exponent) - 1;
}

void append_varint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

bool read_varint(std::string_view& bytes, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

}  // namespace

void LatencyHistogram::record(std::int64_t micros, std::uint64_t times) {
  counts_[bucket_of(micros)] += times;
  count_ += times;
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
  for (int i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
}

LatencyHistogram LatencyHistogram::later_by(std::int64_t micros) const {
  LatencyHistogram later;
  for (int i = 0; i < kBuckets; ++i)
    if (counts_[i] > 0) later.record(upper_edge(i) + micros, counts_[i]);
  return later;
}

LatencyHistogram LatencyHistogram::since(const LatencyHistogram& earlier) const {
  // A pod that started again counts from zero: then everything is new.
  for (int i = 0; i < kBuckets; ++i)
    if (earlier.counts_[i] > counts_[i]) return *this;
  LatencyHistogram difference;
  for (int i = 0; i < kBuckets; ++i) difference.counts_[i] = counts_[i] - earlier.counts_[i];
  difference.count_ = count_ - earlier.count_;
  return difference;
}

std::int64_t LatencyHistogram::quantile(double q) const {
  if (count_ == 0) return 0;
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (int i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= rank) return upper_edge(i);
  }
  return upper_edge(kBuckets - 1);
}

std::int64_t LatencyHistogram::max() const {
  for (int i = kBuckets - 1; i >= 0; --i)
    if (counts_[i] > 0) return upper_edge(i);
  return 0;
}

std::string LatencyHistogram::to_bytes() const {
  std::string bytes;
  int last = -1;
  for (int i = 0; i < kBuckets; ++i) {
    if (counts_[i] == 0) continue;
    append_varint(static_cast<std::uint64_t>(i - last), bytes);
    append_varint(counts_[i], bytes);
    last = i;
  }
  return bytes;
}

Result<LatencyHistogram> LatencyHistogram::from_bytes(std::string_view bytes) {
  LatencyHistogram histogram;
  std::int64_t bucket = -1;
  while (!bytes.empty()) {
    std::uint64_t gap = 0, times = 0;
    if (!read_varint(bytes, gap) || !read_varint(bytes, times) || gap == 0 || gap > kBuckets || bucket + static_cast<std::int64_t>(gap) >= kBuckets ||
        times > kMostCounted - histogram.count_)
      return Error(ErrorKind::data_loss, "a latency histogram is damaged");
    bucket += static_cast<std::int64_t>(gap);
    histogram.counts_[bucket] = times;
    histogram.count_ += times;
  }
  return histogram;
}

}  // namespace penstock
