#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "engine/applied_workspace.h"
#include "io/parquet.h"
#include "ops/pod_link.h"
#include "sql/query_engine.h"

namespace penstock {

// What a query reads: tables as their log says plus what waits in the pods, steps as the pods hold them, seeds. A row is in
// the log or in the tail, never in both: the tail is asked for first, and what of it the log holds by then is left
// out, epoch by epoch. Thread-safe; the parts outlive it.
class QueryTables final : public TableProvider {
 public:
  // Of the pod that runs a stream; null when none answers.
  // The pods that have shards of a stream.
  using FindPods = std::function<std::vector<std::shared_ptr<PodLink>>(const std::string& stream)>;

  QueryTables(const AppliedWorkspace& applied, std::string tables_root, FindPods find_pods, std::unique_ptr<Parquet> parquet)
      : applied_(applied), tables_root_(std::move(tables_root)), find_pods_(std::move(find_pods)), parquet_(std::move(parquet)) {}

  Result<QueryTable> open(const std::string& name) override;
  Result<QueryTable> open_path(const std::string& path) override;
  Result<QueryTable> open_past(const std::string& name, bool is_path, const TableMoment& moment) override;
  std::vector<std::string> names() override;

  // What can be queried, with the columns that are known without reading it.
  struct Object {
    std::string name;      // "silver.sales", "sales.velocity", "ref.stores"
    std::string kind;      // table, step, seed
    SchemaPtr schema;      // null: not known
  };
  std::vector<Object> objects() const;

 private:
  Result<std::vector<PodTailPart>> tail_of(const std::string& table, const std::string& stream, std::int32_t shards) const;
  Result<QueryTable> open_table(const AppliedVersionView& version, const std::string& name);
  Result<std::string> folder_at(const std::string& path) const;
  Result<QueryTable> open_step(const AppliedVersionView& version, const std::string& stream, const std::string& step);

  const AppliedWorkspace& applied_;
  const std::string tables_root_;
  const FindPods find_pods_;

  std::mutex reading_;      // of a log: Parquet is for one thread at a time
  const std::unique_ptr<Parquet> parquet_;
};

}  // namespace penstock
