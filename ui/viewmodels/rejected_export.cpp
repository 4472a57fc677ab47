#include "viewmodels/rejected_export.h"

#include "client/quality_client.h"
#include "viewmodels/format.h"

namespace penstock::ui {
namespace {

constexpr int pageRows = 2'000;

QByteArray field(QString text) {
  if (text.contains(',') || text.contains('"') || text.contains('\n')) text = '"' + text.replace('"', QStringLiteral("\"\"")) + '"';
  return text.toUtf8();
}

}  // namespace

RejectedExport::RejectedExport(QObject* parent) : QObject(parent) {}

void RejectedExport::start(Connection* engine, const RejectedFilter& filter, const QString& path) {
  call_.cancel();
  file_.close();
  engine_ = engine;
  filter_ = filter;
  path_ = path;
  rows_ = 0;
  file_.setFileName(path + QStringLiteral(".part"));
  if (!file_.open(QIODevice::WriteOnly | QIODevice::Truncate)) {
    emit ended(0, tr("Cannot write %1: %2").arg(path, file_.errorString()));
    return;
  }
  next();
}

void RejectedExport::next() {
  if (!engine_) {
    emit ended(rows_, tr("This engine is no longer connected"));
    return;
  }
  call_ = QualityClient(*engine_).listRejected(filter_, rows_, pageRows, QStringLiteral("time"), this, [this](const Answer<RejectedPage>& answer) {
    if (!answer) {
      emit ended(rows_, answer.error().message);
      return;
    }
    write(*answer);
    emit progressed(rows_, answer->total);
    if (!answer->rows.empty() && rows_ < answer->total) return next();
    file_.close();
    QFile::remove(path_);
    const bool done = file_.rename(path_);
    emit ended(rows_, done ? QString() : tr("Cannot write %1: %2").arg(path_, file_.errorString()));
  });
}

void RejectedExport::write(const RejectedPage& page) {
  if (rows_ == 0) {
    QByteArrayList names{"id", "key", "reason", "rejected_at", "source", "partition", "offset"};
    for (const Column& column : page.columns) names << field(column.name);
    file_.write(names.join(',') + '\n');
  }
  for (const RejectedRow& row : page.rows) {
    QByteArrayList fields{field(row.id), field(row.key), field(row.reason), field(dateAndTime(row.rejectedAt, TimeZone::Utc)),
                          field(row.origin.source), QByteArray::number(row.origin.partition), QByteArray::number(row.origin.offset)};
    for (const QVariant& value : row.values) fields << field(value.isValid() ? cellText(value) : QString());
    file_.write(fields.join(',') + '\n');
  }
  rows_ += static_cast<qint64>(page.rows.size());
}

}  // namespace penstock::ui
