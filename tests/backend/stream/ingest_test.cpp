#include "stream/ingest.h"

#include <QTest>

#include <algorithm>
#include <condition_variable>
#include <vector>

using namespace penstock;
using namespace std::chrono_literals;

namespace {

// Gives nothing until it is told to, and remembers how long it might have waited each time.
struct Quiet {
  std::mutex mutex;
  std::condition_variable asked;
  std::vector<std::chrono::milliseconds> waits;
  bool gives = false;

  // The first wait from the `first`-th poll on that is `wait`.
  bool waits_for(std::chrono::milliseconds wait, std::size_t first) {
    std::unique_lock lock(mutex);
    return asked.wait_for(lock, 60s, [&] { return waits.size() > first && std::find(waits.begin() + static_cast<std::ptrdiff_t>(first), waits.end(), wait) != waits.end(); });
  }
};

class QuietSource final : public Source {
 public:
  explicit QuietSource(Quiet& quiet) : quiet_(quiet) {}
  std::string name() const override { return "quiet"; }
  Result<std::vector<PartitionRange>> partitions() override { return std::vector<PartitionRange>{{0, 0, 0}}; }
  Status assign(const std::vector<Assignment>&) override { return {}; }
  Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation) override {
    std::lock_guard lock(quiet_.mutex);
    quiet_.waits.push_back(limits.wait);
    quiet_.asked.notify_all();
    if (!std::exchange(quiet_.gives, false)) return PollOutcome::idle;
    out.append({.position = {0, 0}, .value = "{}"});
    return PollOutcome::rows;
  }

 private:
  Quiet& quiet_;
};

class NoFields final : public Decoder {
 public:
  const SchemaPtr& schema() const override { return schema_; }
  Decoded decode(RawBatch& raw, BatchBuilder& columns) override {
    for (std::int64_t row = 0; row < raw.rows(); ++row) columns[0].append_null();
    return {};
  }

 private:
  const SchemaPtr schema_ = std::make_shared<const Schema>(std::vector<Field>{{"nothing", {TypeKind::int64}}});
};

}  // namespace

class IngestTest : public QObject {
  Q_OBJECT

 private slots:
  void a_source_that_gives_nothing_is_asked_less_often_until_it_gives_again();
};

void IngestTest::a_source_that_gives_nothing_is_asked_less_often_until_it_gives_again() {
  Quiet quiet;
  BoundedQueue<Arrival> queue(64, 1 << 20);
  Ingest::Parts parts;
  parts.stream = parts.name = "quiet";
  parts.make_source = [&] { return Result<std::unique_ptr<Source>>(std::make_unique<QuietSource>(quiet)); };
  parts.make_decoder = [] { return Result<std::unique_ptr<Decoder>>(std::make_unique<NoFields>()); };
  parts.assign = [](Source&) { return Result<std::vector<Assignment>>(std::vector<Assignment>{{0, 0, std::nullopt}}); };
  parts.limits.wait = 250ms;
  parts.queue = &queue;
  parts.changed = [] {};
  Ingest ingest(std::move(parts));
  QVERIFY(quiet.waits_for(1s, 0));
  QVERIFY(ingest.silent());
  std::size_t then = 0;
  {
    std::lock_guard lock(quiet.mutex);
    QCOMPARE(quiet.waits.front(), 250ms);
    then = quiet.waits.size();
    quiet.gives = true;
  }
  QVERIFY(quiet.waits_for(250ms, then));
  queue.close();
}

QTEST_APPLESS_MAIN(IngestTest)
#include "ingest_test.moc"
