#pragma once

// What a workspace folder says, as values (workspace.md is the public contract). Made by loader.h, which fills in
// every default that the file leaves out.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/settings.h"
#include "record/schema.h"
#include "workspace/window_times.h"

namespace penstock {

using Duration = std::chrono::microseconds;

struct ConnectionSpec {
  std::string name;
  std::string kind;           // "kafka", "postgres", …
  Settings settings;          // secrets still by reference: "${env:PGPASSWORD}"
  Location at;
};

struct SourceSpec {
  std::string name;           // "source", or its key under `sources:`
  std::string kind;           // "kafka", "files", "simulate", …
  std::string connection;     // empty where the kind needs none
  std::string contract;       // relative to the workspace; empty: inferred
  std::string format;         // "json", "csv", …
  std::vector<std::string> partitioned_by;
  std::vector<std::string> change_key;  // its rows are changes by these columns (`key`); empty: each row is new
  Settings settings;          // the whole map, for the connector
  Location at;
};

enum class OnFail { warn, drop, quarantine, fail };

struct ExpectationSpec {
  std::string name;
  std::string sql;            // a boolean expression over the step's output; NULL fails
  OnFail on_fail = OnFail::warn;
  Location at;
  Location sql_at;
};

struct DedupeSpec {
  std::vector<std::string> key;
  Duration within{};
  std::string time;           // empty: _source_time
  Location at;
};

enum class LatePolicy { drop, to_table, update };

struct WindowSpec {
  Duration size{};
  Duration every{};           // between two starts of hopping windows; zero: tumbling
  Duration gap{};             // session windows: the longest pause within one; zero: they are not
  std::vector<std::string> key;         // of sessions
  std::string time;
  Duration lateness{};
  Duration updates{};         // how often open windows give what they have so far; zero: only when they close
  Duration update_late{};     // how long after their end late rows still change closed windows, when `late` is update
  LatePolicy late = LatePolicy::drop;
  std::string late_to;        // table, when `late` is to_table
  Location late_to_at;
  Duration idle_timeout{std::chrono::seconds(10)};
  bool idle_advance = true;
  Location at;

  // Rows of a window may come again, in the place of those that came before.
  bool replaces() const { return updates != Duration::zero() || late == LatePolicy::update; }
  bool is_session() const { return gap != Duration::zero(); }
  bool hops() const { return every != Duration::zero(); }
  WindowTimes times() const { return {size.count(), hops() ? every.count() : size.count()}; }
};

enum class JoinType { inner, left, right, full };

// One side of a join.
struct JoinSideSpec {
  std::string from;                   // of a source or step; its name in `on` and `select`
  Location from_at;
  std::string time;                   // empty: _source_time
};

struct JoinSpec {
  JoinSideSpec left, right;
  std::string on;                     // a condition over both sides: "bids.auction = auctions.id"
  Location on_at;
  std::optional<Duration> within;     // |left.time - right.time| at most; none: rows are kept for ever
  JoinType type = JoinType::inner;
  std::string select;                 // a select list over both sides; empty: all columns of both
  Location select_at;
  Duration lateness{};
  LatePolicy late = LatePolicy::drop;
  std::string late_to;                // table, when `late` is to_table
  Location late_to_at;
  Duration idle_timeout{std::chrono::seconds(10)};
  bool idle_advance = true;
  Location at;

  bool keeps_left() const { return type == JoinType::left || type == JoinType::full; }      // rows without a match, too
  bool keeps_right() const { return type == JoinType::right || type == JoinType::full; }
};

struct LookupSpec {
  struct Match {
    std::string column;               // of the step's rows
    std::string table_column;
  };
  std::string table;                  // "silver.customers", or a seed: "ref.stores"
  Location table_at;
  std::vector<Match> on;
  std::string as_of;                  // a time of the step's rows; empty: the table's rows as they are now
  Location at;
};

struct ScoreSpec {
  std::string model;                  // as it is written: "models/fraud.json"
  Location model_at;
  std::string path;                   // of that file, absolute
  std::vector<std::string> features;  // columns of the step's rows
  std::string as;                     // the column that gets the prediction
  Location at;
};

struct AggregateSpec {
  std::vector<std::string> key;
  Duration ttl{};             // how long a key is kept after its last row; zero: for ever
  Location at;
};

struct StepSpec {
  std::string name;
  std::vector<std::string> from;      // resolved: never empty after the check; of a join: left, right
  Location from_at;                   // line 0 where the file leaves it out
  std::string sql;                    // empty: the rows as they come
  Location sql_at;
  std::optional<WindowSpec> window;
  std::optional<AggregateSpec> aggregate;
  std::optional<JoinSpec> join;
  std::optional<LookupSpec> lookup;
  std::optional<ScoreSpec> score;
  std::vector<ExpectationSpec> expect;
  std::optional<DedupeSpec> dedupe;
  std::vector<std::string> mask;
  std::string land;                   // "silver.sales"; empty: not landed
  Location land_at;
  Location at;

