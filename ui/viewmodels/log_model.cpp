#include "viewmodels/log_model.h"

#include "client/activity_client.h"
#include "client/pod_client.h"
#include "viewmodels/format.h"

namespace penstock::ui {

LogModel::LogModel(QObject* parent) : QAbstractTableModel(parent) {}

void LogModel::followPod(Connection* engine, const QString& pod, int tail) {
  begin();
  if (engine) call_ = PodClient(*engine).logs(pod, tail, true, this, reply());
}

void LogModel::followEngine(Connection* engine, const QString& containing, const QString& minLevel, int tail) {
  begin();
  if (engine) call_ = ActivityClient(*engine).logs(containing, minLevel, tail, true, this, reply());
}

void LogModel::stop() { call_.cancel(); }

void LogModel::begin() {
  call_.cancel();
  beginResetModel();
  lines_.clear();
  dropped_ = 0;
  endResetModel();
  if (!std::exchange(problem_, {}).isEmpty()) emit problemChanged();
}

StreamReply<LogLine> LogModel::reply() {
  return {[this](std::vector<LogLine> some) { append(std::move(some)); },
          [this](const std::optional<CallError>& error) {
            problem_ = error ? error->message : tr("The log has ended");
            emit problemChanged();
          }};
}

void LogModel::append(std::vector<LogLine> some) {
  const int surplus = static_cast<int>(lines_.size() + some.size()) - mostLines;
  if (surplus > 0) {
    const int gone = std::min<int>(surplus, rowCount());
    if (gone > 0) {
      beginRemoveRows({}, 0, gone - 1);
      lines_.erase(lines_.begin(), lines_.begin() + gone);
      endRemoveRows();
    }
    some.erase(some.begin(), some.begin() + (surplus - gone));
    dropped_ += surplus;
  }
  beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(some.size()) - 1);
  std::move(some.begin(), some.end(), std::back_inserter(lines_));
  endInsertRows();
}

int LogModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(lines_.size()); }

QVariant LogModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const LogLine& line = this->line(index.row());
  switch (role) {
    case Qt::DisplayRole:
      switch (index.column()) {
        case At: return timeOfDay(line.at, TimeZone::Utc);
        case Level: return line.level;
        case Origin: return line.origin;
        case Text: return line.text;
        default: return {};
      }
    case Qt::ToolTipRole: return index.column() == At ? bothZones(line.at) : QVariant(line.text);
    case MonoRole: return true;
    case ToneRole:
      if (line.level == "error") return index.column() == At || index.column() == Origin ? voice::Dim : voice::Failing;
      if (line.level == "warning") return index.column() == At || index.column() == Origin ? voice::Dim : voice::Warning;
      return index.column() == Text && line.level == "info" ? voice::Normal : voice::Dim;
    case SearchRole: return line.text;
    case LevelRole: return line.level;
    default: return {};
  }
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case At: return tr("Time (UTC)");
    case Level: return tr("Level");
    case Origin: return tr("From");
    case Text: return tr("What");
    default: return {};
  }
}

}  // namespace penstock::ui
