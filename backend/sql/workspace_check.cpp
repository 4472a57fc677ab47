#include "sql/workspace_check.h"

#include <algorithm>

#include "sql/join_plan.h"
#include "sql/lookup_plan.h"
#include "sql/score_plan.h"
#include "sql/step_program.h"
#include "sql/step_schemas.h"
#include "sql/window_partials.h"
#include "sql/yaml_place.h"
#include "workspace/rows_of_steps.h"

namespace penstock {
namespace {

std::vector<std::string> names_of(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema.fields()) names.push_back(field.name);
  return names;
}

// The landed tables of a workspace, and of those that are known by now their columns.
using LandedTables = std::map<std::string, SchemaPtr>;

// Of a row in memory; texts are taken to be short.
std::int64_t estimated_bytes(const Schema& schema) {
  constexpr std::size_t kText = 24;
  std::size_t bytes = 0;
  for (const Field& field : schema.fields()) bytes += is_variable(field.type.kind) ? kText : std::max<std::size_t>(fixed_width(field.type.kind), 1);
  return static_cast<std::int64_t>(bytes);
}

class StreamCheck {
 public:
  StreamCheck(Session& session, const StreamSpec& stream, const WorkspaceFiles& files, const SourceColumns& columns, const ModelLoader& models, LandedTables& tables, SqlCheck& result)
      : session_(session), stream_(stream), files_(files), columns_(columns), models_(models), tables_(tables), result_(result) {
    for (const StepSpec& step : stream_.steps) waiting_.push_back(&step);
  }

  void begin() {
    for (const SourceSpec& source : stream_.sources)
      if (const std::string table = source.kind == "table" && source.contract.empty() ? source.settings.text("table") : ""; table.empty()) check_source(source);
      else awaited_[&source] = table;
  }
  // Checks the steps whose inputs are known by now, file order need not be the order of flow; false where there was none.
  bool go_on() {
    const auto before = waiting_.size() + awaited_.size();
    std::erase_if(awaited_, [&](const auto& source) {
      const auto table = tables_.find(source.second);
      if (table == tables_.end() || !table->second) return false;
      take_source(*source.first, table_source_schema(*table->second));
      return true;
    });
    std::erase_if(waiting_, [&](const StepSpec* step) { return check_when_ready(*step); });
    return waiting_.size() + awaited_.size() < before;
  }
  void end() {
    for (const SinkSpec& sink : stream_.sinks) check_sink(sink);
  }

 private:
  void report(const Location& at, std::string message, std::string expected, std::string suggestion = {}) {
    result_.problems.push_back({at, std::move(message), std::move(expected), std::move(suggestion)});
  }

  const SchemaPtr* schema_of(const std::string& name) const {
    const auto found = schemas_.find(name);
    return found == schemas_.end() ? nullptr : &found->second;
  }

  // Reports a column that is not there, or not of the type; null then.
  const Field* check_column(const Schema& schema, const std::string& name, const std::string& what, const Location& at) {
    if (const auto column = schema.find(name)) return &schema[*column];
    const auto names = names_of(schema);
    report(at, what + ": there is no column " + quote(name) + " in " + context_, "one of " + joined(names), did_you_mean(name, names));
    return nullptr;
  }

  void check_time(const Schema& schema, const std::string& name, const std::string& what, const Location& at) {
    const Field* field = check_column(schema, name, what, at);
    if (field && field->type.kind != TypeKind::timestamp) {
      report(at, what + ": " + quote(name) + " is " + field->type.sql_name() + ", not a time", "a TIMESTAMPTZ column");
    }
  }

  void check_source(const SourceSpec& source) {
    auto schema = columns_(source);
    if (!schema.ok()) return report(source.at, schema.error().message, schema.error().action);
    if (*schema) take_source(source, std::move(*schema));
  }

  void take_source(const SourceSpec& source, SchemaPtr schema) {
    context_ = source.contract.empty() ? "the rows of " + quote(source.name) : "the contract of " + quote(source.name);
    for (const std::string& column : source.partitioned_by) check_column(*schema, column, "partitioned_by", source.at);
    for (const std::string& column : source.change_key) check_column(*schema, column, "key", source.at);
    schemas_[source.name] = std::move(schema);
  }

