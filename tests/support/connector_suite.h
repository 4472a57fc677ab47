#pragma once

// What every source and every sink has to keep, whatever its peer (io/source.h, io/sink.h): each check gives what was wrong, or
// nothing. Crash points are checked with whole processes (tests/e2e/*_delivery, *_crash_matrix).

#include <QString>
#include <QStringList>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <thread>

#include "backend/sql/rows.h"
#include "io/sink.h"
#include "io/source.h"
#include "support/memory_notes.h"

namespace penstock::test {

inline QString said(const Status& status) { return status.ok() ? QString() : QString::fromStdString(status.error().to_string()); }

// A sink over one peer. Rows have a whole number `id` and a text `text`.
struct SinkUnderTest {
  std::function<std::unique_ptr<Sink>()> make;            // another life of it
  std::function<QStringList()> ids;                       // what the peer has, sorted; of a peer that honours keys, where that is how it stays exact
  std::string refused_text;                               // a row with it is one that the peer refuses
  std::function<void(bool)> reach;                        // whether the peer can be reached; empty: it has none to be cut off from
  std::string secret;                                     // what the connection says of itself; empty: nothing

  MemoryNotes notes = {};                                 // as the stream's state keeps them
  Marker marker = {.state_id = "s1", .sink = "silver.suite", .shard = 0, .stream = "suite"};
};

class SinkSuite {
 public:
  explicit SinkSuite(SinkUnderTest& sink) : sink_(sink) {}

  static SchemaPtr schema() {
    static const SchemaPtr schema = make_schema({{"id", {TypeKind::int64}}, {"text", {TypeKind::varchar}}});
    return schema;
  }

  // What one life has brought is there in the next, and comes once.
  QString deliversEachEpochOnceOverItsLives() {
    for (const int last : {2, 3, 5})
      if (const QString wrong = said(deliver_up_to(last)); !wrong.isEmpty()) return wrong;
    return expect_epochs(5);
  }
  // A peer that is gone is waited for: the error says that trying again helps, and nothing is lost or doubled.
  QString aPeerThatIsGoneIsTriedAgain() {
    if (!sink_.reach) return "the test cannot cut the peer off";
    if (const QString wrong = said(deliver_up_to(2)); !wrong.isEmpty()) return wrong;
    auto living = live();
    if (!living.ok()) return said(living.error());
    sink_.reach(false);
    const Status in_life = (*living)->deliver({epoch(3)}, no_rejects, {});
    const Status at_start = deliver_up_to(3);
    sink_.reach(true);
    for (const Status& status : {in_life, at_start}) {
      if (status.ok()) return "it delivers to a peer that is gone";
      const ErrorKind kind = status.error().kind;
      if (kind != ErrorKind::unavailable && kind != ErrorKind::deadline_exceeded) return "not as what is tried again: " + said(status);
      if (shows_secret(said(status))) return "the secret is shown: " + said(status);
    }
    living->reset();
    if (const QString wrong = said(deliver_up_to(4)); !wrong.isEmpty()) return wrong;
    return expect_epochs(4);
  }
  // A row that the peer refuses is recorded before the others are there, with what the peer says.
  QString aRefusedRowIsLeftOutAlone() {
    auto life = live();
    if (!life.ok()) return said(life.error());
    SinkEpoch bad = epoch(1);
    bad.rows = {make_batch(schema(), {{"10", "a"}, {"11", sink_.refused_text}, {"12", "c"}})};
    std::vector<RefusedRow> refused;
    const Status delivered = (*life)->deliver({bad}, [&](const std::vector<RefusedRow>& rows) { return refused.insert(refused.end(), rows.begin(), rows.end()), Status(); }, {});
    if (!delivered.ok()) return said(delivered);
    if (refused.size() != 1 || refused[0].epoch != 1 || refused[0].row != 1) return QString("%1 rows are refused").arg(refused.size());
    if (refused[0].reason.empty() || shows_secret(QString::fromStdString(refused[0].reason))) return "the reason is: " + QString::fromStdString(refused[0].reason);
    return expect({"10", "12"});
  }
  // Where the row cannot be recorded nothing counts as delivered, and the next life does all of it.
  QString nothingIsLeftOutThatIsNotRecorded() {
    SinkEpoch bad = epoch(1);
    bad.rows = {make_batch(schema(), {{"10", "a"}, {"11", sink_.refused_text}, {"12", "c"}})};
    {
      auto life = live();
      if (!life.ok()) return said(life.error());
      if ((*life)->deliver({bad}, [](const auto&) { return Status(Error(ErrorKind::io, "the state is full")); }, {}).ok()) return "it delivers without the record";
    }
    auto life = live();
    if (!life.ok()) return said(life.error());
    if (const Status delivered = (*life)->deliver({bad}, [](const auto&) { return Status(); }, {}); !delivered.ok()) return said(delivered);
    return expect({"10", "12"});
  }
  QString aCancelledDeliveryIsDoneByTheNextLife() {
    {
      auto life = live();
      if (!life.ok()) return said(life.error());
      CancellationSource stop;
      stop.request_stop();
      if ((*life)->deliver({epoch(1), epoch(2)}, no_rejects, stop.get_token()).ok()) return "a delivery that was cancelled succeeds";
    }
    if (const QString wrong = said(deliver_up_to(2)); !wrong.isEmpty()) return wrong;
    return expect_epochs(2);
  }
  QString epochsWithoutRowsAreTaken() {
    auto life = live();
    if (!life.ok()) return said(life.error());
    if (const Status delivered = (*life)->deliver({{.epoch = 1}, epoch(2)}, no_rejects, {}); !delivered.ok()) return said(delivered);
    return expect({"20", "21", "22"});
  }

