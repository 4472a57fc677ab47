#include "ctl/replay_progress.h"

#include <algorithm>
#include <thread>

#include "penstock/v1/replay.grpc.pb.h"

namespace penstock::ctl {
namespace {

bool has_ended(const v1::ReplayState& replay) {
  return replay.status() == "done" || replay.status() == "failed" || replay.status() == "cancelled";
}

// The state of a replay as the engine lists it now; the newest come first.
Result<v1::ReplayState> look_up(Session& session, const std::string& id) {
  v1::ListReplaysRequest request;
  request.mutable_page()->set_limit(1000);
  PENSTOCK_ASSIGN(const auto response, session.call<v1::ReplayService>(&v1::ReplayService::Stub::List, request));
  for (const auto& replay : response.replays())
    if (replay.id() == id) return replay;
  return Error(ErrorKind::not_found, "the engine no longer lists this replay", {}, id);
}

}  // namespace

void print_preview(const Session& session, const v1::ReplayPreview& preview) {
  if (session.json()) return print(to_json(preview));
  Table table({"rows", "refused", "from", "to", "windows", "takes about"});
  table.add({count_text(preview.rows()), count_text(preview.refused_rows()), time_text(preview.from_time()), time_text(preview.to_time()),
             count_text(preview.windows()), duration_text(preview.estimated_micros())});
  std::string text = table.text();
  for (const auto& sink : preview.sinks()) text += sink.sink() + ": " + sink.effect() + (sink.rows() == 0 ? "" : " (" + count_text(sink.rows()) + " rows)") + "\n";
  for (const auto& warning : preview.warnings()) text += "warning: " + warning + "\n";
  if (preview.sends_again() > 0) text += "sends " + count_text(preview.sends_again()) + " rows a second time\n";
  print(text);
}

Outcome follow_replay(Session& session, v1::ReplayState replay) {
  while (!has_ended(replay)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    PENSTOCK_ASSIGN(replay, look_up(session, replay.id()));
  }
  session.json() ? print(to_json(replay)) : print(replay.outcome().empty() ? replay.status() : replay.outcome());
  return replay.status() == "done" ? Exit::done : Exit::failed;
}

}  // namespace penstock::ctl
