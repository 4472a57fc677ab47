#include "viewmodels/audit_model.h"

#include "client/activity_client.h"
#include "viewmodels/format.h"

namespace penstock::ui {

void AuditModel::show(Connection* engine, const QString& containing) {
  engine_ = engine;
  containing_ = containing;
  ++generation_;
  if (engine) restart();
}

void AuditModel::setTimeZone(TimeZone zone) {
  zone_ = zone;
  emit headerDataChanged(Qt::Horizontal, At, At);
  if (rowCount() > 0) emit dataChanged(index(0, At), index(rowCount() - 1, At));
}

const AuditEntry* AuditModel::entryAt(int row) const {
  const auto page = pages_.constFind(row / pageRows);
  const auto place = static_cast<size_t>(row % pageRows);
  return page == pages_.constEnd() || place >= page->size() ? nullptr : &(*page)[place];
}

void AuditModel::request(int page) {
  if (!engine_) return;
  ActivityClient(*engine_).audit(containing_, qint64(page) * pageRows, pageRows, this,
                                 [this, page, generation = generation_](const Answer<AuditPage>& answer) {
                                   if (generation != generation_) return;
                                   if (!answer) return pageFailed(answer.error().message);
                                   pages_[page] = answer->entries;
                                   pageArrived(page, answer->total);
                                 });
}

QVariant AuditModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const AuditEntry* entry = isHere(index.row()) ? entryAt(index.row()) : nullptr;
  if (!entry) return role == LoadingRole ? QVariant(true) : QVariant();
  const bool runs = entry->outcome.isEmpty() && !entry->failed;
  switch (role) {
    case Qt::DisplayRole:
      switch (index.column()) {
        case At: return dateAndTime(entry->at, zone_).left(19);
        case Who: return entry->who;
        case Action: return entry->action;
        case Target: return entry->target;
        case Why: return entry->why;
        case Outcome: return runs ? tr("runs") : entry->outcome;
        default: return {};
      }
    case Qt::ToolTipRole: return index.column() == At ? bothZones(entry->at) : index.column() == Outcome && !entry->touches.isEmpty() ? entry->touches : data(index, Qt::DisplayRole);
    case Qt::AccessibleTextRole: return index.column() == State ? QVariant(entry->failed ? tr("failed") : runs ? tr("runs") : tr("done")) : data(index, Qt::DisplayRole);
    case ShapeRole: return entry->failed ? mark::Failing : runs ? mark::Running : mark::Ok;
    case ToneRole: return index.column() == Outcome && entry->failed ? voice::Failing : index.column() == At || index.column() == Why ? voice::Dim : voice::Normal;
    case LoadingRole: return false;
    case IdRole: return entry->commandId;
    case EngineRole: return engine_ ? engine_->name() : QString();
    default: return {};
  }
}

QVariant AuditModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::AccessibleTextRole && section == State) return tr("State");
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case At: return tr("When (%1)").arg(zoneName(zone_, wallClockNow()));
    case Who: return tr("Who");
    case Action: return tr("Action");
    case Target: return tr("On");
    case Why: return tr("Why");
    case Outcome: return tr("Outcome");
    default: return {};
  }
}

}  // namespace penstock::ui
