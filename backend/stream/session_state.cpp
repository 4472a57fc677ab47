#include "stream/session_state.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <limits>

#include "record/batch_bytes.h"
#include "stream/flow.h"
#include "stream/watermark_log.h"

namespace penstock {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kSlackRows = 65'536;       // rows of closed sessions that nobody minds
constexpr std::size_t kManyEntries = 4'096;

}  // namespace

struct SessionState::Keys {
  // Open sessions of a key by their first time. Few keys have more than one.
  absl::flat_hash_map<KeyHash, std::map<std::int64_t, std::int64_t>> sessions;
  std::map<std::int64_t, KeyHash> key_of;
};

SessionState::SessionState(Options options)
    : options_(std::move(options)), watermark_(options_.watermark), keys_(std::make_unique<Keys>()), closed_until_(kNever) {}
SessionState::~SessionState() = default;

std::string SessionState::entry_key(std::int64_t entry) const {
  std::string key = options_.state_prefix + "rows/";
  append_key(entry, key);
  return key;
}

// Below it, the rows of the entry that are not needed any more, one value for each log().
std::string SessionState::dead_key(std::int64_t entry) const {
  std::string key = options_.state_prefix + "dead/";
  append_key(entry, key);
  return key;
}

void SessionState::drop(std::map<std::int64_t, Entry>::iterator entry) {
  kept_rows_ -= entry->second.rows.rows();
  gone_.push_back(entry->first);
  dead_.erase(entry->first);
  entries_.erase(entry);
}

// Joins the sessions that the row is near to.
void SessionState::place(const KeyHash& key, std::int64_t time, RowPlace at) {
  ++open_rows_;
  auto& of_key = keys_->sessions[key];
  std::int64_t number = 0;
  std::vector<std::int64_t> others;
  for (const auto& [first, one] : of_key) {
    if (first > time + options_.gap || sessions_.at(one).last + options_.gap < time) continue;
    if (number == 0) number = one;
    else others.push_back(one);
  }
  if (number == 0) {
    number = next_session_++;
    sessions_[number] = {time, time, {at}};
    keys_->key_of[number] = key;
    of_key[time] = number;
    ends_.insert({time + options_.gap, number});
    return;
  }
  Open& session = sessions_.at(number);
  const std::int64_t first = session.first, last = session.last;
  session.rows.push_back(at);
  session.first = std::min(first, time);
  session.last = std::max(last, time);
  for (const std::int64_t one : others) {
    Open& other = sessions_.at(one);
    session.rows.insert(session.rows.end(), other.rows.begin(), other.rows.end());
    session.last = std::max(session.last, other.last);
    of_key.erase(other.first);
    ends_.erase({other.last + options_.gap, one});
    keys_->key_of.erase(one);
    sessions_.erase(one);
  }
  if (session.first != first) {
    of_key.erase(first);
    of_key[session.first] = number;
  }
  if (session.last != last) {
    ends_.erase({last + options_.gap, number});
    ends_.insert({session.last + options_.gap, number});
  }
}

WindowState::Assigned SessionState::add(const Batch& rows, std::int64_t now) {
  WindowState::Assigned assigned;
  const ColumnView times = rows.column(options_.time_column), sources = *rows.find(origin::source), partitions = *rows.find(origin::partition);
  const auto keys = key_hashes(rows, options_.key_columns, NullKey::is_a_value);
  std::vector<std::int64_t> accepted;
  PartitionKey of;
  Watermark::Partition* partition = nullptr;      // neighbours mostly come from the same
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    if (!partition || partitions.int32(row) != of.second || sources.bytes(row) != of.first) {
      of = {std::string(sources.bytes(row)), partitions.int32(row)};
      partition = &watermark_.partition(of, now);
    }
    if (times.is_null(row)) {
      assigned.without_time.push_back(row);
      continue;
    }
    const std::int64_t end = times.int64(row) + options_.gap, own = watermark_.watermark_of(*partition);
    watermark_.observe(*partition, times.int64(row), now);
    if (own != Watermark::kNone && end <= own) assigned.late.push_back(row);
    else if (end <= closed_until_) assigned.late_by_idle.push_back(row);
    else accepted.push_back(row);
  }
  assigned.accepted = static_cast<std::int64_t>(accepted.size());
  accept(rows, accepted, keys);
  return assigned;
}

