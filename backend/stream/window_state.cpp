#include "stream/window_state.h"

#include <algorithm>
#include <cstring>

#include "record/batch_bytes.h"
#include "stream/flow.h"

namespace penstock {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

// A logged value is the batches of an epoch, each after its length.
void append_sized(const Batch& batch, std::string& out) {
  const std::size_t at = out.size();
  out.append(sizeof(std::uint32_t), '\0');
  append_batch_bytes(batch, out);
  const auto size = static_cast<std::uint32_t>(out.size() - at - sizeof(std::uint32_t));
  std::memcpy(out.data() + at, &size, sizeof size);
}

Result<std::vector<Batch>> parse_sized(std::string_view bytes) {
  std::vector<Batch> batches;
  while (!bytes.empty()) {
    std::uint32_t size = 0;
    if (bytes.size() < sizeof size) return Error(ErrorKind::data_loss, "logged rows of a window are damaged");
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes.remove_prefix(sizeof size);
    if (bytes.size() < size) return Error(ErrorKind::data_loss, "logged rows of a window are damaged");
    PENSTOCK_ASSIGN(Batch batch, parse_batch_bytes(bytes.substr(0, size)));
    batches.push_back(std::move(batch));
    bytes.remove_prefix(size);
  }
  return batches;
}

std::string text_value(std::int64_t number) {
  std::string value;
  append_key(number, value);
  return value;
}

}  // namespace

WindowState::WindowState(Options options)
    : options_(std::move(options)), watermark_(options_.watermark), closed_until_(kNever), fresh_(options_.input), fresh_last_end_(kNever) {}

std::int64_t WindowState::start_of(std::int64_t time) const {
  const std::int64_t remainder = time % options_.size_micros;
  return time - remainder - (remainder < 0 ? options_.size_micros : 0);
}

void WindowState::accept(const Batch& rows, std::int64_t row, std::int64_t start) {
  Window& window = windows_.try_emplace(start, options_.input).first->second;
  window.rows.append_row(rows, row);
  if (window.rows.rows() == kMaxBatchRows) window.sealed.push_back(window.rows.finish());
  ++open_rows_;
}

WindowState::Assigned WindowState::add(const Batch& rows, std::int64_t now) {
  Assigned assigned;
  const ColumnView times = rows.column(options_.time_column);
  const ColumnView sources = *rows.find(origin::source);
  const ColumnView partitions = *rows.find(origin::partition);

  // Neighbours mostly come from the same partition.
  PartitionKey key;
  Watermark::Partition* partition = nullptr;
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    if (!partition || partitions.int32(row) != key.second || sources.bytes(row) != key.first) {
      key = {std::string(sources.bytes(row)), partitions.int32(row)};
      partition = &watermark_.partition(key, now);
    }
    if (times.is_null(row)) {
      assigned.without_time.push_back(row);
      continue;
    }
    const std::int64_t time = times.int64(row);
    const std::int64_t start = start_of(time);
    const std::int64_t end = start + options_.size_micros;
    const bool late = watermark_.watermark_of(*partition) != Watermark::kNone && end <= watermark_.watermark_of(*partition);
    watermark_.observe(*partition, time, now);
    if (late) {
      assigned.late.push_back(row);
    } else if (end <= closed_until_) {
      assigned.late_by_idle.push_back(row);
    } else {
      accept(rows, row, start);
      fresh_.append_row(rows, row);
      if (fresh_.rows() == kMaxBatchRows) fresh_sealed_.push_back(fresh_.finish());
      fresh_last_end_ = std::max(fresh_last_end_, end);
      ++assigned.accepted;
    }
  }
  return assigned;
}

WindowState::Redriven WindowState::add_redriven(const Batch& rows) {
  Redriven redriven;
  const ColumnView times = rows.column(options_.time_column);
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    if (times.is_null(row)) {
      redriven.without_time.push_back(row);
      continue;
    }
    const std::int64_t start = start_of(times.int64(row));
    if (start + options_.size_micros <= closed_until_) {
      redriven.closed_windows.push_back(start);
      redriven.closed_rows.push_back(row);
      continue;
    }
    accept(rows, row, start);
    fresh_.append_row(rows, row);
    if (fresh_.rows() == kMaxBatchRows) fresh_sealed_.push_back(fresh_.finish());
    fresh_last_end_ = std::max(fresh_last_end_, start + options_.size_micros);
    ++redriven.accepted;
  }
  std::sort(redriven.closed_windows.begin(), redriven.closed_windows.end());
  redriven.closed_windows.erase(std::unique(redriven.closed_windows.begin(), redriven.closed_windows.end()), redriven.closed_windows.end());
  return redriven;
}