 private:
  static Status no_rejects(const std::vector<RefusedRow>&) { return Error(ErrorKind::internal, "no row should have been refused"); }
  // The ids n0, n1 and n2.
  static SinkEpoch epoch(std::int64_t number) {
    std::vector<std::vector<std::string>> rows;
    for (int row = 0; row < 3; ++row) rows.push_back({std::to_string(number * 10 + row), "t" + std::to_string(row)});
    return {.epoch = number, .rows = {make_batch(schema(), rows)}};
  }
  Result<std::unique_ptr<Sink>> live() {
    std::unique_ptr<Sink> sink = sink_.make();
    if (!sink) return Error(ErrorKind::internal, "there is no sink");
    sink->keep_notes(sink_.notes);
    PENSTOCK_ASSIGN(const auto held, sink->open(sink_.marker, schema()));
    held_ = held.value_or(0);
    return sink;
  }
  // As a stream does: what the peer holds is not sent again.
  Status deliver_up_to(std::int64_t last) {
    PENSTOCK_ASSIGN(const auto sink, live());
    for (std::int64_t number = std::max(held_, taken_) + 1; number <= last; ++number) {
      PENSTOCK_TRY(sink->deliver({epoch(number)}, no_rejects, {}));
      taken_ = number;      // the outbox is trimmed
    }
    return {};
  }
  QString expect_epochs(std::int64_t last) {
    QStringList ids;
    for (std::int64_t number = 1; number <= last; ++number)
      for (int row = 0; row < 3; ++row) ids << QString::number(number * 10 + row);
    return expect(ids);
  }
  QString expect(const QStringList& expected) {
    const QStringList found = sink_.ids();
    return found == expected ? QString() : "the peer has " + found.join(' ') + ", not " + expected.join(' ');
  }
  bool shows_secret(const QString& text) const { return !sink_.secret.empty() && text.contains(QString::fromStdString(sink_.secret)); }

  SinkUnderTest& sink_;
  std::int64_t held_ = 0, taken_ = 0;
};

// A source over one peer, of which one partition is looked at.
struct SourceUnderTest {
  std::function<std::unique_ptr<Source>()> make;          // another life of it
  std::function<void(int)> write;                         // so many more records are there; empty: it makes them by itself
  std::function<void(bool)> reach;                        // whether the peer can be reached; empty: it has none to be cut off from
};

class SourceSuite {
 public:
  explicit SourceSuite(SourceUnderTest& source) : source_(source) {}

