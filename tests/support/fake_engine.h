#pragma once

// An engine for tests and for developing the console: a real gRPC server with every service of penstock.v1, over an
// invented retail company. `loyalty` is stuck until its pod is reset; `sales` has 1,204 rows in quarantine that pass
// once seeds/stores.csv names the stores 118 to 131. It stalls, dies and refuses on command.

#include <cstdint>
#include <grpcpp/channel.h>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace penstock::test {

struct FakeEngineOptions {
  unsigned seed = 1;
  std::string environment = "production";
  std::string colour = "#e2a336";
  bool is_protected = false;
  std::string token;            // required in "authorization" when not empty
  int api_version = 1;
  int pipelines = 14;           // more than the 14 with a story are healthy extras
  int pods = 12;
  bool faults = true;           // loyalty stuck, sales failing
  bool bare = false;            // a workspace in which nothing is yet
  bool long_names = false;      // of extras, of what needs the operator, of who failed
  bool moving = true;           // numbers walk at random; else only what a test sets changes
};

// Thread-safe.
class FakeEngine {
 public:
  explicit FakeEngine(FakeEngineOptions options = {});
  ~FakeEngine();

  // "127.0.0.1:<port>"; stays the same over die() and come_back().
  std::string address() const;
  std::shared_ptr<grpc::Channel> in_process_channel();

  // Answers nothing and reports nothing, with all connections open, as a process under SIGSTOP.
  void stall(bool stalled);
  // What it reports comes so late, as over a line that cannot keep up.
  void lag(std::chrono::milliseconds by);
  void die();
  void come_back();
  // The next call of this method ("Reset", "Run", …) ends with that error.
  void fail_next(const std::string& method, const std::string& kind, const std::string& message, const std::string& action);

  // A telemetry change right now.
  void set_rows_per_second(const std::string& pipeline, double rows_per_second);
  void set_behind_rows(const std::string& pipeline, std::int64_t rows);
  // Of the stores that the failing rows name, up to 131; told when it is asked for.
  void set_first_missing_store(int store);
  void break_pod(const std::string& pod);
  // The first sink of `sales` or `fraud_features` fails; "closed": for the second time only.
  void break_sink(const std::string& pipeline, const std::string& circuit);
  void set_relaxed_durability(const std::string& pipeline);
  // Whether a reset of that pod may run without a confirmation.
  void set_safe(bool safe);
  // Log lines, as fast as they are taken, until false.
  void flood_logs(bool flood);

  // "reset loyalty-0", "redrive 4 of sales", … in order.
  std::vector<std::string> commands() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace penstock::test
