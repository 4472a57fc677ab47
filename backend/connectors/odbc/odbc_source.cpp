#include "connectors/odbc/odbc_source.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/crash_point.h"
#include "base/iso8601.h"
#include "record/row_json.h"

namespace penstock {
namespace {

using odbc::Column;
using odbc::Connection;
using odbc::Kind;

// A note: each text with its length before it.
std::string note_of(const std::vector<std::string>& columns, const std::vector<std::string>& place) {
  std::string note = "begun ";
  for (const auto* texts : {&columns, &place})
    for (const std::string& text : *texts) note += std::to_string(text.size()) + ":" + text;
  return note;
}

bool parse_note(std::string_view note, std::vector<std::string>& texts) {
  if (!note.starts_with("begun ")) return false;
  note.remove_prefix(6);
  while (!note.empty()) {
    const std::size_t colon = note.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon > 10) return false;
    std::size_t size = 0;
    for (const char c : note.substr(0, colon)) {
      if (c < '0' || c > '9') return false;
      size = size * 10 + static_cast<std::size_t>(c - '0');
    }
    if (note.size() - colon - 1 < size) return false;
    texts.emplace_back(note.substr(colon + 1, size));
    note.remove_prefix(colon + 1 + size);
  }
  return true;
}

void append_json(const Column& column, const odbc::Value& value, std::string& out) {
  if (!value) out += "null";
  else if (column.kind == Kind::boolean) out += *value == "0" ? "false" : "true";
  else if (column.kind == Kind::integer || column.kind == Kind::decimal) out += *value;
  else if (column.kind == Kind::real) out += value->find_first_of("ni") == std::string::npos ? *value : "null";      // "nan", "inf"
  else append_json_text(*value, out);
}

// True when somebody asked to stop.
bool sleep(std::chrono::steady_clock::duration time, const Cancellation& cancellation) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, cancellation, time, [] { return false; });
  return cancellation.stop_requested();
}

}  // namespace

Status OdbcSource::open() {
  if (log_) return {};
  PENSTOCK_ASSIGN(auto log, RecordLog::open(options_.folder));
  columns_.clear();
  PENSTOCK_ASSIGN(std::string cursor, odbc::quoted_name(options_.cursor));
  columns_.push_back(std::move(cursor));
  for (const std::string& name : options_.key) {
    PENSTOCK_ASSIGN(std::string column, odbc::quoted_name(name));
    columns_.push_back(std::move(column));
  }
  bool fits = true;
  PENSTOCK_TRY(log->scan([&](const RecordLog::Group& group) {
    if (group.note.empty()) return;
    std::vector<std::string> texts;      // the columns, then their values
    fits = parse_note(group.note, texts) && texts.size() >= columns_.size() && std::equal(columns_.begin(), columns_.end(), texts.begin()) &&
           (texts.size() == columns_.size() || texts.size() == 2 * columns_.size());
    if (fits) seen_.assign(texts.begin() + static_cast<std::ptrdiff_t>(columns_.size()), texts.end());
    begun_ = true;
  }));
  if (!fits)
    return Error(ErrorKind::failed_precondition, "the place that was read up to is not one of the cursor and the key of " + options_.name,
                 "say the former cursor and key, or start a new stream", options_.folder);
  log_ = std::move(log);
  return {};
}

Result<std::vector<PartitionRange>> OdbcSource::partitions() {
  PENSTOCK_TRY(open());
  return std::vector<PartitionRange>{{.partition = 0, .earliest = log_->begin(), .head = log_->end()}};
}

Status OdbcSource::assign(const std::vector<Assignment>& assignments) {
  PENSTOCK_TRY(open());
  if (assignments.empty()) return {};
  next_ = assignments.front().from.value_or(log_->begin());
  if (next_ <= log_->end()) return {};
  return Error(ErrorKind::data_loss, "the stream has taken " + options_.name + " up to offset " + std::to_string(next_) + ", and the log beside its state ends at " + std::to_string(log_->end()),
               "put the folder back, or start a new stream", options_.folder);
}

Status OdbcSource::connect() {
  if (connection_ && !connection_->broken()) return {};
  connection_.reset();
  PENSTOCK_ASSIGN(connection_, Connection::open(options_.connection));
  return {};
}

std::string OdbcSource::order(const char* direction) const {
  std::string text;
  for (const std::string& column : columns_) text += (text.empty() ? "" : ", ") + column + direction;
  return text;
}

// (c > C) OR (c = C AND (k > K OR …)): row values are not compared so in every dialect.
std::string OdbcSource::rows_behind(const Place& place) const {
  if (place.empty()) return columns_[0] + " IS NOT NULL";
  std::string condition;
  for (std::size_t i = place.size(); i-- > 0;) {
    const std::string greater = columns_[i] + " > " + place[i];
    condition = condition.empty() ? greater : "(" + greater + " OR (" + columns_[i] + " = " + place[i] + " AND (" + condition + ")))";
  }
  // The first part alone lets an index be used.
  return columns_[0] + " >= " + place[0] + " AND " + condition;
}