  // True when the step was looked at.
  bool check_when_ready(const StepSpec& step) {
    std::vector<SchemaPtr> inputs;
    for (const std::string& from : step.from) {
      const SchemaPtr* schema = schema_of(from);
      if (!schema) return false;
      inputs.push_back(*schema);
    }
    if (step.lookup && !step.lookup->table.starts_with("ref.")) {
      const auto table = tables_.find(step.lookup->table);
      if (table != tables_.end() && !table->second) return false;
    }
    if (!inputs.empty()) check_step(step, inputs);
    return true;
  }

  // The columns of what a lookup looks into; null, and reported, where there is no such table.
  SchemaPtr looked_up(const LookupSpec& lookup) {
    if (const auto seed = session_.columns(lookup.table); lookup.table.starts_with("ref.") && seed.ok()) return *seed;
    if (const auto table = tables_.find(lookup.table); table != tables_.end()) return kept_columns(*table->second);
    std::vector<std::string> known = session_.tables();
    for (const auto& [name, schema] : tables_) known.push_back(name);
    report(lookup.table_at, "there is no table " + quote(lookup.table) + " here: no step lands it, and it is no seed", "one of " + joined(known), did_you_mean(lookup.table, known));
    return nullptr;
  }

  // Nothing, and reported, where it cannot be read.
  std::optional<ModelInfo> model_of(const ScoreSpec& score) {
    if (!models_) return ModelInfo{.features = score.features.size()};
    const auto model = models_(score.path);
    if (model.ok()) return (*model)->info();
    report(score.model_at, model.error().message, model.error().action);
    return std::nullopt;
  }

  // Of a step without SQL of its own.
  static StepProgramSpec handed_on(const StepSpec& step, const SchemaPtr& rows) {
    return {.name = step.name, .inputs = step.from, .schema = rows, .sql = {}, .expect = step.expect, .mask = step.mask};
  }

  // What runs for each of the step's rows; nothing where that was reported.
  std::optional<StepProgramSpec> program_of(const StepSpec& step, const std::vector<SchemaPtr>& inputs) {
    if (step.join) return join_program_of(step, inputs);
    auto input = united_schema(inputs);
    if (!input.ok()) {
      report(step.from_at.line > 0 ? step.from_at : step.at, input.error().message, input.error().action);
      return std::nullopt;
    }
    context_ = "the input of " + quote(step.name);
    if (step.window) {
      check_time(**input, step.window->time, "time", step.window->at);
      for (const std::string& key : step.window->key) check_column(**input, key, "session", step.window->at);
    }
    if (step.lookup) {
      const SchemaPtr table = looked_up(*step.lookup);
      std::vector<SqlProblem> problems;
      const auto plan = table ? plan_lookup(*step.lookup, **input, *table, problems) : std::nullopt;
      report_all(step, problems);
      if (!plan) return std::nullopt;
      return handed_on(step, plan->schema);
    }
    if (step.score) {
      const auto model = model_of(*step.score);
      std::vector<SqlProblem> problems;
      const auto plan = model ? plan_score(*step.score, **input, *model, problems) : std::nullopt;
      report_all(step, problems);
      if (!plan) return std::nullopt;
      return handed_on(step, plan->schema);
    }
    return StepProgramSpec{.name = step.name, .inputs = step.from, .schema = step.window ? window_schema(**input) : *input,
                           .sql = step.sql, .expect = step.expect, .mask = step.mask, .window = step.window || step.aggregate,
                           .aggregate_key = step.aggregate ? step.aggregate->key : std::vector<std::string>()};
  }

  std::optional<StepProgramSpec> join_program_of(const StepSpec& step, const std::vector<SchemaPtr>& inputs) {
    if (inputs.size() != 2) return std::nullopt;      // the loader has said why
    const auto before = result_.problems.size();
    for (std::size_t i = 0; i < 2; ++i) {
      const JoinSideSpec& side = i == 0 ? step.join->left : step.join->right;
      context_ = "the rows of " + quote(side.from);
      if (!inputs[i]->find(origin::offset)) {
        report(side.from_at, context_ + " come out of a window, and a join needs rows that come from a source one by one", "a step above the window");
      } else {
        check_time(*inputs[i], side.time.empty() ? std::string(origin::source_time) : side.time, "time", side.from_at);
      }
    }
    if (const auto united = united_schema(inputs); !step.join->late_to.empty() && !united.ok())
      report(step.join->late_to_at, "late rows of both sides go to one table: " + united.error().message, united.error().action);
    std::vector<SqlProblem> problems;
    auto plan = plan_join(session_, step, *inputs[0], *inputs[1], problems);
    report_all(step, problems);
    if (!plan || result_.problems.size() != before) return std::nullopt;
    return std::move(plan->output);
  }

