#include "workspace/loader.h"

#include <algorithm>
#include <filesystem>

#include "workspace/registry_subject.h"
#include "workspace/settings_reader.h"
#include "workspace/stream_graph.h"
#include "workspace/stream_reader.h"
#include "workspace/table_sources.h"
#include "workspace/yaml_documents.h"

namespace penstock {
namespace {

constexpr std::size_t kMostProblems = 1'000;

bool is_yaml(std::string_view file) { return file.ends_with(".yaml") || file.ends_with(".yml"); }

// Reads the files of a workspace one after the other into a LoadResult.
class Loader {
 public:
  Loader(const WorkspaceFiles& files, const SettingCatalog& catalog, LoadResult& result)
      : files_(files), catalog_(catalog), workspace_(result.workspace), problems_(result.problems) {}

  void load(const std::string& environment) {
    workspace_.root = files_.root;
    load_workspace_file();
    choose_environment(workspace_, environment, problems_);
    if (const auto found = files_.files.find("connections.yaml"); found != files_.files.end())
      for (const YamlDocument& document : read_yaml(found->first, found->second, problems_))
        read_connections(document, catalog_, workspace_, problems_);
    for (const auto& [file, text] : files_.files) load_file(file, text);
    for (StreamSpec& stream : workspace_.streams) {
      resolve_stream(stream, problems_);
      for (const SourceSpec& source : stream.sources) check_contract(source);
      for (StepSpec& step : stream.steps)
        if (step.score) step.score->path = (std::filesystem::path(files_.root) / step.score->model).lexically_normal().string();
    }
    check_across_streams(workspace_, catalog_, problems_);
    check_table_sources(workspace_, problems_);
    assign_tenants(workspace_, problems_);
    check_tests(workspace_, problems_);
  }

 private:
  void load_workspace_file() {
    const auto found = files_.files.find("penstock.yaml");
    if (found == files_.files.end()) {
      problems_.push_back({{"penstock.yaml", 0, 0}, "the workspace has no penstock.yaml", "at least its name: workspace: retail", {}});
      return;
    }
    const std::vector<YamlDocument> documents = read_yaml(found->first, found->second, problems_);
    if (documents.empty() && problems_.empty())
      problems_.push_back({{found->first, 1, 1}, "penstock.yaml says nothing", "at least its name: workspace: retail", {}});
    if (documents.size() > 1)
      problems_.push_back({documents[1].root.at, "penstock.yaml has more than one document", "one", {}});
    if (!documents.empty()) read_workspace_file(documents.front(), workspace_, defaults_, problems_);
  }

  void load_file(const std::string& file, const std::string& text) {
    const bool yaml = is_yaml(file);
    if (file.starts_with("seeds/") && file.ends_with(".csv")) read_seed(file, text, workspace_, problems_);
    else if (file.starts_with("models/") && (file.ends_with(".sql") || file.ends_with(".sqlx")))
      problems_.push_back({{file, 0, 0}, "SQL models come in a later version", {}, {}});
    else if (file.starts_with("pipelines/") && yaml) each_document(file, text, &Loader::load_pipeline);
    else if (file.starts_with("policies/") && yaml) each_document(file, text, &Loader::load_policy);
    else if (file.starts_with("tests/") && yaml) each_document(file, text, &Loader::load_test);
  }

  void each_document(const std::string& file, const std::string& text, void (Loader::*load)(const YamlDocument&)) {
    for (const YamlDocument& document : read_yaml(file, text, problems_)) (this->*load)(document);
  }

  void load_pipeline(const YamlDocument& document) {
    for (const std::string_view later : {"job", "sync"}) {
      const Setting* found = document.root.find(later);
      if (!found) continue;
      problems_.push_back({found->key_at, std::string(later) + "s come in a later version", "stream: NAME with source, steps and sinks", {}});
      return;
    }
    StreamSpec stream = defaults_;
    read_stream(document, catalog_, stream, problems_);
    workspace_.streams.push_back(std::move(stream));
  }
  void load_policy(const YamlDocument& document) { read_policy(document, workspace_, problems_); }
  void load_test(const YamlDocument& document) { read_test(document, workspace_, problems_); }

  void check_contract(const SourceSpec& source) {
    const Setting* said = source.settings.root().find("contract");
    if (source.contract.empty() || !said) return;
    if (is_registry_subject(source.contract)) return check_registry_subject(source, said->at);
    const std::string path = std::filesystem::path(source.contract).lexically_normal().generic_string();
    if (files_.files.contains(path)) return;
    std::vector<std::string> known;
    for (auto it = files_.files.lower_bound("contracts/"); it != files_.files.end() && it->first.starts_with("contracts/"); ++it) known.push_back(it->first);
    problems_.push_back({said->at, "there is no contract " + quote(source.contract), known.empty() ? "a file in contracts/" : "one of " + joined(known),
                         did_you_mean(path, known)});
  }

  void check_registry_subject(const SourceSpec& source, const Location& at) {
    if (!parse_registry_subject(source.contract))
      problems_.push_back({at, quote(source.contract) + " names no subject of a registry", "registry:pos.sales-value, or with a version: registry:pos.sales-value@3", {}});
    const ConnectionSpec* connection = workspace_.find_connection(source.connection);
    if (connection && connection->settings.text("registry").empty())
      problems_.push_back({at, "the connection " + quote(source.connection) + " has no registry", "its address: registry: \"http://localhost:8081\"", {}});
  }

  // read_stream() finds how many it takes.
  static StreamSpec shards_left_out() {
    StreamSpec stream;
    stream.shards = 0;
    return stream;
  }

  const WorkspaceFiles& files_;
  const SettingCatalog& catalog_;
  Workspace& workspace_;
  Problems& problems_;
  StreamSpec defaults_ = shards_left_out();
};

}  // namespace

LoadResult load_workspace(const WorkspaceFiles& files, const std::string& environment, const SettingCatalog& catalog) {
  LoadResult result;
  result.files = static_cast<int>(files.files.size());
  Loader(files, catalog, result).load(environment);
  sort_by_place(result.problems);
  if (result.problems.size() > kMostProblems) {
    const std::size_t left_out = result.problems.size() - kMostProblems;
    result.problems.resize(kMostProblems);
    result.problems.push_back({{}, "and " + std::to_string(left_out) + " more problems", {}, {}});
  }
  return result;
}

LoadResult load_workspace(const std::string& folder, const std::string& environment, const SettingCatalog& catalog) {
  Problems problems;
  const WorkspaceFiles files = read_workspace_files(folder, problems);
  if (files.files.empty() && !problems.empty()) return {{}, std::move(problems), 0};
  LoadResult result = load_workspace(files, environment, catalog);
  result.problems.insert(result.problems.end(), problems.begin(), problems.end());
  sort_by_place(result.problems);
  return result;
}

}  // namespace penstock
