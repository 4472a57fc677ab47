#include "connectors/delta/features.h"

#include <algorithm>
#include <set>

#include "connectors/delta/file_uri.h"
#include "connectors/delta/schema_string.h"

namespace penstock::delta {
namespace {

// The highest versions of a protocol that has no list of features, and the first that has one.
constexpr int kReaderFeatureList = 3;
constexpr int kWriterFeatureList = 7;

// Writer features that ask something of a writer only where the table's metaData uses them; used_features() looks
// for that use, so that merely listing them does no harm.
const std::set<std::string> kSeenByUse = {"appendOnly",       "invariants",       "checkConstraints", "changeDataFeed",
                                          "generatedColumns", "identityColumns",  "columnMapping",    "vacuumProtocolCheck"};
const std::set<std::string> kReadableByUse = {"columnMapping", "vacuumProtocolCheck"};

// Keeps the order in which features are found, each once.
class Names {
 public:
  void add(std::string name) {
    if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(std::move(name));
  }
  bool empty() const { return names_.empty(); }
  std::string joined() const {
    std::string text;
    for (const std::string& name : names_) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

 private:
  std::vector<std::string> names_;
};

Error refusal(const char* verb, const Names& names) {
  return Error(ErrorKind::unsupported,
               std::string("the table cannot be ") + verb + ": it uses Delta features that Penstock does not support: " + names.joined(),
               "drop these features with the program that wrote the table, or use another table");
}

Status add_read_obstacles(const Snapshot& snapshot, Names& names) {
  const Protocol& protocol = snapshot.protocol;
  if (protocol.min_reader > kReaderFeatureList) names.add("reader version " + std::to_string(protocol.min_reader));
  if (protocol.min_reader == kReaderFeatureList)
    for (const std::string& feature : protocol.reader_features)
      if (!kReadableByUse.contains(feature)) names.add(feature);

  if (snapshot.metadata.format != "parquet") names.add("format " + snapshot.metadata.format);
  const std::string mapping = snapshot.property("delta.columnMapping.mode");
  if (!mapping.empty() && mapping != "none") names.add("columnMapping");

  PENSTOCK_ASSIGN(const std::vector<TableColumn> columns, parse_columns(snapshot.metadata.schema_string));
  for (const TableColumn& column : columns)
    if (column.type == "timestamp_ntz" || column.type == "variant") names.add("type " + column.type);

  for (const auto& [path, file] : snapshot.files) {
    if (file.has_deletion_vector) names.add("deletionVectors");
    if (const auto scheme = uri_scheme(path); !scheme.empty()) names.add("files at " + std::string(scheme) + "://");
    else if (leaves_folder(path)) names.add("files outside its folder");
  }
  return {};
}

Status add_write_obstacles(const Snapshot& snapshot, Names& names) {
  const Protocol& protocol = snapshot.protocol;
  if (protocol.min_writer > kWriterFeatureList) names.add("writer version " + std::to_string(protocol.min_writer));
  if (protocol.min_writer == kWriterFeatureList)
    for (const std::string& feature : protocol.writer_features)
      if (!kSeenByUse.contains(feature)) names.add(feature);

  for (const auto& [key, value] : snapshot.metadata.configuration) {
    if (key.starts_with("delta.constraints.")) names.add("checkConstraints");
    if (value != "true") continue;
    if (key == "delta.enableChangeDataFeed") names.add("changeDataFeed");
    if (key == "delta.enableRowTracking") names.add("rowTracking");
    if (key == "delta.enableInCommitTimestamps") names.add("inCommitTimestamp");
    if (key == "delta.enableDeletionVectors") names.add("deletionVectors");
  }
  PENSTOCK_ASSIGN(const std::vector<TableColumn> columns, parse_columns(snapshot.metadata.schema_string));
  for (const TableColumn& column : columns)
    for (const std::string& key : column.metadata_keys) {
      if (key == "delta.invariants") names.add("invariants");
      if (key == "delta.generationExpression") names.add("generatedColumns");
      if (key.starts_with("delta.identity.")) names.add("identityColumns");
      if (key == "CURRENT_DEFAULT") names.add("allowColumnDefaults");
    }
  return {};
}

}  // namespace

Status check_readable(const Snapshot& snapshot) {
  Names names;
  PENSTOCK_TRY(add_read_obstacles(snapshot, names));
  if (!names.empty()) return refusal("read", names);
  return {};
}

Status check_writable(const Snapshot& snapshot) {
  Names names;
  PENSTOCK_TRY(add_read_obstacles(snapshot, names));
  PENSTOCK_TRY(add_write_obstacles(snapshot, names));
  if (!names.empty()) return refusal("written", names);
  return {};
}

}  // namespace penstock::delta
