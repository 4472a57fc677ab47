#pragma once

// A pod host and links without processes: what a test says happens, happens, at the next tick.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ops/pod_host.h"
#include "ops/pod_link.h"

namespace penstock::test {

class FakePodLink final : public PodLink {
 public:
  bool answers = true;
  Status start_answer;
  bool rebuild_mends = false;
  std::map<std::string, StreamStart> running;
  std::vector<std::string> calls;
  std::vector<std::int64_t> leases;         // of the starts
  std::map<std::string, StreamStart> prepared;
  Status prepare_answer;
  std::vector<PodTailPart> tail;            // of every table

  void report(const PodReport& report) { if (reported_) reported_(report); }

  Result<PodInfo> info() override {
    if (!answers) return Error(ErrorKind::unavailable, "nobody listens");
    return PodInfo{};
  }
  Status start_stream(const StreamStart& start) override {
    std::string shards;
    for (const std::int32_t shard : start.shards) shards += (shards.empty() ? " " : ",") + std::to_string(shard);
    calls.push_back("start " + start.stream + shards + (start.state_choice == StateChoice::none ? "" : std::string(", ") + name_of(start.state_choice)));
    leases.push_back(start.lease);
    const bool mended = rebuild_mends && start.state_choice == StateChoice::rebuild;
    if (!start_answer.ok() && !mended) return start_answer;
    running[start.stream] = start;
    return {};
  }
  Status prepare_stream(const StreamStart& start) override {
    if (prepare_answer.ok()) prepared[start.stream] = start;
    return prepare_answer;
  }
  Status stop_stream(const std::string& stream, const StreamStop& stop) override {
    calls.push_back((stop.pause ? "pause " : "stop ") + stream);
    if (!stop.pause) running.erase(stream);
    return {};
  }
  Status shut_down(bool) override { return {}; }
  void watch(std::function<void(PodReport)> reported) override { reported_ = std::move(reported); }
  Result<std::vector<PodTailPart>> table_tail(const std::string&) override { return tail; }
  Result<std::vector<Batch>> step_rows(const std::string&, const std::string&) override { return std::vector<Batch>(); }
  Status start_replay(const PodReplay&) override { return {}; }
  Status control_replay(const std::string&, const std::string&, double) override { return {}; }
  Result<PodRedriveOutcome> redrive(const std::string&, const std::string&, const std::vector<PodRedriveRow>&) override { return PodRedriveOutcome(); }

 private:
  std::function<void(PodReport)> reported_;
};

class FakePodHost final : public PodHost {
 public:
  bool ends_when_asked = true;
  std::vector<PodProcess> left_behind;      // what adopt() finds
  std::vector<std::string> calls;
  std::map<std::string, PodProcess> running;
  std::map<std::string, std::shared_ptr<FakePodLink>> links;

  std::shared_ptr<PodLink> connect(const PodProcess& process) { return links[process.name] = std::make_shared<FakePodLink>(); }
  void end(const std::string& name, const std::string& reason) {
    exits_.push_back({name, running.at(name).process_id, reason, reason == "ended with 0"});
    running.erase(name);
  }

  Result<PodProcess> start(const PodSpec& spec) override {
    calls.push_back("start " + spec.name);
    PodProcess process;
    process.name = spec.name;
    process.process_id = ++last_id_;
    return running[spec.name] = process;
  }
  Status terminate(const std::string& name) override {
    calls.push_back("terminate " + name);
    if (!running.contains(name)) return Error(ErrorKind::not_found, "gone");
    if (ends_when_asked) end(name, "ended with 0");
    return {};
  }
  Status kill(const std::string& name) override {
    calls.push_back("kill " + name);
    if (!running.contains(name)) return Error(ErrorKind::not_found, "gone");
    end(name, "killed by signal 9 (SIGKILL)");
    return {};
  }
  std::vector<PodProcess> list() override { return {}; }
  Result<std::vector<PodProcess>> adopt() override {
    for (const PodProcess& process : left_behind) running[process.name] = process;
    return left_behind;
  }
  std::vector<PodExit> exits() override { return std::exchange(exits_, {}); }
  Result<std::vector<std::string>> logs(const std::string&, std::int32_t) override { return std::vector<std::string>(); }
  Result<PodUsage> usage(const std::string&) override { return PodUsage(); }
  std::string kind() const override { return "local"; }

 private:
  std::int64_t last_id_ = 100;
  std::vector<PodExit> exits_;
};

}  // namespace penstock::test
