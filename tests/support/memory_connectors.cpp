#include "support/memory_connectors.h"

#include <algorithm>

#include "record/row_json.h"

namespace penstock::test {

void MemoryTopic::append(std::int32_t partition, std::string value, std::int64_t time_micros) {
  std::lock_guard lock(mutex_);
  partitions_[static_cast<std::size_t>(partition)].push_back({std::move(value), time_micros});
  changed_.notify_all();
}

void MemoryTopic::grow(std::int32_t partitions) {
  std::lock_guard lock(mutex_);
  partitions_.resize(static_cast<std::size_t>(partitions));
}

void MemoryTopic::end() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void MemoryTopic::set_error(std::optional<Error> error) {
  std::lock_guard lock(mutex_);
  error_ = std::move(error);
  changed_.notify_all();
}

void MemoryTopic::drop_before(std::int32_t partition, std::int64_t offset) {
  std::lock_guard lock(mutex_);
  earliest_[partition] = offset;
}

class MemorySource final : public Source {
 public:
  MemorySource(std::string name, bool from_latest, std::shared_ptr<MemoryTopic> topic)
      : name_(std::move(name)), from_latest_(from_latest), topic_(std::move(topic)) {}

  std::string name() const override { return name_; }
  bool starts_at_head() const override { return from_latest_; }

  Result<std::vector<PartitionRange>> partitions() override {
    std::lock_guard lock(topic_->mutex_);
    std::vector<PartitionRange> ranges;
    for (std::size_t i = 0; i < topic_->partitions_.size(); ++i) {
      const auto partition = static_cast<std::int32_t>(i);
      ranges.push_back({partition, topic_->earliest_[partition], static_cast<std::int64_t>(topic_->partitions_[i].size())});
    }
    return ranges;
  }

  Status assign(const std::vector<Assignment>& assignments) override {
    assignments_ = assignments;
    for (const Assignment& assignment : assignments) next_[assignment.partition] = assignment.from.value_or(0);
    return {};
  }

  Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) override {
    std::unique_lock lock(topic_->mutex_);
    topic_->changed_.wait_for(lock, cancellation, limits.wait, [&] { return topic_->error_ || topic_->ended_ || waiting(); });
    if (topic_->error_) return *topic_->error_;
    const std::int64_t rows_before = out.rows();
    bool all_read = true;
    for (const Assignment& assignment : assignments_) {
      auto& next = next_[assignment.partition];
      const auto& records = topic_->partitions_[static_cast<std::size_t>(assignment.partition)];
      const std::int64_t end = std::min(static_cast<std::int64_t>(records.size()), assignment.until.value_or(INT64_MAX));
      for (; next < end && out.rows() < limits.rows; ++next) {
        const auto& record = records[static_cast<std::size_t>(next)];
        out.append({.position = {assignment.partition, next}, .value = record.value, .source_time_micros = record.time});
      }
      if (next < end || !(topic_->ended_ || (assignment.until && next >= *assignment.until))) all_read = false;
    }
    if (all_read) return PollOutcome::ended;
    return out.rows() > rows_before ? PollOutcome::rows : PollOutcome::idle;
  }

 private:
  bool waiting() const {
    return std::any_of(assignments_.begin(), assignments_.end(), [&](const Assignment& assignment) {
      return next_.at(assignment.partition) < static_cast<std::int64_t>(topic_->partitions_[static_cast<std::size_t>(assignment.partition)].size());
    });
  }

  const std::string name_;
  const bool from_latest_;
  const std::shared_ptr<MemoryTopic> topic_;
  std::vector<Assignment> assignments_;
  std::map<std::int32_t, std::int64_t> next_;
};

std::vector<std::string> MemoryTable::rows() const {
  std::lock_guard lock(mutex_);
  return rows_;
}

std::int64_t MemoryTable::deliveries() const {
  std::lock_guard lock(mutex_);
  return deliveries_;
}

void MemoryTable::wait_for_deliveries(std::int64_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return deliveries_ >= count; });
}

void MemoryTable::fail_next(int times, Error error, bool after_taking) {
  std::lock_guard lock(mutex_);
  failures_left_ = times;
  failure_ = std::move(error);
  fail_after_taking_ = after_taking;
}

void MemoryTable::refuse_rows_with(std::string text) {
  std::lock_guard lock(mutex_);
  refused_text_ = std::move(text);
}

void MemoryTable::accept_all() { refuse_rows_with(""); }

void MemoryTable::hold(bool held) {
  std::lock_guard lock(mutex_);
  held_ = held;
  changed_.notify_all();
}

class MemorySink final : public Sink {
 public:
  explicit MemorySink(std::shared_ptr<MemoryTable> table) : table_(std::move(table)) {}

  std::string name() const override { return "memory"; }
  SinkTraits traits() const override { return {.idempotent = true, .replaces = true}; }

