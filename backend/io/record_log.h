#pragma once

// Records that a source cannot ask its peer for a second time, in a folder, until they are durable in the stream's state. Their
// offsets count from 0 and never come again. One object a folder, which is locked; not thread-safe.
//
// Files "<first offset>.log" hold groups, one for each append(): a head of seven little-endian numbers (magic, bytes of the
// payload, its hash, first offset, records), then the note and the records. A group that a power loss has cut is none.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_lock.h"
#include "base/result.h"
#include "io/raw_batch.h"

namespace penstock {

class RecordLog {
 public:
  struct Group {
    std::int64_t first = 0;              // offset of its first record
    std::int64_t records = 0;
    std::string_view note;
  };

  // Makes the folder where it is missing. A torn end is cut off. Error: unavailable while another object has it; data_loss for a
  // group that is damaged before its end.
  static Result<std::unique_ptr<RecordLog>> open(const std::string& folder, std::int64_t segment_bytes = 16 << 20);

  std::int64_t begin() const;            // the first offset that is still held
  std::int64_t end() const { return end_; }
  std::int64_t bytes() const;            // on disk

  // Synced when it returns; gives the first offset. Positions in `records` do not count. After an error nothing was appended.
  Result<std::int64_t> append(const RawBatch& records, std::string_view note = {});
  // Appends, to `out`, records of partition 0 from this offset on, so many at most and no more after so many bytes (one at least).
  Status read(std::int64_t from, std::int64_t rows, std::int64_t bytes, RawBatch& out) const;
  // The groups that are held, oldest first.
  Status scan(const std::function<void(const Group&)>& each) const;
  // Offsets below are not asked for again. Calls `before` with the groups that are about to go. The newest note stays: where its
  // group goes, one without records takes its place.
  Status trim(std::int64_t below, const std::function<Status(const Group&)>& before = {});
  // Nothing is held, and the next offset is this one; not below end().
  Status begin_at(std::int64_t offset);

 private:
  struct Place {
    std::int64_t first = 0;
    std::int64_t records = 0;
    std::int64_t at = 0;                 // of its payload in the file
    std::int64_t bytes = 0;              // of its payload
    std::uint32_t note_bytes = 0;
  };
  struct Segment {
    std::int64_t first = 0;
    std::int64_t bytes = 0;
    std::deque<Place> groups;
  };
  explicit RecordLog(std::string folder, std::int64_t segment_bytes) : folder_(std::move(folder)), segment_bytes_(segment_bytes) {}
  std::string path_of(const Segment& segment) const;
  Status load(Segment& segment, bool last);
  Status add_segment();
  Status keep_note();
  Result<std::string> payload(const Segment& segment, const Place& place) const;

  const std::string folder_;
  const std::int64_t segment_bytes_;
  std::unique_ptr<FileLock> lock_;
  std::deque<Segment> segments_;         // never empty once open
  std::int64_t end_ = 0;
  std::string last_note_;                // the newest that is not empty
};

}  // namespace penstock