  // Its rows are those of its input, all columns as they came.
  bool hands_on() const { return sql.empty() && !window && !join && !lookup && !score; }
  // Where its late rows go; empty: nowhere.
  std::string late_table() const { return join ? join->late_to : window ? window->late_to : std::string(); }
  Location late_table_at() const { return join ? join->late_to_at : window ? window->late_to_at : Location(); }
};

enum class WriteMode { append, upsert, replace };

struct SinkSpec {
  std::string name;           // "<step>.<kind>[.<table>]": unique in its stream, part of the marker
  std::string from;           // step
  Location from_at;
  std::string kind;           // "delta", "postgres", "kafka", …
  std::string connection;
  std::string table;          // delta: "layer.name"; postgres: "schema.table"; kafka: topic
  WriteMode mode = WriteMode::append;
  std::vector<std::string> key;
  Settings settings;
  Location at;
};

struct ObjectivesSpec {
  std::optional<Duration> p99;
  std::optional<Duration> freshness;
  std::optional<double> availability;   // 0.999
};

// `scale: { lag: 30s, min: 1, max: 8 }`: pods are added while the stream is further behind, and taken away again.
struct ScaleSpec {
  Duration lag{};
  std::int32_t least = 1;
  std::int32_t most = 1;
};

enum class DriftPolicy { fail, quarantine, evolve };

struct StreamSpec {
  std::string name;
  std::string tenant;
  std::vector<SourceSpec> sources;
  std::vector<StepSpec> steps;          // in file order; `land:` sinks are also in `sinks`
  std::vector<SinkSpec> sinks;
  std::int32_t pods = -1;               // -1: shared, 0: inside the engine, n: own processes
  std::optional<ScaleSpec> scale;
  std::int32_t shards = 1;              // partition p belongs to shard p % shards
  std::int64_t outbox_bytes = std::int64_t{4} << 30;
  Duration flush{std::chrono::seconds(10)};
  bool relaxed_durability = false;
  DriftPolicy drift = DriftPolicy::quarantine;
  ObjectivesSpec objectives;
  std::string text;                     // the YAML as it stands in the file: what a version keeps
  Location at;
};

struct SeedSpec {
  std::string name;                     // "stores" is ref.stores
  std::string path;                     // relative: "seeds/stores.csv"
};

struct HealingPolicy {
  std::string name;
  Duration stuck{};                     // `when: { stuck: 30s }`
  bool crash_loop = false;              // `when: { crash_loop: true }`
  std::int32_t times = 3;
  Duration per{std::chrono::hours(1)};
  bool dry_run = false;
  Location at;
};

// Rows of a test: column to text, as written.
using TestRow = std::vector<SettingEntry>;

struct TestSpec {
  std::string name;
  std::string stream;
  std::map<std::string, std::vector<TestRow>> given;     // source → rows
  std::map<std::string, std::vector<TestRow>> expect;    // step, "quarantine" or "dead_letters" → rows
  Location at;
};

// Streams whose name matches `pipelines` belong to it.
struct TenantSpec {
  std::string name;
  std::string pipelines;      // a pattern with * and ?: "uk_*"
  std::int32_t quota_pods = 0;          // 0: no limit
  std::int64_t quota_memory_bytes = 0;  // 0: no limit
  Location at;
};

struct EnvironmentSpec {
  std::string name;
  std::string tables;         // empty: as in penstock.yaml
  bool is_protected = false;
  std::string colour;
};

struct Workspace {
  std::string root;           // absolute
  std::string name;
  std::string environment;    // the one that was chosen; empty: none
  bool is_protected = false;  // that environment's
  std::string tables = "./tables";      // that environment's; relative: under the state root
  Location tables_at;         // in penstock.yaml; line 0 where it is left out
  std::string state;          // empty: the default below $XDG_STATE_HOME
  std::int64_t memory_bytes = std::int64_t{256} << 20;   // of a pod
  std::vector<TenantSpec> tenants;
  std::vector<EnvironmentSpec> environments;
  std::vector<ConnectionSpec> connections;
  std::vector<StreamSpec> streams;
  std::vector<SeedSpec> seeds;
  std::vector<HealingPolicy> healing;
  std::vector<TestSpec> tests;

  const StreamSpec* find_stream(std::string_view name) const;          // null: there is none
  const ConnectionSpec* find_connection(std::string_view name) const;
};

}  // namespace penstock
