#include "shell/palette_items.h"

#include <algorithm>
#include <functional>

#include "shell/page_list.h"
#include "viewmodels/session.h"

namespace penstock::ui {
namespace {

// Higher is better; negative: no match.
int scoreOf(const PaletteItem& item, const QString& typed) {
  const QString text = item.text.toLower();
  const QString all = text + ' ' + item.kind.toLower() + ' ' + item.detail.toLower();
  int score = 0;
  for (const QString& word : typed.toLower().split(' ', Qt::SkipEmptyParts)) {
    if (text == word) score += 100;
    else if (text.startsWith(word)) score += 60;
    else if (text.contains(word)) score += 40;
    else if (all.contains(word)) score += 15;
    else {
      qsizetype at = -1;
      for (const QChar letter : word) {
        at = text.indexOf(letter, at + 1);
        if (at < 0) return -1;
      }
      score += 5;
    }
  }
  return score * 4 - static_cast<int>(std::min<qsizetype>(text.size(), 40)) / 10;
}

QString titleOf(const QString& pageId) {
  for (const PageEntry& page : pageList()) {
    if (page.id == pageId) return page.title;
  }
  return pageId;
}

using Add = std::function<void(const QString& text, const QString& kind, const QString& detail, const Link& link)>;

// What can be done to each pipeline and pod, as its own page would do it.
void addActions(const Session& session, const Add& add) {
  for (int row = 0; row < session.pipelines.rowCount(); ++row) {
    const auto& pipeline = session.pipelines.row(row);
    if (!pipeline.engine->isFresh()) continue;
    const QString& name = pipeline.state.name;
    const auto offer = [&](const QString& text, const char* page, const QString& object, const char* press) {
      add(text.arg(name), QObject::tr("action"), wordOf(session.pipelines.statusOf(row)), {pipeline.engine->name(), QString::fromLatin1(page), object, {}, QString::fromLatin1(press)});
    };
    const PipelineStatus status = pipeline.state.status;
    if (status == PipelineStatus::Stopped) offer(QObject::tr("Run %1"), "overview", name, "run");
    else if (status == PipelineStatus::Paused) offer(QObject::tr("Resume %1"), "overview", name, "resume");
    else {
      offer(QObject::tr("Pause %1"), "overview", name, "pause");
      offer(QObject::tr("Drain and stop %1"), "overview", name, "stop");
    }
    offer(QObject::tr("Savepoints of %1"), "overview", name, "savepoints");
    offer(QObject::tr("Replay %1"), "replay", name, "");
    if (pipeline.state.shards > 1) offer(QObject::tr("Scale %1"), "pods", name + QStringLiteral("-0"), "scale");
  }
  QSet<QString> urgent;         // offered first already
  for (int row = 0; row < session.attention.rowCount(); ++row) {
    const AttentionModel::Item& item = session.attention.item(row);
    if (item.attention.firstAction == "reset") urgent.insert(item.engine + '\t' + item.attention.pod);
  }
  for (int row = 0; row < session.pods.rowCount(); ++row) {
    const auto& pod = session.pods.row(row);
    if (urgent.contains(pod.engine->name() + '\t' + pod.state.name)) continue;
    if (pod.engine->isFresh()) add(QObject::tr("Reset %1 and replay the gap").arg(pod.state.name), QObject::tr("action"), wordOf(session.pods.phaseOf(row)), {pod.engine->name(), QStringLiteral("pods"), pod.state.name, {}, QStringLiteral("reset")});
  }
}

}  // namespace

std::vector<PaletteItem> paletteItems(Session& session) {
  std::vector<PaletteItem> items;
  const auto add = [&](const QString& text, const QString& kind, const QString& detail, const Link& link) {
    items.push_back({text, kind, detail, [&session, link] { session.open(link); }});
  };
  for (int row = 0; row < session.attention.rowCount() && !session.shownAt(); ++row) {      // away from live nothing is done
    const AttentionModel::Item& item = session.attention.item(row);
    if (item.attention.firstAction == "reset" && !item.attention.pod.isEmpty()) {
      add(QObject::tr("Reset %1 and replay the gap").arg(item.attention.pod), QObject::tr("action"), item.attention.impact,
          {item.engine, QStringLiteral("pods"), item.attention.pod, {}, QStringLiteral("reset")});
    }
    if (item.attention.firstAction == "show_rows") {
      add(QObject::tr("Show the failing rows of %1").arg(item.attention.pipeline), QObject::tr("action"), item.attention.impact,
          session.expectationLink(item.engine, item.attention.pipeline, item.attention.expectation));
    }
  }
  for (const PageEntry& page : pageList()) {
    add(page.title, QObject::tr("page"), QStringLiteral("G %1").arg(QKeySequence(page.letter).toString()), {{}, page.id, {}, {}});
  }
  for (int row = 0; row < session.pipelines.rowCount(); ++row) {
    const auto& pipeline = session.pipelines.row(row);
    const QString engine = pipeline.engine->name();
    add(pipeline.state.name, QObject::tr("pipeline"), pipeline.state.tenant + QStringLiteral(" · ") + wordOf(session.pipelines.statusOf(row)),
        {engine, QStringLiteral("overview"), pipeline.state.name, {}});
    for (const char* page : {"lineage", "latency", "quality"}) {
      add(pipeline.state.name, titleOf(QString::fromLatin1(page)).toLower(), pipeline.state.tenant, {engine, QString::fromLatin1(page), pipeline.state.name, {}});
    }
  }
  if (!session.shownAt()) addActions(session, add);
  for (int row = 0; row < session.pods.rowCount(); ++row) {
    const auto& pod = session.pods.row(row);
    add(pod.state.name, QObject::tr("pod"), wordOf(session.pods.phaseOf(row)), {pod.engine->name(), QStringLiteral("pods"), pod.state.name, {}});
  }
  for (int row = 0; row < session.expectations.rowCount(); ++row) {
    const auto& check = session.expectations.row(row);
    add(check.state.name, QObject::tr("expectation"), check.state.pipeline,
        {check.engine->name(), QStringLiteral("quality"), check.state.pipeline + '/' + check.state.step + '/' + check.state.name, {}});
  }
  for (const Connection* engine : session.fleet.connections()) {
    QMap<QString, QString> nodes;       // ids of the lineage, with their pipeline
    for (const EdgeState& edge : engine->picture().edges) {
      nodes.insert(edge.from, edge.pipeline);
      nodes.insert(edge.to, edge.pipeline);
    }
    for (auto node = nodes.cbegin(); node != nodes.cend(); ++node) {
      const QString kind = node.key().section('/', 0, 0);
      const QString name = node.key().section('/', 1).replace('/', '.');
      add(name, QString(kind).replace('_', ' '), node.value(), {engine->name(), QStringLiteral("lineage"), node.key(), {}});
      if (kind == "table") add(name, QObject::tr("query"), QStringLiteral("SELECT * FROM %1").arg(name), {engine->name(), QStringLiteral("query"), name, {}});
    }
  }
  const bool isUtc = session.timeZone() == TimeZone::Utc;
  items.push_back({isUtc ? QObject::tr("Show local time") : QObject::tr("Show UTC"), QObject::tr("action"), {}, [&session, isUtc] {
                     session.preferences.setTimeZone(isUtc ? TimeZone::Local : TimeZone::Utc);
                   }});
  for (const auto& [appearance, text] : {std::pair(Preferences::Appearance::Dark, QObject::tr("Dark appearance")),
                                         std::pair(Preferences::Appearance::Light, QObject::tr("Light appearance")),
                                         std::pair(Preferences::Appearance::System, QObject::tr("Appearance of the system"))}) {
    items.push_back({text, QObject::tr("action"), {}, [&session, appearance = appearance] { session.preferences.setAppearance(appearance); }});
  }
  return items;
}

std::vector<PaletteItem> bestMatches(const std::vector<PaletteItem>& items, const QString& typed, size_t most) {
  std::vector<std::pair<int, const PaletteItem*>> scored;
  for (const PaletteItem& item : items) {
    if (const int score = scoreOf(item, typed); score >= 0) scored.emplace_back(score, &item);
  }
  if (!typed.trimmed().isEmpty()) {
    std::stable_sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  }
  std::vector<PaletteItem> best;
  for (size_t i = 0; i < std::min(most, scored.size()); ++i) best.push_back(*scored[i].second);
  return best;
}

}  // namespace penstock::ui
