#pragma once

// Private to delta_sink: what one commit of it adds.

#include <optional>
#include <vector>

#include "connectors/delta/delta_sink.h"
#include "connectors/delta/replacement.h"
#include "connectors/delta/upsert_merge.h"
#include "record/last_changes.h"

namespace penstock {

// The property of a table with a key that names its columns.
inline constexpr const char* kKeyProperty = "penstock.key";

struct DeltaSink::Group {
  std::int64_t first_epoch = 0;
  std::int64_t last_epoch = 0;
  std::vector<Batch> rows;
  std::vector<StagedFile> files;
  std::vector<Replacement> replaces;
  std::string progress;
  bool new_keys = false;             // of a table with a key: only files, of rows of its first copy
};

// One commit on its way: the files that it adds, and what goes with them into a table as it is found.
class DeltaSink::Commit {
 public:
  Commit(DeltaSink& sink, const Group& group);

  // Data files of the rows; changes by key are only put together, since their files depend on those of the table.
  Status write_rows();
  // What goes into the table as it is; asked again for what another writer made of it meanwhile.
  Result<std::optional<std::vector<delta::Action>>> plan(const delta::Snapshot& snapshot);

  // Removes what this commit has written: it will not become visible.
  void discard();
  // After the commit: what it wrote for plans that another writer overtook.
  void discard_overtaken(const delta::Snapshot& committed);
  // After the commit: files that it read and no table is to know.
  void discard_gathered() const;
  RowsWritten rows_written() const;

 private:
  Status gather_changes();
  // Whether the group's files can be the table's as they are: nobody but this state has written into it so far.
  bool keys_are_new_to(const delta::Snapshot& snapshot) const;
  Status add_merged(const delta::Snapshot& snapshot, const delta::Metadata& metadata, std::vector<delta::Action>& actions);
  Status add_files(const delta::Snapshot& snapshot, std::vector<delta::Action>& actions);
  Status write_divided(const std::vector<std::string>& columns);
  Status write_file(const std::vector<Batch>& rows, const SchemaPtr& schema, const std::string& folder = {}, delta::PartitionValues partition = {});
  delta::AddFile staged(const StagedFile& file) const;
  Status add_file(const delta::AddFile& file, std::vector<delta::Action>& actions) const;

  // The table's first commit, or new columns of rows behind those that it has. Gives what holds afterwards.
  Result<delta::Metadata> add_metadata(const delta::Snapshot& snapshot, std::vector<delta::Action>& actions) const;
  delta::CommitInfo commit_info() const;

  DeltaSink& sink_;
  const Group& group_;
  delta::Rewriter rewriter_;
  LastChanges changes_;
  std::optional<delta::UpsertMerge> merge_;     // only with a key
  std::vector<delta::AddFile> written_;
  std::vector<SchemaPtr> schemas_;
};

}  // namespace penstock