std::vector<WindowState::Closed> WindowState::close(std::int64_t now, bool all) {
  std::vector<Closed> closed;
  const std::int64_t watermark = all ? std::numeric_limits<std::int64_t>::max() : watermark_.lowest(now);
  while (!windows_.empty() && windows_.begin()->first + options_.size_micros <= watermark) {
    auto& [start, window] = *windows_.begin();
    Closed one{start, std::move(window.sealed)};
    if (window.rows.rows() > 0) one.rows.push_back(window.rows.finish());
    for (const Batch& batch : one.rows) open_rows_ -= batch.rows();
    closed_until_ = std::max(closed_until_, start + options_.size_micros);
    closed_changed_ = true;
    closed.push_back(std::move(one));
    windows_.erase(windows_.begin());
  }
  return closed;
}

void WindowState::close_until(std::int64_t end) {
  if (end <= closed_until_) return;
  closed_until_ = end;
  closed_changed_ = true;
  while (!windows_.empty() && windows_.begin()->first + options_.size_micros <= end) {
    for (const Batch& batch : windows_.begin()->second.sealed) open_rows_ -= batch.rows();
    open_rows_ -= windows_.begin()->second.rows.rows();
    windows_.erase(windows_.begin());
  }
}

std::vector<WindowState::Closed> WindowState::open_windows() const {
  std::vector<Closed> open;
  for (const auto& [start, window] : windows_) {
    Closed one{start, window.sealed};
    BatchBuilder copy = window.rows;
    if (copy.rows() > 0) one.rows.push_back(copy.finish());
    open.push_back(std::move(one));
  }
  return open;
}

Status WindowState::restore(const StateStore& state, std::int64_t now) {
  PENSTOCK_ASSIGN(const auto closed_until, state.get(options_.state_prefix + "closed"));
  if (closed_until) closed_until_ = read_key(*closed_until);
  PENSTOCK_TRY(state.scan(options_.state_prefix + "max/", [&](std::string_view key, std::string_view value) -> Status {
    // "<source>/<partition as eight bytes>"
    if (key.size() < 9 || value.size() != 8) return Error(ErrorKind::data_loss, "a stored watermark is damaged");
    const PartitionKey partition(std::string(key.substr(0, key.size() - 9)), static_cast<std::int32_t>(read_key(key)));
    watermark_.restore(partition, read_key(value), now);
    return {};
  }));
  return state.scan(options_.state_prefix + "rows/", [&](std::string_view key, std::string_view value) -> Status {
    PENSTOCK_ASSIGN(const std::vector<Batch> batches, parse_sized(value));
    Logged logged{read_key(key), kNever};
    for (const Batch& logged_rows : batches) {
      // A contract may have got a column since.
      const Batch rows = conform(logged_rows, options_.input);
      const ColumnView times = rows.column(options_.time_column);
      for (std::int64_t row = 0; row < rows.rows(); ++row) {
        const std::int64_t start = start_of(times.int64(row));
        logged.last_end = std::max(logged.last_end, start + options_.size_micros);
        if (start + options_.size_micros > closed_until_) accept(rows, row, start);
      }
    }
    logged_.push_back(logged);
    return {};
  });
}

void WindowState::log(std::int64_t epoch, StateWrite& write) {
  const auto rows_key = [&](std::int64_t of) {
    std::string key = options_.state_prefix + "rows/";
    append_key(of, key);
    return key;
  };
  if (fresh_.rows() > 0) fresh_sealed_.push_back(fresh_.finish());
  if (!fresh_sealed_.empty()) {
    std::string value;
    for (const Batch& batch : fresh_sealed_) append_sized(batch, value);
    write.put(rows_key(epoch), value);
    logged_.push_back({epoch, fresh_last_end_});
    fresh_sealed_.clear();
    fresh_last_end_ = kNever;
  }
  watermark_.take_changes([&](const PartitionKey& partition, std::int64_t max_time) {
    std::string key = options_.state_prefix + "max/" + partition.first + "/";
    append_key(partition.second, key);
    write.put(key, text_value(max_time));
  });
  if (std::exchange(closed_changed_, false)) {
    write.put(options_.state_prefix + "closed", text_value(closed_until_));
    // Entries are erased from the front only; one that is held back by a later window holds back those behind it a little.
    while (!logged_.empty() && logged_.front().last_end <= closed_until_) {
      write.erase(rows_key(logged_.front().epoch));
      logged_.pop_front();
    }
  }
}

}  // namespace penstock
