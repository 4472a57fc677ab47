#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/raw_batch.h"
#include "record/batch_builder.h"

namespace penstock {

struct DecodeFailure {
  std::int64_t row = 0;      // in the raw batch
  std::string reason;        // "qty: expected a whole number, got \"three\""
};

// A field that the contract does not know, or that is seen with another shape.
struct DriftedField {
  std::string name;
  std::string what;          // "added"
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
};

struct Decoded {
  std::vector<DecodeFailure> failures;   // ascending by row
  std::vector<DriftedField> drift;
  std::vector<std::int64_t> drifted_rows;   // ascending; rows that hold any drifted field
  std::vector<std::int64_t> skipped;        // ascending; records that say nothing of their own (tombstones behind a delete): no row comes of them
  std::vector<std::int64_t> source_times;   // micros, of each row, where the records say themselves when it happened; empty: as the source says
};

// How far a decoder has all that records need.
struct Readiness {
  std::int64_t rows = 0;             // so many of them, from the first on, can be decoded now
  std::optional<Error> lacks;        // why the next one cannot: `unavailable`, try again; none when all can
};

// Why a damaged record is refused, in every format; null for one that is not.
inline const char* reason_of(RawBatch::Damage damage) {
  switch (damage) {
    case RawBatch::Damage::none: return nullptr;
    case RawBatch::Damage::cut: return "the record is larger than the source's message_max; only its beginning is kept";
    case RawBatch::Damage::torn: return "its beginning was read as a record of its own before the rest had been written; here it is whole";
  }
  return nullptr;
}

// Turns the values of raw records into the columns of a contract. One per shard; not thread-safe.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual const SchemaPtr& schema() const = 0;
  // Fetches what decoding `raw` needs and is not here yet: the schemas of its writers. May wait for a peer. Whoever does
  // not ask first gets failures for records that lack something.
  virtual Readiness prepare(const RawBatch& raw) { return {raw.rows(), std::nullopt}; }
  // Appends exactly raw.rows() rows to `columns` (built for schema()). A row that cannot be decoded is appended as
  // NULLs and listed in `failures`; nothing else is appended for it. So is one that is listed in `skipped`. A type mismatch
  // is a failure, never a cast.
  virtual Decoded decode(RawBatch& raw, BatchBuilder& columns) = 0;
};

}  // namespace penstock
