#include "connectors/delta/features.h"

#include <QTest>

#include "connectors/delta/schema_string.h"

using namespace penstock;

namespace {

delta::Snapshot plain_table() {
  delta::Snapshot snapshot;
  snapshot.version = 0;
  snapshot.metadata.id = "t";
  snapshot.metadata.schema_string = delta::to_schema_string(Schema({{"id", {TypeKind::int64}}}));
  return snapshot;
}

std::string column_with(const std::string& metadata) {
  return R"({"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{)" + metadata + "}}]}";
}

// The names in the refusal, or "" when the table is accepted.
std::string refused(const Status& status) {
  if (status.ok()) return {};
  if (status.error().kind != ErrorKind::unsupported) return status.error().to_string();
  return status.error().message.substr(status.error().message.rfind(": ") + 2);
}

}  // namespace

class FeaturesTest : public QObject {
  Q_OBJECT

 private slots:
  void ourOwnTablesAreAccepted() {
    delta::Snapshot snapshot = plain_table();
    snapshot.metadata.configuration["delta.appendOnly"] = "true";
    QCOMPARE(refused(delta::check_readable(snapshot)), std::string());
    QCOMPARE(refused(delta::check_writable(snapshot)), std::string());
  }

  void readerFeaturesAreRefusedByName() {
    delta::Snapshot snapshot = plain_table();
    snapshot.protocol = {3, 7, {"deletionVectors", "timestampNtz"}, {"deletionVectors", "timestampNtz"}};
    QCOMPARE(refused(delta::check_readable(snapshot)), std::string("deletionVectors, timestampNtz"));
  }

  void aFutureProtocolIsRefused() {
    delta::Snapshot snapshot = plain_table();
    snapshot.protocol = {4, 8, {}, {}};
    QCOMPARE(refused(delta::check_readable(snapshot)), std::string("reader version 4"));
    QCOMPARE(refused(delta::check_writable(snapshot)), std::string("reader version 4, writer version 8"));
  }

  void writerFeaturesHinderOnlyWriting() {
    delta::Snapshot snapshot = plain_table();
    snapshot.protocol = {1, 7, {}, {"appendOnly", "invariants", "rowTracking", "domainMetadata"}};
    QCOMPARE(refused(delta::check_readable(snapshot)), std::string());
    QCOMPARE(refused(delta::check_writable(snapshot)), std::string("rowTracking, domainMetadata"));
  }

  void columnMappingIsRefusedOnlyWhereItIsUsed() {
    delta::Snapshot snapshot = plain_table();
    snapshot.protocol = {2, 5, {}, {}};
    QCOMPARE(refused(delta::check_writable(snapshot)), std::string());
    snapshot.metadata.configuration["delta.columnMapping.mode"] = "name";
    QCOMPARE(refused(delta::check_readable(snapshot)), std::string("columnMapping"));
  }

  void whatTheMetadataUsesIsRefusedByName() {
    delta::Snapshot snapshot = plain_table();
    snapshot.protocol = {1, 6, {}, {}};
    snapshot.metadata.configuration["delta.constraints.positive"] = "id > 0";
    snapshot.metadata.configuration["delta.enableChangeDataFeed"] = "true";
    snapshot.metadata.schema_string =
        column_with(R"("delta.invariants":"{}","delta.generationExpression":"1","delta.identity.start":1)");
    QCOMPARE(refused(delta::check_readable(snapshot)), std::string());
    QCOMPARE(refused(delta::check_writable(snapshot)),
             std::string("checkConstraints, changeDataFeed, invariants, generatedColumns, identityColumns"));
  }

  void filesThatCannotBeReadAreNamed() {
    delta::Snapshot snapshot = plain_table();
    snapshot.metadata.partition_columns = {"store_id"};
    snapshot.files["s3://lake/a.parquet"] = {.path = "s3://lake/a.parquet"};
    snapshot.files["b.parquet"] = {.path = "b.parquet", .has_deletion_vector = true};
    snapshot.files["/etc/c.parquet"] = {.path = "/etc/c.parquet"};
    snapshot.files["x/../../d.parquet"] = {.path = "x/../../d.parquet"};
    QCOMPARE(refused(delta::check_readable(snapshot)),
             std::string("files outside its folder, deletionVectors, files at s3://"));
  }

  void aColumnTypeOfItsOwnFeatureIsNamed() {
    delta::Snapshot snapshot = plain_table();
    snapshot.metadata.schema_string = R"({"type":"struct","fields":[{"name":"at","type":"timestamp_ntz","nullable":true,"metadata":{}}]})";
    QCOMPARE(refused(delta::check_readable(snapshot)), std::string("type timestamp_ntz"));
  }
};

QTEST_APPLESS_MAIN(FeaturesTest)
#include "features_test.moc"