WindowState::Redriven SessionState::add_redriven(const Batch& rows) {
  WindowState::Redriven redriven;
  const ColumnView times = rows.column(options_.time_column);
  std::vector<std::int64_t> accepted;
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    if (times.is_null(row)) redriven.without_time.push_back(row);
    else if (times.int64(row) + options_.gap <= closed_until_) redriven.closed_rows.push_back(row);
    else accepted.push_back(row);
  }
  redriven.accepted = static_cast<std::int64_t>(accepted.size());
  accept(rows, accepted, key_hashes(rows, options_.key_columns, NullKey::is_a_value));
  return redriven;
}

void SessionState::accept(const Batch& rows, const std::vector<std::int64_t>& which, const std::vector<std::optional<KeyHash>>& keys) {
  if (which.empty()) return;
  const ColumnView times = rows.column(options_.time_column);
  const std::int64_t entry = next_entry_++;
  for (std::size_t i = 0; i < which.size(); ++i)
    place(*keys[static_cast<std::size_t>(which[i])], times.int64(which[i]), {entry, static_cast<std::int64_t>(i)});
  const auto count = static_cast<std::int64_t>(which.size());
  entries_[entry] = {count == rows.rows() ? rows : rows.take(which), count};
  kept_rows_ += count;
}

bool SessionState::due(std::int64_t now) const { return !ends_.empty() && ends_.begin()->first < watermark_.lowest(now); }

std::vector<Batch> SessionState::rows_of(const Open& session) const {
  BatchBuilder builder(options_.input);
  std::vector<Batch> batches;
  for (const RowPlace& at : session.rows) {
    builder.append_row(entries_.at(at.entry).rows, at.row);
    if (builder.rows() == kMaxBatchRows) batches.push_back(builder.finish());
  }
  if (builder.rows() > 0) batches.push_back(builder.finish());
  return batches;
}

// What lies in no session any more is not kept.
void SessionState::release(const Open& session) {
  for (const RowPlace& at : session.rows) {
    const auto entry = entries_.find(at.entry);
    if (--entry->second.live > 0) dead_[at.entry].push_back(at.row);
    else drop(entry);
  }
  open_rows_ -= static_cast<std::int64_t>(session.rows.size());
}

SessionState::Open SessionState::remove(std::int64_t number) {
  const auto session = sessions_.find(number);
  ends_.erase({session->second.last + options_.gap, number});
  const auto key = keys_->key_of.find(number);
  const auto of_key = keys_->sessions.find(key->second);
  of_key->second.erase(session->second.first);
  if (of_key->second.empty()) keys_->sessions.erase(of_key);
  keys_->key_of.erase(key);
  Open removed = std::move(session->second);
  sessions_.erase(session);
  return removed;
}

std::vector<SessionState::Session> SessionState::close(std::int64_t now, bool all) {
  std::vector<Session> closed;
  const std::int64_t watermark = all ? std::numeric_limits<std::int64_t>::max() : watermark_.lowest(now);
  while (!ends_.empty() && ends_.begin()->first < watermark) {
    const std::int64_t end = ends_.begin()->first;
    const Open session = remove(ends_.begin()->second);
    closed.push_back({session.first, end, rows_of(session)});
    release(session);
    close_until(end);
  }
  return closed;
}

void SessionState::close_until(std::int64_t end) {
  if (end <= closed_until_) return;
  closed_until_ = end;
  closed_changed_ = true;
}

void SessionState::forget_closed(std::int64_t now) {
  const std::int64_t until = std::min(closed_until_, watermark_.lowest(now) - 1);
  while (!ends_.empty() && ends_.begin()->first <= until) release(remove(ends_.begin()->second));
}

