#include "viewmodels/series_feed.h"

#include <algorithm>

#include "client/series_client.h"

namespace penstock::ui {
namespace {

using namespace std::chrono_literals;

// The newest points may still be completed by late reports, so so much is read again.
constexpr auto overlap = 10s;

}  // namespace

SeriesFeed::SeriesFeed(QObject* parent) : QObject(parent) {
  following_.setInterval(1'000);
  connect(&following_, &QTimer::timeout, this, &SeriesFeed::readNewest);
}

void SeriesFeed::followLive(Connection* engine, const QStringList& names, Micros span, int maxPoints) {
  engine_ = engine;
  names_ = names;
  span_ = span;
  maxPoints_ = maxPoints;
  live_ = true;
  readAll();
  following_.start();
}

void SeriesFeed::showPast(Connection* engine, const QStringList& names, Instant from, Instant to, int maxPoints) {
  following_.stop();
  engine_ = engine;
  names_ = names;
  from_ = from;
  to_ = to;
  maxPoints_ = maxPoints;
  live_ = false;
  readAll();
}

const Series* SeriesFeed::find(const QString& name) const {
  const auto found = std::find_if(series_.begin(), series_.end(), [&](const Series& series) { return series.name == name; });
  return found == series_.end() ? nullptr : &*found;
}

Instant SeriesFeed::to() const { return live_ ? wallClockNow() : to_; }
Instant SeriesFeed::from() const { return live_ ? to() - span_ : from_; }

void SeriesFeed::readAll() {
  series_.clear();
  loading_ = engine_ && !names_.isEmpty();
  emit changed();
  if (!loading_) return;
  call_ = SeriesClient(*engine_).series(names_, from(), to(), maxPoints_, this, [this](const Answer<std::vector<Series>>& answer) {
    loading_ = false;
    if (!answer) return fail(answer.error());
    problem_.clear();
    series_ = *answer;
    emit changed();
  });
}

void SeriesFeed::readNewest() {
  if (!engine_ || call_.isRunning()) return;
  Instant since = from();
  for (const Series& series : series_) {
    if (!series.at.empty()) since = std::max(since, instantOf(series.at.back()) - Micros(overlap));
  }
  if (series_.empty()) return readAll();
  // As dense as the rest.
  const double share = static_cast<double>((to() - since).count()) / static_cast<double>(span_.count());
  const int points = std::clamp(static_cast<int>(share * maxPoints_) + 1, 2, maxPoints_);
  call_ = SeriesClient(*engine_).series(names_, since, to(), points, this, [this](const Answer<std::vector<Series>>& answer) {
    if (!answer) return fail(answer.error());
    problem_.clear();
    append(*answer);
    emit changed();
  });
}

void SeriesFeed::append(const std::vector<Series>& newest) {
  const qint64 oldest = microsOf(from());
  for (const Series& fresh : newest) {
    const auto found = std::find_if(series_.begin(), series_.end(), [&](const Series& series) { return series.name == fresh.name; });
    if (found == series_.end()) {
      series_.push_back(fresh);
      continue;
    }
    if (fresh.at.empty()) continue;
    const auto keep = std::lower_bound(found->at.begin(), found->at.end(), fresh.at.front()) - found->at.begin();
    found->at.resize(static_cast<size_t>(keep));
    found->value.resize(static_cast<size_t>(keep));
    found->at.insert(found->at.end(), fresh.at.begin(), fresh.at.end());
    found->value.insert(found->value.end(), fresh.value.begin(), fresh.value.end());
    const auto gone = std::lower_bound(found->at.begin(), found->at.end(), oldest) - found->at.begin();
    found->at.erase(found->at.begin(), found->at.begin() + gone);
    found->value.erase(found->value.begin(), found->value.begin() + gone);
  }
}

void SeriesFeed::fail(const CallError& error) {
  loading_ = false;
  problem_ = error.message;
  emit changed();
}

}  // namespace penstock::ui
