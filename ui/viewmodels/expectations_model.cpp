#include "viewmodels/expectations_model.h"

#include <algorithm>
#include <cmath>

namespace penstock::ui {
namespace {

bool isNumber(int column) { return column >= ExpectationsModel::FailingRows && column <= ExpectationsModel::Usual; }

// Beyond its usual rate: what a person would call failing, not one stray row.
bool isBeyondUsual(const ExpectationState& state) {
  // Rows that are only counted or dropped need nobody until it is known what is usual for them.
  const bool mild = state.onFail == "warn" || state.onFail == "drop";
  const auto before = state.trend.end() - std::min<qptrdiff>(2, static_cast<qptrdiff>(state.trend.size()));
  const bool known = std::any_of(state.trend.begin(), before, [](double rate) { return !std::isnan(rate); });
  if (mild && !known) return false;
  return state.failedRecently > 0 && state.rate > std::max(0.001, 3 * state.usualRate);
}

// Rows that wait somewhere come before those that are only counted.
bool keepsRows(const ExpectationState& state) { return state.onFail == "quarantine" || state.onFail == "fail"; }

int shapeAt(const ExpectationState& state) {
  if (isKnown(state.mutedAt)) return mark::Idle;
  if (state.onFail == "drift" || state.onFail == "contract") return mark::Warning;
  if (!isBeyondUsual(state)) return mark::Ok;
  return state.onFail == "fail" ? mark::Failing : mark::Warning;
}

QString toolTipOf(const ExpectationState& state) {
  QStringList lines{state.sql};
  if (isKnown(state.lastFailedAt)) lines << QObject::tr("last failed") << bothZones(state.lastFailedAt);
  if (isKnown(state.mutedAt)) lines << QObject::tr("muted by %1: %2").arg(state.mutedBy, state.mutedWhy);
  return lines.join('\n');
}

}  // namespace

ExpectationsModel::ExpectationsModel(Fleet& fleet, QObject* parent) : FleetModel(fleet, parent) {
  listen([](const EnginePicture& known) { return valuesOf(known.expectations); },
         [](const TelemetryChanges& changes) { return std::pair(&changes.expectations, QStringList()); });
}

QString ExpectationsModel::textOf(int index, int column) const {
  const ExpectationState& state = row(index).state;
  const bool counts = state.checked > 0 && state.onFail != "drift";
  switch (column) {
    case Name: return state.name;
    case On: return state.step.isEmpty() ? state.pipeline : state.pipeline + '.' + state.step;
    case Engine: return row(index).engine->name();
    case OnFail: return isKnown(state.mutedAt) ? state.onFail + tr(" · muted") : state.onFail;
    case FailingRows: return counts ? grouped(state.failedRecently) : noValue;
    case Now: return counts ? percent(state.rate) : noValue;
    case Usual: return counts ? percent(state.usualRate) : noValue;
    default: return {};
  }
}

QVariant ExpectationsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = this->row(index.row());
  const ExpectationState& state = row.state;
  const int shape = isUnknown(row) ? int(mark::Unknown) : shapeAt(state);
  switch (role) {
    case Qt::DisplayRole: return textOf(index.row(), index.column());
    case Qt::TextAlignmentRole: return isNumber(index.column()) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case Qt::ToolTipRole: return toolTipOf(state);
    case Qt::AccessibleTextRole: return index.column() == State ? state.name : textOf(index.row(), index.column());
    case ShapeRole: return shape;
    case ToneRole:
      if (index.column() == On || index.column() == Engine || index.column() == OnFail || index.column() == Usual) return voice::Dim;
      if (textOf(index.row(), index.column()) == noValue) return voice::Dim;
      return index.column() == FailingRows || index.column() == Now || index.column() == Trend ? toneOf(shape) : int(voice::Normal);
    case StaleRole: return isStale(row);
    case SeriesRole: return QVariant::fromValue(QList<double>(state.trend.begin(), state.trend.end()));
    case SortRole:
      switch (index.column()) {
        case State: return rankOf(shape);
        case FailingRows: return qlonglong(state.failedRecently);
        case Now: return state.rate;
        case Usual: return state.usualRate;
        default: return textOf(index.row(), index.column());
      }
    case RankRole: return 4 * rankOf(shape) + (state.failedRecently > 0 ? 0 : 2) + (keepsRows(state) ? 0 : 1);
    case HealthyRole: return shape == mark::Ok;
    case SearchRole: return QStringList{state.name, state.pipeline, state.step, state.sql}.join(' ');
    case IdRole: return keyOf(state);
    case EngineRole: return row.engine->name();
    case LinkRole: return Link{row.engine->name(), QStringLiteral("quality"), state.pipeline + '/' + state.step + '/' + state.name, {}}.toString();
    case PipelineRole: return state.pipeline;
    case StepRole: return state.step;
    case NameRole: return state.name;
    case SqlRole: return state.sql;
    case OnFailRole: return state.onFail;
    default: return {};
  }
}

QVariant ExpectationsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return isNumber(section) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  if (role == Qt::AccessibleTextRole && section == State) return tr("State");
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case Name: return tr("Expectation");
    case On: return tr("On");
    case Engine: return tr("Engine");
    case OnFail: return tr("When it fails");
    case FailingRows: return tr("Failing rows, 15 m");
    case Now: return tr("Now");
    case Usual: return tr("Usual");
    case Trend: return tr("Last hour");
    default: return {};
  }
}

}  // namespace penstock::ui
