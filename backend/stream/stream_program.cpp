#include "stream/stream_program.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "sql/kept_keys.h"
#include "sql/step_schemas.h"
#include "workspace/stream_graph.h"

namespace penstock {
namespace {

Setting text_setting(std::string text, const Location& at) {
  Setting setting;
  setting.kind = Setting::Kind::text;
  setting.text = std::move(text);
  setting.at = at;
  return setting;
}

// A sink's settings with its table, and with the stream's flush where it has none of its own.
Settings sink_settings(const SinkSpec& sink, Duration flush) {
  Setting root = sink.settings.root();
  root.kind = Setting::Kind::map;
  if (!root.find("table") && !sink.table.empty()) root.entries.push_back({"table", text_setting(sink.table, sink.at)});
  if (sink.kind == "delta" && !root.find("flush")) root.entries.push_back({"flush", text_setting(std::to_string(flush.count()) + "us", sink.at)});
  return Settings(std::move(root));
}

SinkSpec own_sink(const std::string& name, const std::string& kind, const std::string& table, const Location& at) {
  SinkSpec spec;
  spec.name = name;
  spec.kind = kind;
  spec.table = table;
  spec.at = at;
  return spec;
}

// Steps so that each comes after those that feed it.
Result<std::vector<std::size_t>> in_order(const StreamSpec& spec) {
  std::vector<std::size_t> order;
  std::vector<int> mark(spec.steps.size(), 0);      // 1 being visited, 2 done
  const std::function<Status(std::size_t)> visit = [&](std::size_t index) -> Status {
    if (mark[index] == 2) return {};
    if (mark[index] == 1) return Error(ErrorKind::invalid_argument, "step '" + spec.steps[index].name + "' feeds itself", "", spec.steps[index].at.to_string());
    mark[index] = 1;
    for (const std::string& from : spec.steps[index].from)
      for (std::size_t i = 0; i < spec.steps.size(); ++i)
        if (spec.steps[i].name == from) PENSTOCK_TRY(visit(i));
    // The columns of a table are known once the step that lands it is.
    if (const auto& lookup = spec.steps[index].lookup)
      for (const SinkSpec& sink : spec.sinks)
        for (std::size_t i = 0; i < spec.steps.size(); ++i)
          if (sink.kind == "delta" && sink.table == lookup->table && sink.from == spec.steps[i].name) PENSTOCK_TRY(visit(i));
    mark[index] = 2;
    order.push_back(index);
    return {};
  };
  for (std::size_t i = 0; i < spec.steps.size(); ++i) PENSTOCK_TRY(visit(i));
  return order;
}

// May any SQL of the stream read this seed? Loading one takes longer than compiling a step.
bool mentions(const StreamSpec& spec, const std::string& seed) {
  const auto in = [&](const std::string& sql) {
    const auto found = std::search(sql.begin(), sql.end(), seed.begin(), seed.end(), [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
    return found != sql.end();
  };
  return std::any_of(spec.steps.begin(), spec.steps.end(), [&](const StepSpec& step) {
    return in(step.sql) || (step.lookup && step.lookup->table == "ref." + seed) || (step.join && (in(step.join->on) || in(step.join->select))) || std::any_of(step.expect.begin(), step.expect.end(), [&](const ExpectationSpec& one) { return in(one.sql); });
  });
}

}  // namespace

Result<std::unique_ptr<StreamProgram>> StreamProgram::compile(const StreamSpec& spec, const StreamConnectors& connectors, std::int64_t memory_bytes,
                                                              std::vector<std::string> asking) {
  const Workspace& workspace = *connectors.launch->workspace;
  std::unique_ptr<StreamProgram> program(new StreamProgram);
  program->workspace_root_ = workspace.root;
  program->catalog_ = connectors.catalog;
  program->tables_root_ = connectors.launch->tables_root;
  program->parquet_ = connectors.parquet;
  PENSTOCK_ASSIGN(program->session_, Session::open({.memory_bytes = memory_bytes, .threads = 1, .readable_folders = {workspace.root}}));
  for (const SeedSpec& seed : workspace.seeds)
    if (mentions(spec, seed.name)) PENSTOCK_TRY(program->session_->load_seed("ref." + seed.name, workspace.root + "/" + seed.path));

  for (const SourceSpec& source : spec.sources) {
    PENSTOCK_ASSIGN(auto registry, connectors.make_registry(source));
    program->sources_.push_back({source, nullptr, std::move(registry)});
    PENSTOCK_ASSIGN(const auto decoder, program->make_decoder(program->sources_.size() - 1));
    program->sources_.back().schema = source_schema(*decoder->schema());
  }

  const std::optional<std::int32_t> several = spec.shards > 1 ? std::optional(connectors.shard) : std::nullopt;
  PENSTOCK_ASSIGN(const std::vector<std::size_t> order, in_order(spec));
  for (const std::size_t index : order) {
    const StepSpec& step = spec.steps[index];
    std::vector<StepRunner::Input> inputs;
    std::vector<std::size_t> feeding;
    for (const std::string& from : step.from) {
      std::optional<std::size_t> found;
      for (std::size_t i = 0; i < program->sources_.size(); ++i)
        if (program->sources_[i].spec.name == from) found = i;
      if (const auto above = program->find_step(from)) found = program->sources_.size() + *above;
      if (!found) return Error(ErrorKind::invalid_argument, "step '" + step.name + "' reads '" + from + "', which is no step or source", "", step.at.to_string());
      if (*found < program->sources_.size()) {
        inputs.push_back({from, program->sources_[*found].schema, false, program->sources_[*found].spec.change_key});
      } else {
        const StepRunner& above = *program->steps_[*found - program->sources_.size()];
        inputs.push_back({from, above.output_schema(), !above.windowed() && above.behind_join(), above.change_key()});
      }
      feeding.push_back(*found);
    }
    SchemaPtr table;
    if (step.lookup) {
      PENSTOCK_ASSIGN(table, program->columns_of_table(*step.lookup, spec, connectors, memory_bytes, asking));
    }
    PENSTOCK_ASSIGN(auto runner, StepRunner::compile(*program->session_, step, inputs, std::move(table), several, connectors.catalog->model_loader()));
    program->steps_.push_back(std::move(runner));
    program->inputs_.push_back(std::move(feeding));
  }

  for (const SinkSpec& sink : spec.sinks) {
    if (takes_dead_letters(spec, sink)) {
      program->sinks_.push_back({sink, SinkFeed::What::dead_letters, 0, reject_schema()});
      continue;
    }
    const auto step = program->find_step(sink.from);
    if (!step) return Error(ErrorKind::invalid_argument, "sink '" + sink.name + "' reads '" + sink.from + "', which is no step", "", sink.at.to_string());
    SinkFeed feed{sink, SinkFeed::What::rows, *step, program->steps_[*step]->output_schema()};
    feed.spec.settings = sink_settings(sink, spec.flush);
    feed.keeps_keys = spec.shards == 1 && program->keeps_keys(feed);
    program->sinks_.push_back(std::move(feed));
  }
  program->add_own_sinks(spec, *connectors.catalog);
  if (asking.empty()) PENSTOCK_TRY(program->load_lookups(true));
  return program;
}

void StreamProgram::add_own_sinks(const StreamSpec& spec, const ConnectorCatalog& catalog) {
  const auto add = [&](SinkFeed feed) {
    feed.spec.settings = sink_settings(feed.spec, spec.flush);
    sinks_.push_back(std::move(feed));
  };
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const StepSpec& step = steps_[i]->spec();
    if (step.late_table().empty()) continue;
    SinkSpec late = own_sink(step.name + ".late", "delta", step.late_table(), step.late_table_at());
    late.from = step.name;
    add({late, SinkFeed::What::late, i, steps_[i]->input_schema()});
  }
  if (catalog.find("delta")) {
    add({own_sink("_quarantine", "delta", "quarantine." + spec.name, spec.at), SinkFeed::What::quarantine, 0, reject_schema()});
    add({own_sink("_dead_letters", "delta", "dead_letters." + spec.name, spec.at), SinkFeed::What::dead_letters, 0, reject_schema()});
  }
  // Where the composition root keeps an index of rejected rows for the console.
  if (catalog.find("rejected_index")) add({own_sink("_rejected_index", "rejected_index", spec.name, spec.at), SinkFeed::What::index, 0, reject_schema()});
}

// As rows that the first steps leave out, so that the sum of the stream holds.
void StreamProgram::count_skipped(std::size_t source, std::int64_t records) {
  for (std::size_t i = 0; i < steps_.size(); ++i)
    if (std::find(inputs_[i].begin(), inputs_[i].end(), source) != inputs_[i].end()) {
      steps_[i]->report().rows_in += records;
      steps_[i]->report().filtered += records;
    }
}

std::optional<std::size_t> StreamProgram::find_step(const std::string& name) const {
  for (std::size_t i = 0; i < steps_.size(); ++i)
    if (steps_[i]->spec().name == name) return i;
  return std::nullopt;
}

std::vector<bool> StreamProgram::from_step_on(std::size_t step) const {
  std::vector<bool> reached(steps_.size(), false);
  reached[step] = true;
  for (std::size_t i = step + 1; i < steps_.size(); ++i)
    for (const std::size_t input : inputs_[i])
      if (input >= sources_.size() && reached[input - sources_.size()]) reached[i] = true;
  return reached;
}

std::vector<bool> StreamProgram::above_step(std::size_t step) const {
  std::vector<bool> above(steps_.size(), false);
  for (std::size_t i = step + 1; i-- > 0;)
    if (i == step || above[i])
      for (const std::size_t input : inputs_[i])
        if (input >= sources_.size()) above[input - sources_.size()] = true;
  return above;
}

std::optional<std::size_t> StreamProgram::closing_above(std::size_t step) const {
  while (!steps_[step]->closes()) {
    const std::size_t input = inputs_[step].front();
    if (input < sources_.size()) return std::nullopt;
    step = input - sources_.size();
  }
  return step;
}

std::optional<std::size_t> StreamProgram::window_above(std::size_t step) const {
  const auto closing = closing_above(step);
  return closing && steps_[*closing]->windowed() ? closing : std::nullopt;
}

// Do rows of the source come by this input, and not out of a join, which has a watermark of its own?
bool StreamProgram::leads_to(std::size_t source, std::size_t input) const {
  if (input < sources_.size()) return input == source;
  const std::size_t step = input - sources_.size();
  if (steps_[step]->spec().join) return false;
  return std::any_of(inputs_[step].begin(), inputs_[step].end(), [&](std::size_t above) { return leads_to(source, above); });
}

// Steps that leave rows out do no harm; one that computes may make two keys the same.
bool StreamProgram::keeps_keys(const SinkFeed& feed) const {
  if (feed.spec.mode != WriteMode::upsert || sources_.size() != 1 || feed.spec.key != sources_.front().spec.change_key) return false;
  for (std::size_t step = feed.step; true; step = inputs_[step].front() - sources_.size()) {
    const StepSpec& spec = steps_[step]->spec();
    if (spec.window || spec.join || spec.lookup || spec.score || spec.aggregate || inputs_[step].size() != 1) return false;
    if (!spec.sql.empty() && !penstock::keeps_keys(*session_, spec.sql, spec.from.front(), *steps_[step]->input_schema(), feed.spec.key)) return false;
    if (std::any_of(spec.mask.begin(), spec.mask.end(), [&](const std::string& column) { return std::find(feed.spec.key.begin(), feed.spec.key.end(), column) != feed.spec.key.end(); })) return false;
    if (inputs_[step].front() < sources_.size()) return true;
  }
}

std::set<std::size_t> StreamProgram::sources_above(std::size_t step) const {
  std::set<std::size_t> above;
  for (const std::size_t input : inputs_[step]) {
    if (input < sources_.size()) above.insert(input);
    else above.merge(sources_above(input - sources_.size()));
  }
  return above;
}

void StreamProgram::add_partition(std::size_t source, const PartitionKey& partition, std::int64_t now) {
  for (std::size_t step = 0; step < steps_.size(); ++step)
    for (std::size_t i = 0; i < inputs_[step].size(); ++i)
      if (steps_[step]->closes() && leads_to(source, inputs_[step][i])) steps_[step]->add_partition(i, partition, now);
}

std::optional<std::string> StreamProgram::landed_input(std::size_t step) const {
  if (inputs_[step].size() != 1 || inputs_[step].front() < sources_.size()) return std::nullopt;
  const std::string& land = steps_[inputs_[step].front() - sources_.size()]->spec().land;
  if (land.empty()) return std::nullopt;
  return land;
}

std::optional<std::string> StreamProgram::bronze_of(std::size_t source) const {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const StepSpec& step = steps_[i]->spec();
    const bool reads_it = std::find(inputs_[i].begin(), inputs_[i].end(), source) != inputs_[i].end();
    if (reads_it && step.hands_on() && !step.land.empty() && steps_[i]->output_schema()->find(origin::raw)) return step.land;
  }
  return std::nullopt;
}

Status StreamProgram::refresh_tables() {
  PENSTOCK_ASSIGN(const std::vector<std::string> refreshed, session_->refresh_seeds());
  if (!refreshed.empty())
    for (const auto& step : steps_) PENSTOCK_TRY(step->recompile(*session_));
  for (const auto& step : steps_)
    if (step->score()) step->score()->refresh();
  return load_lookups(!refreshed.empty());
}

std::string StreamProgram::concern() const {
  for (const auto& step : steps_)
    if (step->score() && !step->score()->concern().empty()) return step->score()->concern();
  return "";
}

Result<std::unique_ptr<Decoder>> StreamProgram::make_decoder(std::size_t source) const {
  const SourceSpec& spec = sources_[source].spec;
  const DecoderFactory* factory = catalog_->find_format(spec.format);
  if (!factory) return Error(ErrorKind::unsupported, "format '" + spec.format + "' is not in this version", "", spec.at.to_string());
  // One that the stream has come to by itself (kept_contracts.h) lies elsewhere: its path is absolute.
  const std::string contract = spec.contract.empty() ? "" : (std::filesystem::path(workspace_root_) / spec.contract).string();
  return (*factory)({contract, spec.settings, sources_[source].registry});
}

}  // namespace penstock
