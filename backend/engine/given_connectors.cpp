#include "engine/given_connectors.h"

namespace penstock {
namespace {

class GivenSource final : public Source {
 public:
  GivenSource(std::string name, std::vector<std::string> records, std::int64_t now) : name_(std::move(name)), records_(std::move(records)), now_(now) {}

  std::string name() const override { return name_; }
  bool finite() const override { return true; }
  Result<std::vector<PartitionRange>> partitions() override {
    return std::vector<PartitionRange>{{.partition = 0, .earliest = 0, .head = static_cast<std::int64_t>(records_.size())}};
  }
  Status assign(const std::vector<Assignment>& assignments) override {
    next_ = assignments.empty() ? 0 : assignments.front().from.value_or(0);
    return {};
  }
  Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation) override {
    if (next_ >= static_cast<std::int64_t>(records_.size())) return PollOutcome::ended;
    for (std::int64_t taken = 0; next_ < static_cast<std::int64_t>(records_.size()) && taken < limits.rows; ++taken, ++next_)
      out.append({.position = {0, next_}, .value = records_[static_cast<std::size_t>(next_)], .source_time_micros = now_ + next_});
    return PollOutcome::rows;
  }

 private:
  const std::string name_;
  const std::vector<std::string> records_;
  const std::int64_t now_;
  std::int64_t next_ = 0;
};

class CollectingSink final : public Sink {
 public:
  CollectingSink(std::string table, std::shared_ptr<CollectedRows> collected) : table_(std::move(table)), collected_(std::move(collected)) {}

  std::string name() const override { return table_; }
  SinkTraits traits() const override { return {}; }
  Result<std::optional<std::int64_t>> open(const Marker&, const SchemaPtr&) override { return delivered_; }
  Status deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder&, Cancellation) override {
    for (const auto& epoch : epochs) {
      collected_->add(table_, epoch.rows);
      delivered_ = epoch.epoch;
    }
    return {};
  }

 private:
  const std::string table_;
  const std::shared_ptr<CollectedRows> collected_;
  std::optional<std::int64_t> delivered_;
};

SinkFactory collect_into(std::shared_ptr<CollectedRows> collected) {
  return [collected](const Settings&, const Settings& settings, const ConnectorContext&) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<CollectingSink>(settings.text("table"), collected));
  };
}

}  // namespace

void CollectedRows::add(const std::string& table, const std::vector<Batch>& rows) {
  std::lock_guard lock(mutex_);
  auto& kept = rows_[table];
  kept.insert(kept.end(), rows.begin(), rows.end());
}

std::vector<Batch> CollectedRows::of(const std::string& table) const {
  std::lock_guard lock(mutex_);
  const auto found = rows_.find(table);
  return found == rows_.end() ? std::vector<Batch>{} : found->second;
}

Connector given_connector(std::map<std::string, std::vector<std::string>> records, std::shared_ptr<CollectedRows> collected) {
  Connector connector = collecting_connector(kGiven, std::move(collected));
  connector.make_source = [records = std::move(records)](const Settings&, const Settings& settings, const ConnectorContext& context) -> Result<std::unique_ptr<Source>> {
    const std::string name = settings.text("given");
    const auto found = records.find(name);
    return std::unique_ptr<Source>(std::make_unique<GivenSource>(name, found == records.end() ? std::vector<std::string>{} : found->second,
                                                                 to_micros(context.clock->now())));
  };
  return connector;
}

Connector collecting_connector(const std::string& kind, std::shared_ptr<CollectedRows> collected) {
  Connector connector;
  connector.kind = kind;
  connector.make_sink = collect_into(std::move(collected));
  return connector;
}

}  // namespace penstock