  void report_all(const StepSpec& step, const std::vector<SqlProblem>& problems) {
    for (const SqlProblem& problem : problems)
      report(place_of_problem(step, problem), "step " + quote(step.name) + ": " + problem.message, problem.expected, problem.suggestion);
  }

  void check_step(const StepSpec& step, const std::vector<SchemaPtr>& inputs) {
    const auto spec = program_of(step, inputs);
    if (!spec) return;
    std::vector<SqlProblem> problems;
    const auto program = StepProgram::compile(session_, *spec, problems);
    report_all(step, problems);
    if (!program) return;
    const SchemaPtr& output = program->output_schema();
    context_ = "the output of " + quote(step.name);
    if (step.dedupe) {
      for (const std::string& key : step.dedupe->key) check_column(*output, key, "dedupe", step.dedupe->at);
      check_time(*output, step.dedupe->time.empty() ? std::string(origin::source_time) : step.dedupe->time, "dedupe", step.dedupe->at);
    }
    if (stream_.shards > 1) check_shards(step, *output);
    const RowsOfStep& rows = rows_.at(step.name);
    if (rows.come == RowsOfStep::Come::by_window && rows.because != &step) {
      const auto start = output->find("window_start");
      if (!start || (*output)[*start].type.kind != TypeKind::timestamp)
        report(step.sql_at.line > 0 ? step.sql_at : step.at, "the rows of step " + quote(rows.because->name) + " may come again, and without window_start nobody knows whose place they take", "window_start in the SELECT");
    }
    if (step.window && (step.window->is_session() || !WindowPartials::compile(session_, *spec, *output))) result_.kept_rows[stream_.name + "." + step.name] = estimated_bytes(*spec->schema);
    if (rows.come == RowsOfStep::Come::by_key) {
      if (rows.because != &step) check_key_kept(step, rows, inputs, *output);
      else if (!check_aggregate(step, *spec, *output)) return;
    }
    const bool is_told_apart = stream_.shards > 1 && step.window && !step.window->is_session();
    schemas_[step.name] = step.aggregate ? change_schema(*output) : is_told_apart ? sharded_schema(*output) : output;
    result_.steps[stream_.name + "." + step.name] = schemas_[step.name];
    for (const SinkSpec& sink : stream_.sinks)
      if (sink.kind == "delta" && sink.from == step.name) tables_[sink.table] = schemas_[step.name];
  }

  void add_sources_above(const std::string& name, std::vector<const SourceSpec*>& sources) const {
    for (const SourceSpec& source : stream_.sources)
      if (source.name == name && std::find(sources.begin(), sources.end(), &source) == sources.end()) sources.push_back(&source);
    for (const StepSpec& step : stream_.steps)
      if (step.name == name)
        for (const std::string& from : step.from) add_sources_above(from, sources);
  }

  // What belongs together must come to one shard: the columns that divide the partitions are part of what it is told apart by.
  void check_shards(const StepSpec& step, const Schema& output) {
    if (!step.window && !step.aggregate && !step.join && !step.dedupe) return;
    std::vector<const SourceSpec*> sources;
    for (const std::string& from : step.from) add_sources_above(from, sources);
    const std::string remedy = "or shards: 1";
    for (const SourceSpec* source : sources) {
      if (source->partitioned_by.empty()) {
        report(step.at, "step " + quote(step.name) + " puts rows together that may lie in several shards: source " + quote(source->name) + " does not say what divides its partitions",
               "partitioned_by: [column] at the source, " + remedy);
        continue;
      }
      const bool by_key = step.aggregate || (step.window && step.window->is_session());
      const std::vector<std::string>& key = step.aggregate ? step.aggregate->key : by_key ? step.window->key : names_of(output);
      for (const std::string& column : source->partitioned_by) {
        if (step.join || (!step.window && !step.aggregate)) continue;
        if (std::find(key.begin(), key.end(), column) != key.end()) continue;
        report(by_key || step.sql_at.line == 0 ? step.at : step.sql_at,
               "step " + quote(step.name) + (by_key ? " has a key without " : " gives rows that do not say their ") + quote(column) +
                   ", which divides the partitions of " + quote(source->name) + ": each shard would have a row of its own",
               by_key ? quote(column) + " in the key, " + remedy : quote(column) + " in the SELECT and in GROUP BY, " + remedy);
      }
    }
  }

