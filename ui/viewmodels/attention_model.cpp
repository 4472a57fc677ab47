#include "viewmodels/attention_model.h"

#include <algorithm>

#include "viewmodels/format.h"
#include "viewmodels/states.h"

namespace penstock::ui {
namespace {

bool isSame(const AttentionModel::Item& a, const AttentionModel::Item& b) {
  return a.engine == b.engine && a.attention.id == b.attention.id;
}

std::optional<Attention> silenceOf(const Connection& engine) {
  if (engine.isFresh() || engine.state() == EngineState::Connecting) return std::nullopt;
  Attention item;
  item.id = QStringLiteral("engine/") + engine.name();
  item.severity = QStringLiteral("failing");
  item.subject = AttentionModel::tr("Engine %1: %2").arg(engine.name(), wordOf(engine.state()));
  item.impact = engine.problem().message;
  item.detail = isKnown(engine.picture().at) ? AttentionModel::tr("Its %1 are shown as they were last").arg(counted(engine.picture().pipelines.size(), AttentionModel::tr("pipeline"), AttentionModel::tr("pipelines")))
                                             : engine.address();
  item.since = wallClockNow() - Micros(engine.behind());
  item.firstAction = QStringLiteral("connect");
  return item;
}

}  // namespace

AttentionModel::AttentionModel(Fleet& fleet, QObject* parent) : QAbstractTableModel(parent), fleet_(fleet) {
  connect(&fleet, &Fleet::changed, this, [this](Connection*, const TelemetryChanges& changes) {
    if (changes.full || changes.attentionChanged) collect();
  });
  connect(&fleet, &Fleet::stateChanged, this, &AttentionModel::collect);
  connect(&fleet, &Fleet::aboutToRemove, this, [this](Connection* engine) {
    beginResetModel();
    std::erase_if(items_, [&](const Item& item) { return item.engine == engine->name(); });
    endResetModel();
  });
  collect();
}

void AttentionModel::collect() {
  std::vector<Item> items;
  for (const Connection* engine : fleet_.connections()) {
    if (const auto silence = silenceOf(*engine)) items.push_back({*silence, engine->name()});
    for (const Attention& attention : engine->picture().attention) items.push_back({attention, engine->name()});
  }
  // What a silent engine told last is true until it says otherwise, but its silence comes first.
  const auto isSilence = [](const Item& item) { return item.attention.firstAction == "connect"; };
  std::stable_sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
    if (isSilence(a) != isSilence(b)) return isSilence(a);
    if (a.attention.severity != b.attention.severity) return a.attention.severity == "failing";
    return a.attention.since < b.attention.since;
  });
  if (items.size() == items_.size() && std::equal(items.begin(), items.end(), items_.begin(), isSame)) {
    items_ = std::move(items);
    if (!items_.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, columns - 1));
    return;
  }
  beginResetModel();
  items_ = std::move(items);
  endResetModel();
}

int AttentionModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(items_.size()); }

QVariant AttentionModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Item& item = items_[static_cast<size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      switch (index.column()) {
        case Subject: return item.attention.subject;
        case Impact: return item.attention.impact;
        case Detail: return item.attention.detail;
        case Since: return isKnown(item.attention.since) ? duration(wallClockNow() - item.attention.since) : noValue;
        default: return {};
      }
    case Qt::ToolTipRole: return index.column() == Since ? bothZones(item.attention.since) : QVariant();
    case ShapeRole: return item.attention.severity == "failing" ? mark::Failing : mark::Warning;
    case ToneRole: return index.column() == Subject ? int(voice::Normal) : int(voice::Dim);
    case IdRole: return item.attention.id;
    case EngineRole: return item.engine;
    case RankRole: return item.attention.severity == "failing" ? 0 : 1;
    default: return {};
  }
}

QVariant AttentionModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case Subject: return tr("What");
    case Impact: return tr("Who is hit");
    case Detail: return tr("Detail");
    case Since: return tr("For");
    default: return {};
  }
}

}  // namespace penstock::ui
