#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/codec.h"
#include "record/position.h"

namespace penstock {

// One poll of one source, decoded: what an epoch is made of.
struct Arrival {
  std::size_t source = 0;                  // index in the stream's sources
  std::string source_name;                 // value of `_source`
  Batch rows;                              // of source_schema()
  RawBatch dead;                           // records that could not be decoded
  std::vector<std::string> dead_reasons;   // one per record of `dead`
  std::vector<DriftedField> drift;
  Positions next;                          // per partition seen, the offset after its last record
  Anchors anchors;                         // of these, where the source tells them
  std::int64_t records = 0;
  std::int64_t skipped = 0;                // of them: those that say nothing of their own
  std::int64_t bytes = 0;
  bool new_keys = false;                   // Source::gave_new_keys()
  std::vector<std::int32_t> partitions;    // that are read from now on: the first arrival of a source says them
  bool ended = false;                      // the source has nothing more, ever
};

// Records that were not decoded as rows: origin columns, `_key`, `_headers`, `_raw`.
Batch dead_records(const RawBatch& records, const std::string& source_name, std::int64_t now_micros);

// Decodes `raw`, whose values it takes over, and puts good and bad records where they belong. `source_name` becomes
// `_source`. With `drift_is_dead`, records that hold fields unknown to the contract are dead too. Any thread; one decoder
// at a time.
Arrival decode_arrival(RawBatch& raw, Decoder& decoder, const std::string& source_name,
                       std::int64_t now_micros, bool drift_is_dead);

}  // namespace penstock