  bool check_aggregate(const StepSpec& step, const StepProgramSpec& spec, const Schema& output) {
    const auto partials = WindowPartials::compile_aggregate(session_, spec, output);
    if (!partials.ok()) report(step.sql_at, "step " + quote(step.name) + ": " + partials.error().message, partials.error().action);
    return partials.ok();
  }

  // Changes without their key could not be told apart.
  void check_key_kept(const StepSpec& step, const RowsOfStep& rows, const std::vector<SchemaPtr>& inputs, const Schema& output) {
    for (const std::string& key : rows.key) {
      const auto before = inputs.front()->find(key), after = output.find(key);
      if (before && (!after || output[*after].type != (*inputs.front())[*before].type))
        report(step.sql_at.line > 0 ? step.sql_at : step.at, "step " + quote(step.name) + " loses the key '" + key + "' of the changes that it gets", "'" + key + "' in the SELECT, as it is");
    }
  }

  void check_sink(const SinkSpec& sink) {
    const SchemaPtr* schema = schema_of(sink.from);
    if (!schema) return;
    context_ = "the output of " + quote(sink.from);
    for (const std::string& key : sink.key) check_column(**schema, key, "key", sink.at);
  }

  Location place_of_problem(const StepSpec& step, const SqlProblem& problem) const {
    const auto* expectation = problem.expectation < 0 ? nullptr : &step.expect[static_cast<std::size_t>(problem.expectation)];
    const bool of_join = step.join && !expectation;
    const std::string& sql = expectation ? expectation->sql : !of_join ? step.sql : problem.in_on ? step.join->on : step.join->select;
    const Location& start = expectation ? expectation->sql_at : !of_join ? step.sql_at : problem.in_on ? step.join->on_at : step.join->select_at;
    if (start.line < 1) return expectation ? expectation->at : of_join ? step.join->at : step.lookup ? step.lookup->at : step.score ? step.score->at : step.at;
    const auto file = files_.files.find(start.file);
    if (file == files_.files.end()) return start;
    return place_in_yaml(file->second, start, sql, problem.offset.value_or(0));
  }

  Session& session_;
  const StreamSpec& stream_;
  const WorkspaceFiles& files_;
  const SourceColumns& columns_;
  const ModelLoader& models_;
  LandedTables& tables_;
  SqlCheck& result_;
  std::map<const SourceSpec*, std::string> awaited_;      // those over tables whose columns are not known yet
  std::vector<const StepSpec*> waiting_;
  const std::map<std::string, RowsOfStep> rows_ = rows_of_steps(stream_);
  std::map<std::string, SchemaPtr> schemas_;     // of sources and steps
  std::string context_;                          // whose columns are looked at
};

}  // namespace

SqlCheck check_sql(const Workspace& workspace, const WorkspaceFiles& files, const SourceColumns& source_columns, const ModelLoader& models) {
  SqlCheck result;
  const auto session = Session::open();
  if (!session.ok()) {
    result.problems.push_back({{}, session.error().message, {}, {}});
    return result;
  }
  for (const SeedSpec& seed : workspace.seeds) {
    const auto loaded = (*session)->load_seed("ref." + seed.name, workspace.root + "/" + seed.path);
    if (!loaded.ok()) result.problems.push_back({{seed.path, 1, 1}, loaded.error().message, "a CSV file with a header", {}});
  }
  LandedTables tables;
  std::vector<StreamCheck> checks;
  for (const StreamSpec& stream : workspace.streams) {
    for (const SinkSpec& sink : stream.sinks)
      if (sink.kind == "delta") tables[sink.table];
    checks.emplace_back(**session, stream, files, source_columns, models, tables, result);
  }
  for (StreamCheck& check : checks) check.begin();
  // A lookup, or a whole stream, may wait for what another stream lands.
  for (bool progress = true; progress;) {
    progress = false;
    for (StreamCheck& check : checks) progress = check.go_on() || progress;
  }
  for (StreamCheck& check : checks) check.end();
  sort_by_place(result.problems);
  return result;
}

}  // namespace penstock
