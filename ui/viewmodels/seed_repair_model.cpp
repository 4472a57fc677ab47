#include "viewmodels/seed_repair_model.h"

#include <QRegularExpression>
#include <QSet>

#include "client/quality_client.h"
#include "viewmodels/roles.h"

namespace penstock::ui {
namespace {

// Fields of one line of CSV (RFC 4180).
QStringList fieldsOf(const QString& line) {
  QStringList fields(QString{});
  bool quoted = false;
  for (qsizetype i = 0; i < line.size(); ++i) {
    const QChar c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.last() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields << QString();
    } else {
      fields.last() += c;
    }
  }
  return fields;
}

QString lineOf(const QStringList& fields) {
  QStringList written;
  for (QString field : fields) {
    if (field.contains(',') || field.contains('"') || field.contains('\n')) field = '"' + field.replace('"', QStringLiteral("\"\"")) + '"';
    written << field;
  }
  return written.join(',');
}

}  // namespace

SeedRepairModel::SeedRepairModel(QObject* parent) : QAbstractTableModel(parent) {}

void SeedRepairModel::show(Connection* engine, const QString& pipeline, const QString& expectation, const QString& sql) {
  engine_ = engine;
  pipeline_ = pipeline;
  expectation_ = expectation;
  static const QRegularExpression selected(QStringLiteral("SELECT\\s+(\\w+)\\s+FROM"), QRegularExpression::CaseInsensitiveOption);
  keyColumn_ = selected.match(sql).captured(1);
  diagnosis_ = {};
  clear();
  reload();
}

void SeedRepairModel::reload() {
  diagnosis_.sentence.clear();
  ask();
}

void SeedRepairModel::refresh() {
  if (!loading_) ask();
}

void SeedRepairModel::ask() {
  loading_ = engine_ && !expectation_.isEmpty();
  problem_.clear();
  emit changed();
  if (!loading_) return call_.cancel();
  call_ = QualityClient(*engine_).diagnose(pipeline_, expectation_, this, [this](const Answer<Diagnosis>& answer) {
    if (!answer) return fail(answer.error());
    diagnosis_ = *answer;
    if (diagnosis_.seed.isEmpty() || diagnosis_.missingKeys.isEmpty() || !engine_) {
      loading_ = false;
      clear();
      emit changed();
      return;
    }
    call_ = QualityClient(*engine_).readSeed(diagnosis_.seed, this, [this](const Answer<Seed>& seed) {
      loading_ = false;
      if (!seed) return fail(seed.error());
      take(*seed);
      emit changed();
    });
  });
}

void SeedRepairModel::fail(const CallError& error) {
  loading_ = false;
  problem_ = error.message;
  emit changed();
}

void SeedRepairModel::clear() {
  beginResetModel();
  header_.clear();
  rows_.clear();
  seed_ = {};
  endResetModel();
}

// Rows of keys that are still missing stay where they are, with what was typed into them and with a cell that is being edited.
void SeedRepairModel::take(const Seed& seed) {
  seed_ = seed;
  const QStringList header = fieldsOf(QString::fromUtf8(seed.csv).section('\n', 0, 0).trimmed());
  if (header != header_) {
    beginResetModel();
    rows_.clear();
    header_ = header;
    key_ = std::max<qsizetype>(0, header_.indexOf(keyColumn_));
    endResetModel();
  }
  QSet<QString> known;
  for (int row = rowCount() - 1; row >= 0; --row) {
    const QString& key = rows_[row][key_];
    if (diagnosis_.missingKeys.contains(key)) {
      known.insert(key);
      continue;
    }
    beginRemoveRows({}, row, row);
    rows_.removeAt(row);
    endRemoveRows();
  }
  for (const QString& key : diagnosis_.missingKeys) {
    if (known.contains(key)) continue;
    beginInsertRows({}, rowCount(), rowCount());
    QStringList row(header_.size());
    row[key_] = key;
    rows_ << row;
    endInsertRows();
  }
}

Seed SeedRepairModel::repaired() const {
  Seed seed = seed_;
  if (!seed.csv.isEmpty() && !seed.csv.endsWith('\n')) seed.csv += '\n';
  for (const QStringList& row : rows_) seed.csv += (lineOf(row) + '\n').toUtf8();
  return seed;
}

QVariant SeedRepairModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole: return rows_[index.row()][index.column()];
    case MonoRole: return true;
    case ToneRole: return index.column() == key_ ? int(voice::Dim) : int(voice::Normal);
    default: return {};
  }
}

bool SeedRepairModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::EditRole || !flags(index).testFlag(Qt::ItemIsEditable)) return false;
  rows_[index.row()][index.column()] = value.toString();
  emit dataChanged(index, index);
  return true;
}

Qt::ItemFlags SeedRepairModel::flags(const QModelIndex& index) const {
  const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
  return index.isValid() && index.column() != key_ ? flags | Qt::ItemIsEditable : flags;
}

QVariant SeedRepairModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  return header_.value(section);
}

}  // namespace penstock::ui