std::vector<SessionState::Session> SessionState::open_sessions(std::size_t most) const {
  std::vector<Session> open;
  for (auto end = ends_.begin(); end != ends_.end() && open.size() < most; ++end) {
    const Open& session = sessions_.at(end->second);
    open.push_back({session.first, end->first, rows_of(session)});
  }
  return open;
}

void SessionState::rewrite() {
  BatchBuilder builder(options_.input);
  std::map<std::int64_t, Entry> former = std::exchange(entries_, {});
  kept_rows_ = 0;
  dead_.clear();
  const auto seal = [&] {
    const std::int64_t rows = builder.rows();
    if (rows == 0) return;
    entries_[next_entry_++] = {builder.finish(), rows};
    kept_rows_ += rows;
  };
  for (auto& [number, session] : sessions_)
    for (RowPlace& at : session.rows) {
      if (builder.rows() == kMaxBatchRows) seal();
      const std::int64_t row = builder.rows();
      builder.append_row(former.at(at.entry).rows, at.row);
      at = {next_entry_, row};
    }
  seal();
  for (const auto& [entry, rows] : former) gone_.push_back(entry);
}

Status SessionState::restore(const StateStore& state, std::int64_t now) {
  PENSTOCK_ASSIGN(const auto closed_until, state.get(options_.state_prefix + "closed"));
  if (closed_until) closed_until_ = read_key(*closed_until);
  PENSTOCK_TRY(restore_watermark(watermark_, state, options_.state_prefix + "max/", now));
  std::set<std::pair<std::int64_t, std::int64_t>> dead;
  PENSTOCK_TRY(state.scan(options_.state_prefix + "dead/", [&](std::string_view key, std::string_view value) -> Status {
    if (key.size() != 16 || value.size() % 8 != 0) return Error(ErrorKind::data_loss, "a stored list of closed rows is damaged");
    for (; !value.empty(); value.remove_prefix(8)) dead.insert({read_key(key.substr(0, 8)), read_key(value.substr(0, 8))});
    logs_ = std::max(logs_, read_key(key) + 1);
    return {};
  }));
  return state.scan(options_.state_prefix + "rows/", [&](std::string_view key, std::string_view value) -> Status {
    PENSTOCK_ASSIGN(const Batch logged, parse_batch_bytes(value));
    const Batch rows = conform(logged, options_.input);      // a contract may have got a column since
    const ColumnView times = rows.column(options_.time_column);
    const auto keys = key_hashes(rows, options_.key_columns, NullKey::is_a_value);
    const std::int64_t entry = read_key(key);
    next_entry_ = logged_ = std::max(next_entry_, entry + 1);
    Entry& kept = entries_[entry] = {rows, 0};
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
      if (dead.contains({entry, row})) continue;
      place(*keys[static_cast<std::size_t>(row)], times.int64(row), {entry, row});
      ++kept.live;
    }
    kept_rows_ += rows.rows();
    return {};
  });
}

void SessionState::log(StateWrite& write) {
  if (kept_rows_ > 2 * open_rows_ + kSlackRows || entries_.size() > kManyEntries) rewrite();
  for (auto entry = entries_.lower_bound(logged_); entry != entries_.end(); ++entry) {
    std::string value;
    append_batch_bytes(entry->second.rows, value);
    write.put(entry_key(entry->first), value);
  }
  logged_ = next_entry_;
  for (const auto& [entry, rows] : std::exchange(dead_, {})) {
    std::string key = dead_key(entry), value;
    append_key(logs_, key);
    for (const std::int64_t row : rows) append_key(row, value);
    write.put(key, value);
  }
  ++logs_;
  for (const std::int64_t entry : std::exchange(gone_, {})) {
    write.erase(entry_key(entry));
    write.erase_range(dead_key(entry), dead_key(entry + 1));
  }
  log_watermark(watermark_, options_.state_prefix + "max/", write);
  if (!std::exchange(closed_changed_, false)) return;
  std::string value;
  append_key(closed_until_, value);
  write.put(options_.state_prefix + "closed", value);
}

}  // namespace penstock