Result<OdbcSource::Place> OdbcSource::place_of(const std::vector<Column>& columns, const std::vector<odbc::Value>& row) const {
  Place place;
  std::vector<std::string> names{options_.cursor};
  names.insert(names.end(), options_.key.begin(), options_.key.end());
  for (const std::string& name : names) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.name == name; });
    if (found == columns.end()) return Error(ErrorKind::failed_precondition, options_.name + " has no column '" + name + "'", "name a column of it");
    const odbc::Value& value = row[static_cast<std::size_t>(found - columns.begin())];
    if (!value) return Error(ErrorKind::failed_precondition, "the column '" + name + "' of " + options_.name + " is NULL", "name a key that is never NULL");
    switch (found->kind) {
      case Kind::integer:
      case Kind::decimal: place.push_back(*value); break;
      case Kind::text:
      case Kind::date: place.push_back(odbc::literal(connection_->dialect(), *value)); break;
      case Kind::timestamp: {
        std::string text = value->substr(0, value->size() - 1);      // without Z: the session's zone is UTC
        text[text.find('T')] = ' ';
        const bool cast = connection_->dialect() == odbc::Dialect::sql_server;
        place.push_back(cast ? "CAST('" + text + "' AS DATETIME2(7))" : "'" + text + "'");
        break;
      }
      default: return Error(ErrorKind::failed_precondition, "the column '" + name + "' of " + options_.name + " has a type without an order that can be trusted", "whole numbers, decimals, texts, dates or times");
    }
  }
  return place;
}

Status OdbcSource::begin_at_latest() {
  std::vector<Column> columns;
  PENSTOCK_ASSIGN(const odbc::Rows last, connection_->query(odbc::limited_select(connection_->dialect(), options_.from, rows_behind({}), order(" DESC"), 1), &columns));
  if (!last.empty()) {
    PENSTOCK_ASSIGN(seen_, place_of(columns, last[0]));
  }
  return {};
}

Status OdbcSource::ask() {
  PENSTOCK_TRY(connect());
  if (!begun_) {
    if (options_.from_latest) PENSTOCK_TRY(begin_at_latest());
    PENSTOCK_ASSIGN(const std::int64_t noted, log_->append(RawBatch(), note_of(columns_, seen_)));
    static_cast<void>(noted);
    begun_ = true;
  }
  std::vector<Column> columns;
  const auto rows = connection_->query(odbc::limited_select(connection_->dialect(), options_.from, rows_behind(seen_), order(""), options_.batch), &columns);
  connection_->roll_back();      // no transaction is left open, which would hold back the database's housekeeping
  if (!rows.ok()) return rows.error();
  more_ = static_cast<std::int64_t>(rows->size()) >= options_.batch;
  ask_at_ = clock_.steady() + (more_ ? std::chrono::milliseconds(0) : options_.every);
  if (rows->empty()) return {};
  const auto cursor = std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.name == options_.cursor; });
  RawBatch records;
  std::string value, key;
  for (const auto& row : *rows) {
    value = "{", key = options_.key.empty() ? "" : "{";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const bool is_key = std::find(options_.key.begin(), options_.key.end(), columns[i].name) != options_.key.end();
      for (std::string* out : {&value, is_key ? &key : nullptr}) {
        if (!out) continue;
        if (out->size() > 1) *out += ',';
        append_json_text(columns[i].name, *out);
        *out += ':';
        append_json(columns[i], row[i], *out);
      }
    }
    value += '}';
    if (!key.empty()) key += '}';
    RawBatch::Record record{.value = value, .key = key, .has_key = !key.empty()};
    if (cursor != columns.end() && cursor->kind == Kind::timestamp)
      if (const auto& text = row[static_cast<std::size_t>(cursor - columns.begin())]) 
        if (const auto time = parse_iso_time(*text)) record.source_time_micros = to_micros(*time);
    records.append(record);
  }
  PENSTOCK_ASSIGN(Place place, place_of(columns, rows->back()));
  crash_point("odbc.before_append");
  PENSTOCK_ASSIGN(const std::int64_t first, log_->append(records, note_of(columns_, place)));
  static_cast<void>(first);
  crash_point("odbc.after_append");
  seen_ = std::move(place);
  return {};
}

Result<PollOutcome> OdbcSource::poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) {
  PENSTOCK_TRY(open());
  if (log_->end() <= next_) {
    const auto now = clock_.steady();
    if (now < ask_at_) {
      const auto rest = ask_at_ - now, most = std::chrono::steady_clock::duration(limits.wait);
      if (sleep(std::min(rest, most), cancellation) || rest > most) return PollOutcome::idle;
    }
    if (cancellation.stop_requested()) return PollOutcome::idle;
    PENSTOCK_TRY(ask());
  }
  const std::int64_t before = out.rows();
  PENSTOCK_TRY(log_->read(next_, limits.rows - before, limits.bytes, out));
  if (out.rows() == before) return PollOutcome::idle;
  next_ = out[out.rows() - 1].position.offset + 1;
  return PollOutcome::rows;
}

void OdbcSource::committed(const Positions& positions) {
  const auto found = positions.find(0);
  if (log_ && found != positions.end()) static_cast<void>(log_->trim(found->second));      // what stays is trimmed the next time
}

}  // namespace penstock
