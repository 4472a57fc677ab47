#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "record/batch.h"

namespace penstock {

// The records of one epoch as they were decoded, numbered through all its arrivals: where a rejected row's raw bytes
// are found, however many steps later it failed.
class EpochRecords {
 public:
  // Gives the number of the batch's first row.
  std::int64_t add(const Batch& records) {
    const std::int64_t first = rows_;
    batches_.push_back(records);
    firsts_.push_back(first);
    rows_ += records.rows();
    return first;
  }
  struct Place {
    const Batch* records = nullptr;
    std::int64_t row = 0;
  };
  Place find(std::int64_t record) const;
  std::int64_t rows() const { return rows_; }

 private:
  std::vector<Batch> batches_;
  std::vector<std::int64_t> firsts_;
  std::int64_t rows_ = 0;
};

// Of rows that a join made, beside their own origin: `_source`, `_partition` and `_offset` of the other row, NULL where it has
// no match; and `_closes`, the watermark at which that was known, 0 where it has one.
const SchemaPtr& partner_schema();
inline constexpr std::size_t kPartnerCloses = 3;

// What one step hands to the next within an epoch.
struct Flow {
  struct Part {
    Batch rows;
    std::vector<std::int64_t> records;     // per row the record it came from; empty behind a window or a join
    std::int64_t window_end = 0;           // of the window that the rows came out of, or of their wait for a match; 0: of none
    bool again = false;                    // its window is among `replaced_windows`
    Batch partners;                        // per row, of partner_schema(); empty where no join is above
    std::vector<std::int64_t> places;      // per row its place in the step's input; only within a step that takes changes
  };
  std::vector<Part> parts;
  std::vector<std::int64_t> replaced_windows;   // starts of windows whose rows here take the place of earlier ones
  // Behind a join: no row to come has a time before this. Its partitions do not say: it may hold their rows back.
  std::optional<std::int64_t> watermark;

  std::int64_t rows() const {
    std::int64_t rows = 0;
    for (const Part& part : parts) rows += part.rows.rows();
    return rows;
  }
};

// The part's rows at `indices`, with their records.
Flow::Part take(const Flow::Part& part, const std::vector<std::int64_t>& indices);
// The same rows in fewer batches: small ones that follow each other are copied into one. Each batch costs a run of every
// step's statement, however few rows it has.
std::vector<Batch> gathered(const std::vector<Batch>& batches);
// The rows at these places, which have this schema, in this order; where a place has no records, a row of NULLs.
Batch gather_rows(const SchemaPtr& schema, std::span<const EpochRecords::Place> places);
// The same rows as `schema` has them: columns by name, NULL where there is none.
Batch conform(const Batch& rows, const SchemaPtr& schema);

}  // namespace penstock
