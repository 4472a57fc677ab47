#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/byte_buffer.h"
#include "record/position.h"

namespace penstock {

// Records as a source gave them: not decoded yet. Column by column, filled by one Source::poll; not thread-safe.
// `value`s lie one after the other in one buffer that is padded (kPadding zero bytes follow the last value), so
// that a parser may read past a record's end and the whole buffer becomes bronze's `_raw` column without a copy.
class RawBatch {
 public:
  static constexpr std::size_t kPadding = 64;

  // Why a record is none, though the source gave it: every decoder refuses it.
  enum class Damage {
    none,
    cut,       // too large for the source: only the value's beginning is here
    torn,      // its beginning was given before, as a record of its own, and the rest came later; here it is whole
  };

  struct Record {
    Position position;
    std::string_view value;
    std::string_view key;
    std::string_view headers;              // a JSON object, or empty
    std::int64_t source_time_micros = 0;   // when the source says that it happened; 0: unknown
    bool has_key = false;
    bool tombstone = false;                // the value is NULL, not empty
    Damage damage = Damage::none;
  };

  void append(const Record& record);
  // For so many more records, and bytes of their values.
  void reserve(std::int64_t rows, std::int64_t bytes);
  void clear();

  std::int64_t rows() const { return static_cast<std::int64_t>(offsets_.size()); }
  std::int64_t bytes() const { return static_cast<std::int64_t>(values_.size() + keys_.size() + headers_.size()); }
  Record operator[](std::int64_t row) const;

  // The buffer that holds all values, with kPadding readable bytes behind it after pad().
  std::string_view values() const { return {values_.data(), values_.size()}; }
  void pad();

  // Where each value ends in that buffer; nothing when a value is NULL.
  std::optional<std::vector<std::int32_t>> value_ends() const;
  // Gives the buffer away. No value may be looked at from then on.
  ByteBuffer take_values() { return std::move(values_); }

 private:
  struct Span {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };
  ByteBuffer values_;
  std::string keys_, headers_;
  std::vector<Span> value_spans_, key_spans_, header_spans_;
  std::vector<std::uint8_t> flags_;
  std::vector<std::int32_t> partitions_;
  std::vector<std::int64_t> offsets_;
  std::vector<std::int64_t> source_times_;
};

}  // namespace penstock
