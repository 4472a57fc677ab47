#include "stream/window_state.h"

#include <algorithm>
#include <cstring>

#include "record/batch_bytes.h"
#include "stream/flow.h"
#include "stream/watermark_log.h"

namespace penstock {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kFewPartials = 16'384;     // not worth merging

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

void WindowState::accept(const Batch& rows, std::int64_t row, std::int64_t time) {
  Pane& pane = panes_.try_emplace(options_.times.pane_of(time), options_.input).first->second;
  pane.rows.append_row(rows, row);
  if (pane.rows.rows() == kMaxBatchRows) pane.sealed.push_back(pane.rows.finish());
  ++unreduced_rows_;
  if (options_.update_late == 0 && options_.updates == 0) return;
  for (std::int64_t start = options_.times.first_start(time); start <= options_.times.last_start(time); start += options_.times.every()) {
    if (!is_closed(start)) {
      if (options_.updates > 0) changed_open_.insert(start);
    } else if (!is_gone(start + options_.times.size())) {
      changed_closed_.insert(start);
    }
  }
}

void WindowState::accept_fresh(const Batch& rows, std::int64_t row, std::int64_t time) {
  accept(rows, row, time);
  fresh_.append_row(rows, row);
  if (fresh_.rows() == kMaxBatchRows) fresh_sealed_.push_back(fresh_.finish());
  fresh_last_end_ = std::max(fresh_last_end_, options_.times.last_end(time));
}

std::map<std::int64_t, WindowState::Pane>::const_iterator WindowState::first_open_pane() const {
  return closed_until_ == kNever ? panes_.begin() : panes_.lower_bound(options_.times.start_at_or_after(closed_until_ - options_.times.size() + 1));
}

std::optional<std::int64_t> WindowState::next_window() const {
  const auto pane = first_open_pane();
  if (pane == panes_.end()) return std::nullopt;
  const std::int64_t first = options_.times.first_start(pane->first);
  return closed_until_ == kNever ? first : std::max(first, options_.times.start_at_or_after(closed_until_ - options_.times.size() + 1));
}

std::int64_t WindowState::open_rows() const {
  std::int64_t rows = 0;
  for (auto pane = first_open_pane(); pane != panes_.end(); ++pane) rows += pane->second.unreduced() + pane->second.reduced();
  return rows;
}

std::int64_t WindowState::Pane::unreduced() const {
  std::int64_t count = rows.rows();
  for (const Batch& batch : sealed) count += batch.rows();
  return count;
}

std::int64_t WindowState::Pane::reduced() const {
  std::int64_t count = 0;
  for (const Partial& partial : partials) count += partial.reduced;
  return count;
}

std::vector<Batch> WindowState::Pane::take_rows() {
  if (rows.rows() > 0) sealed.push_back(rows.finish());
  return std::exchange(sealed, {});
}

void WindowState::drop_closed() {
  while (!panes_.empty() && is_gone(options_.times.last_end(panes_.begin()->first))) {
    const auto& [start, pane] = *panes_.begin();
    unreduced_rows_ -= pane.unreduced();
    for (const Partial& partial : pane.partials) gone_partials_.push_back(partial_key(start, partial.number));
    panes_.erase(panes_.begin());
  }
}

bool WindowState::has_partials() const {
  return std::any_of(panes_.begin(), panes_.end(), [](const auto& entry) { return !entry.second.partials.empty(); });
}

std::vector<WindowState::Unreduced> WindowState::take_unreduced() {
  std::vector<Unreduced> all;
  for (auto& [start, pane] : panes_) {
    const std::int64_t rows = pane.unreduced();
    if (rows == 0) continue;
    all.push_back({start, pane.take_rows()});
  }
  unreduced_rows_ = 0;
  reduced_ = true;
  fresh_ = BatchBuilder(options_.input);
  fresh_sealed_.clear();
  fresh_last_end_ = kNever;
  return all;
}

std::string WindowState::partial_key(std::int64_t pane, std::int64_t number) const {
  std::string key = options_.state_prefix + "partial/";
  append_key(pane, key);
  append_key(number, key);
  return key;
}

void WindowState::put_partial(Pane& pane, Batch rows, std::int64_t reduced) {
  pane.partials.push_back({std::move(rows), next_partial_++, reduced});
}

void WindowState::add_partials(std::int64_t pane, Batch partials, std::int64_t reduced) {
  put_partial(panes_.try_emplace(pane, options_.input).first->second, std::move(partials), reduced);
}

Status WindowState::merge_partials(const std::function<Result<std::vector<Batch>>(std::span<const Batch>)>& merge) {
  for (auto& [start, pane] : panes_) {
    std::vector<Batch> rows;
    std::int64_t count = 0;
    for (const Partial& partial : pane.partials) {
      rows.push_back(partial.rows);
      count += partial.rows.rows();
    }
    if (rows.size() < 2 || count <= 2 * pane.merged + kFewPartials) continue;
    PENSTOCK_ASSIGN(const std::vector<Batch> merged, merge(rows));
    const std::int64_t reduced = pane.reduced();
    for (const Partial& partial : pane.partials) gone_partials_.push_back(partial_key(start, partial.number));
    pane.partials.clear();
    put_partial(pane, Batch::concat(merged), reduced);
    pane.merged = pane.partials.front().rows.rows();
  }
  return {};
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
    const std::int64_t end = options_.times.last_end(time);
    const bool late = watermark_.watermark_of(*partition) != Watermark::kNone && end + options_.update_late <= watermark_.watermark_of(*partition);
    watermark_.observe(*partition, time, now);
    if (late) {
      assigned.late.push_back(row);
    } else if (is_gone(end)) {
      assigned.late_by_idle.push_back(row);
    } else {
      accept_fresh(rows, row, time);
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
    const std::int64_t time = times.int64(row), last = options_.times.last_start(time);
    for (std::int64_t start = options_.times.first_start(time); start <= last && is_gone(start + options_.times.size()); start += options_.times.every())
      redriven.closed_windows.push_back(start);
    if (is_gone(last + options_.times.size())) {
      redriven.closed_rows.push_back(row);
      continue;
    }
    accept_fresh(rows, row, time);
    ++redriven.accepted;
  }
  std::sort(redriven.closed_windows.begin(), redriven.closed_windows.end());
  redriven.closed_windows.erase(std::unique(redriven.closed_windows.begin(), redriven.closed_windows.end()), redriven.closed_windows.end());
  return redriven;
}

WindowState::Closed WindowState::window_at(std::int64_t start) {
  Closed window{start, {}, {}};
  for (auto at = panes_.lower_bound(start); at != panes_.end() && at->first < start + options_.times.size(); ++at) {
    Pane& pane = at->second;
    if (pane.rows.rows() > 0) pane.sealed.push_back(pane.rows.finish());
    window.rows.insert(window.rows.end(), pane.sealed.begin(), pane.sealed.end());
    for (const Partial& partial : pane.partials) window.partials.push_back(partial.rows);
  }
  return window;
}

bool WindowState::closes(std::int64_t now, Which which) const {
  if (!changed_closed_.empty()) return true;
  switch (which) {
    case Which::changed: return false;
    case Which::due: return due(now);
    case Which::all: return next_window().has_value();
  }
  return false;
}

std::vector<WindowState::Closed> WindowState::close(std::int64_t now, Which which) {
  std::vector<Closed> closed;
  // Before any more of them is gone.
  for (const std::int64_t start : std::exchange(changed_closed_, {})) {
    closed.push_back(window_at(start));
    closed.back().again = true;
  }
  if (which == Which::changed) return closed;
  const std::int64_t watermark = which == Which::all ? std::numeric_limits<std::int64_t>::max() : watermark_.lowest(now);
  for (auto start = next_window(); start && *start + options_.times.size() <= watermark; start = next_window()) {
    closed.push_back(window_at(*start));
    closed.back().again = options_.updates > 0;      // it may have given updates, also before a restart
    closed_until_ = *start + options_.times.size();
    closed_changed_ = true;
    changed_open_.erase(*start);
    drop_closed();
  }
  if (!updates_due(now)) return closed;
  next_update_ = now + options_.updates;
  for (const std::int64_t start : std::exchange(changed_open_, {})) {
    closed.push_back(window_at(start));
    closed.back().again = true;
  }
  return closed;
}

void WindowState::close_until(std::int64_t end) {
  if (end <= closed_until_) return;
  closed_until_ = end;
  closed_changed_ = true;
  drop_closed();
}

std::vector<WindowState::Closed> WindowState::open_windows() const {
  std::map<std::int64_t, Closed> windows;
  for (const auto& [at, pane] : panes_) {
    std::vector<Batch> rows = pane.sealed;
    BatchBuilder copy = pane.rows;
    if (copy.rows() > 0) rows.push_back(copy.finish());
    for (std::int64_t start = options_.times.first_start(at); start <= options_.times.last_start(at); start += options_.times.every()) {
      if (is_closed(start)) continue;
      Closed& window = windows[start];
      window.start = start;
      window.rows.insert(window.rows.end(), rows.begin(), rows.end());
      for (const Partial& partial : pane.partials) window.partials.push_back(partial.rows);
    }
  }
  std::vector<Closed> open;
  for (auto& [start, window] : windows) open.push_back(std::move(window));
  return open;
}

Status WindowState::restore(const StateStore& state, std::int64_t now) {
  PENSTOCK_ASSIGN(const auto closed_until, state.get(options_.state_prefix + "closed"));
  if (closed_until) closed_until_ = read_key(*closed_until);
  PENSTOCK_TRY(restore_watermark(watermark_, state, options_.state_prefix + "max/", now));
  PENSTOCK_TRY(state.scan(options_.state_prefix + "partial/", [&](std::string_view key, std::string_view value) { return restore_partial(key, value); }));
  PENSTOCK_TRY(state.scan(options_.state_prefix + "rows/", [&](std::string_view key, std::string_view value) -> Status {
    PENSTOCK_ASSIGN(const std::vector<Batch> batches, parse_sized(value));
    Logged logged{read_key(key), kNever};
    for (const Batch& logged_rows : batches) {
      // A contract may have got a column since.
      const Batch rows = conform(logged_rows, options_.input);
      const ColumnView times = rows.column(options_.time_column);
      for (std::int64_t row = 0; row < rows.rows(); ++row) {
        const std::int64_t time = times.int64(row), end = options_.times.last_end(time);
        logged.last_end = std::max(logged.last_end, end);
        if (!is_gone(end)) accept(rows, row, time);
      }
    }
    logged_.push_back(logged);
    return {};
  }));
  changed_closed_.clear();      // what they gave was committed with their rows
  return {};
}

// "<pane><number>": how many rows, then the partial rows.
Status WindowState::restore_partial(std::string_view key, std::string_view value) {
  if (key.size() != 16 || value.size() < 8) return Error(ErrorKind::data_loss, "a stored part of a window is damaged");
  const std::int64_t start = read_key(key.substr(0, 8)), number = read_key(key.substr(8));
  PENSTOCK_ASSIGN(Batch rows, parse_batch_bytes(value.substr(8)));
  if (!options_.partial || *rows.schema() != *options_.partial)
    return Error(ErrorKind::data_loss, "a stored part of a window has other columns than the step computes now");
  if (is_gone(options_.times.last_end(start))) return {};
  next_partial_ = logged_partials_ = std::max(next_partial_, number + 1);
  Pane& pane = panes_.try_emplace(start, options_.input).first->second;
  pane.partials.push_back({std::move(rows), number, read_key(value.substr(0, 8))});
  return {};
}

void WindowState::log(std::int64_t epoch, StateWrite& write) {
  const auto rows_key = [&](std::int64_t of) {
    std::string key = options_.state_prefix + "rows/";
    append_key(of, key);
    return key;
  };
  if (fresh_.rows() > 0) fresh_sealed_.push_back(fresh_.finish());
  if (std::exchange(reduced_, false)) {
    for (const Logged& logged : logged_) write.erase(rows_key(logged.epoch));
    logged_.clear();
    for (const auto& [start, pane] : panes_)
      for (const Partial& partial : pane.partials) {
        if (partial.number < logged_partials_) continue;
        std::string value = text_value(partial.reduced);
        append_batch_bytes(partial.rows, value);
        write.put(partial_key(start, partial.number), value);
      }
    logged_partials_ = next_partial_;
  }
  for (const std::string& key : std::exchange(gone_partials_, {})) write.erase(key);
  if (!fresh_sealed_.empty()) {
    std::string value;
    for (const Batch& batch : fresh_sealed_) append_sized(batch, value);
    write.put(rows_key(epoch), value);
    logged_.push_back({epoch, fresh_last_end_});
    fresh_sealed_.clear();
    fresh_last_end_ = kNever;
  }
  log_watermark(watermark_, options_.state_prefix + "max/", write);
  if (std::exchange(closed_changed_, false)) {
    write.put(options_.state_prefix + "closed", text_value(closed_until_));
    // Entries are erased from the front only; one that is held back by a later window holds back those behind it a little.
    while (!logged_.empty() && is_gone(logged_.front().last_end)) {
      write.erase(rows_key(logged_.front().epoch));
      logged_.pop_front();
    }
  }
}

}  // namespace penstock
