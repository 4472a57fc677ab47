#include "io/raw_batch.h"

#include <cstring>

namespace penstock {
namespace {

constexpr std::uint8_t kHasKey = 1;
constexpr std::uint8_t kTombstone = 2;
constexpr std::uint8_t kCut = 4;
constexpr std::uint8_t kTorn = 8;

}  // namespace

void RawBatch::append(const Record& record) {
  const auto add = [](auto& buffer, std::vector<Span>& spans, std::string_view bytes) {
    spans.push_back({static_cast<std::uint32_t>(buffer.size()), static_cast<std::uint32_t>(bytes.size())});
    buffer.append(bytes);
  };
  add(values_, value_spans_, record.value);
  add(keys_, key_spans_, record.key);
  add(headers_, header_spans_, record.headers);
  flags_.push_back(static_cast<std::uint8_t>((record.has_key ? kHasKey : 0) | (record.tombstone ? kTombstone : 0) |
                                             (record.damage == Damage::cut ? kCut : 0) | (record.damage == Damage::torn ? kTorn : 0)));
  partitions_.push_back(record.position.partition);
  offsets_.push_back(record.position.offset);
  source_times_.push_back(record.source_time_micros);
}

void RawBatch::reserve(std::int64_t rows, std::int64_t bytes) {
  const auto more = offsets_.size() + static_cast<std::size_t>(rows);
  for (auto* spans : {&value_spans_, &key_spans_, &header_spans_}) spans->reserve(more);
  flags_.reserve(more);
  partitions_.reserve(more);
  offsets_.reserve(more);
  source_times_.reserve(more);
  values_.ensure(values_.size() + static_cast<std::size_t>(bytes) + kPadding);
}

void RawBatch::clear() { *this = {}; }

void RawBatch::pad() {
  values_.ensure(values_.size() + kPadding);
  std::memset(values_.data() + values_.size(), 0, kPadding);
}

std::optional<std::vector<std::int32_t>> RawBatch::value_ends() const {
  std::vector<std::int32_t> ends;
  ends.reserve(value_spans_.size());
  for (std::size_t row = 0; row < value_spans_.size(); ++row) {
    if (flags_[row] & kTombstone) return std::nullopt;
    ends.push_back(static_cast<std::int32_t>(value_spans_[row].begin + value_spans_[row].size));
  }
  return ends;
}

RawBatch::Record RawBatch::operator[](std::int64_t row) const {
  const auto view = [row](const auto& buffer, const std::vector<Span>& spans) {
    const Span& span = spans[static_cast<std::size_t>(row)];
    return std::string_view(buffer.data() + span.begin, span.size);
  };
  return {.position = {partitions_[row], offsets_[row]},
          .value = view(values_, value_spans_),
          .key = view(keys_, key_spans_),
          .headers = view(headers_, header_spans_),
          .source_time_micros = source_times_[row],
          .has_key = (flags_[row] & kHasKey) != 0,
          .tombstone = (flags_[row] & kTombstone) != 0,
          .damage = (flags_[row] & kCut) ? Damage::cut : (flags_[row] & kTorn) ? Damage::torn : Damage::none};
}

}  // namespace penstock