  // From any offset on the same records come as in the life before, whatever has come since.
  QString anOffsetMeansTheSameRecordAfterARestart() {
    write(12);
    QStringList first;
    if (const QString wrong = read(0, 12, first); !wrong.isEmpty()) return wrong;
    write(3);
    for (const std::size_t from : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{11}}) {
      QStringList again;
      if (const QString wrong = read(offsets_[from], static_cast<qsizetype>(12 - from), again); !wrong.isEmpty()) return wrong;
      if (again != first.mid(static_cast<qsizetype>(from))) return "from " + QString::number(offsets_[from]) + " there come " + again.join(' ') + ", not " + first.mid(static_cast<qsizetype>(from)).join(' ');
    }
    return {};
  }
  QString noMoreIsGivenThanWasAskedFor() {
    write(12);
    auto life = live(0);
    if (!life.ok()) return said(life.error());
    for (qsizetype rows = 0; rows < 12;) {
      RawBatch batch;
      const auto polled = (*life)->poll(batch, {.rows = 5, .wait = kWait}, {});
      if (!polled.ok()) return said(polled.error());
      if (batch.rows() > 5) return QString("%1 rows come where 5 were asked for").arg(batch.rows());
      rows += batch.rows();
    }
    return {};
  }
  QString offsetsGoUp() {
    write(12);
    QStringList first;
    if (const QString wrong = read(0, 12, first); !wrong.isEmpty()) return wrong;
    return std::is_sorted(offsets_.begin(), offsets_.end(), std::less_equal<>()) && std::set(offsets_.begin(), offsets_.end()).size() == offsets_.size() ? QString() : "offsets do not go up";
  }
  // What is durable may be forgotten; what is not comes again.
  QString whatIsNotCommittedComesAgain() {
    write(12);
    QStringList first;
    if (const QString wrong = read(0, 12, first, 6); !wrong.isEmpty()) return wrong;
    QStringList again;
    if (const QString wrong = read(offsets_[6], 6, again); !wrong.isEmpty()) return wrong;
    return again == first.mid(6) ? QString() : "behind what was committed there come " + again.join(' ');
  }
  QString aCancelledPollReturns() {
    auto life = live(0);
    if (!life.ok()) return said(life.error());
    CancellationSource stop;
    std::jthread later([&] { stop.request_stop(); });
    for (int poll = 0; poll < 50; ++poll) {
      RawBatch batch;
      if (const auto polled = (*life)->poll(batch, {.rows = 5, .wait = kWait}, stop.get_token()); !polled.ok() && polled.error().kind != ErrorKind::cancelled) return said(polled.error());
    }
    return {};
  }
  QString aPeerThatIsGoneIsTriedAgain() {
    if (!source_.reach) return "the test cannot cut the peer off";
    write(6);
    QStringList first;
    if (const QString wrong = read(0, 6, first); !wrong.isEmpty()) return wrong;
    source_.reach(false);
    QStringList none;
    const Status status = [&]() -> Status {
      PENSTOCK_ASSIGN(const auto down, live(offsets_.back() + 1));
      RawBatch batch;
      return poll_once(*down, batch);
    }();
    source_.reach(true);
    if (status.ok() || status.error().kind != ErrorKind::unavailable) return "a peer that is gone is not unavailable: " + said(status);
    write(6);
    QStringList rest;
    if (const QString wrong = read(offsets_.back() + 1, 6, rest); !wrong.isEmpty()) return wrong;
    return {};
  }

 private:
  static constexpr std::chrono::milliseconds kWait{5};
  static constexpr int kPatience = 4'000;      // polls of nothing

  void write(int records) {
    if (source_.write) source_.write(records);
  }
  Result<std::unique_ptr<Source>> live(std::int64_t from) {
    std::unique_ptr<Source> source = source_.make();
    if (!source) return Error(ErrorKind::internal, "there is no source");
    PENSTOCK_ASSIGN(const auto ranges, source->partitions());
    if (ranges.empty()) return Error(ErrorKind::internal, "there is no partition");
    PENSTOCK_TRY(source->assign({{.partition = 0, .from = from}}));
    return source;
  }
  static Status poll_once(Source& source, RawBatch& batch) {
    const auto polled = source.poll(batch, {.rows = 100, .wait = kWait}, {});
    return polled.ok() ? Status() : Status(polled.error());
  }
  // The first so many records from there on; those before `committed` are said to be durable.
  QString read(std::int64_t from, qsizetype records, QStringList& out, qsizetype committed = -1) {
    auto life = live(from);
    if (!life.ok()) return said(life.error());
    if (from == 0) offsets_.clear();
    for (int silent = 0; out.size() < records && silent < kPatience; ++silent) {
      RawBatch batch;
      if (const Status polled = poll_once(**life, batch); !polled.ok()) return said(polled);
      for (std::int64_t row = 0; row < batch.rows() && out.size() < records; ++row) {
        if (batch[row].position.partition != 0) continue;
        out << QString::number(batch[row].position.offset) + ":" + QString::fromUtf8(batch[row].value.data(), qsizetype(batch[row].value.size()));
        if (from == 0 || batch[row].position.offset > offsets_.back()) offsets_.push_back(batch[row].position.offset);
        silent = 0;
      }
      if (out.size() >= committed && committed > 0) (*life)->committed({{0, out[committed - 1].section(':', 0, 0).toLongLong() + 1}});
    }
    return out.size() == records ? QString() : QString("only %1 of %2 records come").arg(out.size()).arg(records);
  }

  SourceUnderTest& source_;
  std::vector<std::int64_t> offsets_;        // of those that came
};

}  // namespace penstock::test
