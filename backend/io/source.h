#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "io/raw_batch.h"
#include "record/schema.h"

namespace penstock {

struct PartitionRange {
  std::int32_t partition = 0;
  std::int64_t earliest = 0;   // first offset that the source still holds
  std::int64_t head = 0;       // the next offset that it will give out
};

struct Assignment {
  std::int32_t partition = 0;
  std::optional<std::int64_t> from;    // next offset to read; none: the earliest that is held
  std::optional<std::int64_t> until;   // stop before this offset (replay); none: go on for ever
};

struct PollLimits {
  std::int64_t rows = 65'536;
  std::int64_t bytes = 16 << 20;
  std::chrono::milliseconds wait{250};   // at most so long when nothing is there
};

enum class PollOutcome {
  rows,     // at least one was appended
  idle,     // nothing now
  ended,    // every assigned partition was read up to its `until`, or the source is finite and was read whole
};

// Where records come from. Made, used and destroyed by one thread (its shard's); nothing here is thread-safe.
// Errors: `unavailable` means trying again may help (the shard backs off and says so); `data_loss` means that
// positions asked for are gone (the stream degrades and names them); everything else stops the stream.
class Source {
 public:
  virtual ~Source() = default;

  // The value of `_source` for its rows: topic, folder, … Constant.
  virtual std::string name() const = 0;
  // True where the source ends by itself (files that are not watched, a replayed range).
  virtual bool finite() const { return false; }

  // Where a first start begins: behind what is there then (`start: latest`), or at the earliest that is held.
  virtual bool starts_at_head() const { return false; }

  // May a second object of the same source be asked for partitions() while this one reads? Of one that was made to read
  // again (ConnectorContext::again): may it read beside the first?
  virtual bool observable() const { return true; }

  // The columns of its records, where it reads them as rows of io/row_json.h and so knows what they are; null where it cannot
  // tell, or not yet.
  virtual SchemaPtr columns() { return nullptr; }

  // A partition as an operator knows it: "pos.sales[3]".
  virtual std::string partition_name(std::int32_t partition) const { return name() + "/" + std::to_string(partition); }

  // What is there now. May ask the peer. Partitions that were not there before are read from their beginning.
  virtual Result<std::vector<PartitionRange>> partitions() = 0;
  // Replaces what is read. Called before the first poll, and again after a reset.
  virtual Status assign(const std::vector<Assignment>& assignments) = 0;
  // Appends records to `out`, in position order within each partition. Returns early when asked to stop.
  virtual Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) = 0;
  // Assigned partitions of which is known that more is there than was given out: that nothing comes of them is no
  // silence. Empty where a source cannot tell.
  virtual std::vector<std::int32_t> behind() const { return {}; }
  // Of assigned partitions, behind what was given out: positions that hold no record (Kafka's marks of transactions) count
  // as given out once they were passed. Empty where a source cannot tell more than its records do.
  virtual Positions reached() const { return {}; }
  // Of assigned partitions, the last record given out of each. Empty where a source cannot tell records apart.
  virtual Anchors anchors() const { return {}; }
  // Whether these records are still as they were; one that is not held any more says nothing. May ask the peer. Errors: data_loss
  // naming partitions that were made anew, so that their positions mean other records now; not_found or unavailable where a partition
  // cannot be asked.
  virtual Status check(const Anchors& anchors) {
    static_cast<void>(anchors);
    return {};
  }
  // What an operator should know though records come: how far its peer has to keep its log for us. Empty: nothing.
  virtual std::string concern() const { return {}; }
  // Bytes of its log that the peer keeps for us, as it was asked last; -1: it keeps none, or does not tell.
  virtual std::int64_t kept_log_bytes() const { return -1; }
  // Whether what the last poll gave out is rows that have a key each, which no other record of this source has had so far, in this life or
  // an earlier one: the first copy of a table. Asked after each poll that gave out rows.
  virtual bool gave_new_keys() const { return false; }
  // Everything below these offsets is durable in the stream's state. Only for others to see lag, or to free a slot.
  virtual void committed(const Positions&) {}
};

}  // namespace penstock