  Result<std::optional<std::int64_t>> open(const Marker& marker, const SchemaPtr&) override {
    marker_ = marker;
    holding_.reset();
    std::lock_guard lock(table_->mutex_);
    const auto own = table_->markers_.find(marker.to_string());
    if (own != table_->markers_.end()) holding_ = own->second.last;
    if (own != table_->markers_.end() && own->second.retired) return Error(ErrorKind::failed_precondition, "another state has taken this table over");
    for (auto& [other, written] : table_->markers_) {
      if (other == marker.to_string() || written.place != place() || written.retired) continue;
      holding_ = written.last;
      if (!marker.take_over) return Error(ErrorKind::failed_precondition, "the table holds rows of another state");
      written.retired = true;
    }
    if (own == table_->markers_.end()) return std::optional<std::int64_t>();
    return std::optional<std::int64_t>(own->second.last.epoch);
  }
  std::optional<Holding> holding() const override { return holding_; }

  Status deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) override {
    const Status delivered = take(epochs, record_rejects, cancellation);
    table_->changed_.notify_all();
    return delivered;
  }

 private:
  Status take(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) {
    std::unique_lock lock(table_->mutex_);
    table_->changed_.wait(lock, cancellation, [this] { return !table_->held_; });
    ++table_->deliveries_;
    const bool fails = table_->failures_left_ > 0 && table_->failures_left_-- > 0;
    if (fails && !table_->fail_after_taking_) return *table_->failure_;
    std::vector<std::string> kept = table_->rows_, taken;
    std::vector<RefusedRow> refused;
    for (const SinkEpoch& epoch : epochs) {
      take_away(epoch.replaces, kept);
      take_away(epoch.replaces, taken);
      std::int64_t number = 0;
      for (const Batch& batch : epoch.rows) {
        for (std::int64_t row = 0; row < batch.rows(); ++row, ++number) {
          std::string json;
          append_row_json(batch, row, json);
          if (!table_->refused_text_.empty() && json.find(table_->refused_text_) != std::string::npos)
            refused.push_back({epoch.epoch, number, "the table does not want '" + table_->refused_text_ + "'"});
          else
            taken.push_back(std::move(json));
        }
      }
    }
    if (!refused.empty()) {
      lock.unlock();
      PENSTOCK_TRY(record_rejects(refused));
      lock.lock();
    }
    table_->rows_ = std::move(kept);
    table_->rows_.insert(table_->rows_.end(), taken.begin(), taken.end());
    table_->markers_[marker_.to_string()] = {place(), {marker_.state_id, epochs.back().epoch, epochs.back().progress}};
    if (fails) return *table_->failure_;
    return {};
  }

  // Only windows are replaced here, each by its start.
  static void take_away(const std::vector<Replacement>& replaces, std::vector<std::string>& rows) {
    for (const Replacement& one : replaces) {
      const std::string window = "\"" + one.column + "\":\"" + to_iso8601(from_micros(one.from)) + "\"";
      const std::string shard = one.shard < 0 ? "" : "\"_shard\":" + std::to_string(one.shard) + "}";
      std::erase_if(rows, [&](const std::string& row) { return row.find(window) != std::string::npos && row.find(shard) != std::string::npos; });
    }
  }

  std::string place() const { return marker_.to_string().substr(marker_.state_id.size()); }

  const std::shared_ptr<MemoryTable> table_;
  Marker marker_;
  std::optional<Holding> holding_;
};

std::shared_ptr<MemoryTopic> MemoryPeers::topic(const std::string& name, std::int32_t partitions) {
  std::lock_guard lock(mutex_);
  auto& topic = topics_[name];
  if (!topic) topic = std::make_shared<MemoryTopic>(partitions);
  return topic;
}

std::shared_ptr<MemoryTable> MemoryPeers::table(const std::string& name) {
  std::lock_guard lock(mutex_);
  auto& table = tables_[name];
  if (!table) table = std::make_shared<MemoryTable>();
  return table;
}

void MemoryPeers::add_to(ConnectorCatalog& catalog) {
  Connector source;
  source.kind = "memory";
  source.source_settings = {{.name = "topic", .required = true}, {.name = "start"}};
  source.make_source = [this](const Settings&, const Settings& settings, const ConnectorContext&) -> Result<std::unique_ptr<Source>> {
    const std::string name = settings.text("topic");
    return std::unique_ptr<Source>(std::make_unique<MemorySource>(name, settings.text("start") == "latest", topic(name)));
  };
  catalog.add(std::move(source));
  Connector sink;
  sink.kind = "memory_table";
  sink.sink_settings = {{.name = "table", .required = true}};
  sink.make_sink = [this](const Settings&, const Settings& settings, const ConnectorContext&) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<MemorySink>(table(settings.text("table"))));
  };
  catalog.add(std::move(sink));
}

}  // namespace penstock::test
