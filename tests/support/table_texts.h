#pragma once

// The rows of Delta tables as sorted texts, so that two runs can be compared row by row.

#include <QMap>
#include <QStringList>

#include "connectors/delta/delta_reader.h"
#include "sql/parquet_files.h"

namespace penstock::test {

// Every column of every row but those named in `without`; a table that does not exist is not in the map.
inline QMap<QString, QStringList> table_texts(const QString& folder, const QStringList& names, const QStringList& without = {"_ingest_time"}) {
  static const auto parquet = make_parquet_files();
  QMap<QString, QStringList> tables;
  for (const QString& name : names) {
    auto table = DeltaTable::open((folder + "/" + name).toStdString(), parquet->get());
    if (!table.ok()) continue;
    const auto snapshot = table->snapshot();
    if (!snapshot.ok()) continue;
    QStringList rows;
    const auto status = (*parquet)->read(snapshot->files, "", snapshot->schema, [&](const Batch& batch) -> Status {
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        QString line;
        for (std::size_t column = 0; column < batch.schema()->size(); ++column)
          if (!without.contains(QString::fromStdString((*batch.schema())[column].name))) line += QString::fromStdString(batch.column(column).to_text(row)) + "|";
        rows << line;
      }
      return {};
    });
    if (!status.ok()) qWarning("%s", status.error().to_string().c_str());
    rows.sort();
    tables[name] = rows;
  }
  return tables;
}

}  // namespace penstock::test
