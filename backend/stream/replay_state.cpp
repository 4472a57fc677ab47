#include "stream/replay_state.h"
#include "base/log.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace penstock {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

// Their number, then one a line, the name last: it may hold what names of steps do not.
void write_positions(std::ostream& out, const std::map<std::string, Positions>& positions) {
  std::size_t count = 0;
  for (const auto& [source, of_source] : positions) count += of_source.size();
  out << count << '\n';
  for (const auto& [source, of_source] : positions)
    for (const auto& [partition, offset] : of_source) out << partition << ' ' << offset << ' ' << source << '\n';
}

void read_positions(std::istream& in, std::map<std::string, Positions>& positions) {
  std::size_t count = 0;
  in >> count;
  for (; in && count > 0; --count) {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::string source;
    in >> partition >> offset;
    in.ignore(1);
    std::getline(in, source);
    positions[source][partition] = offset;
  }
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> names;
  std::istringstream stream(text);
  for (std::string name; std::getline(stream, name, ',');) names.push_back(name);
  return names;
}

}  // namespace

// One value a line; step and sink names hold no commas.
Status save_replay(const std::string& folder, const ReplayLaunch& launch) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  std::ofstream file(folder + "/launch.new", std::ios::trunc);
  file << launch.id << '\n' << launch.stream << '\n' << launch.from_time << '\n' << launch.to_time << '\n' << launch.warm_up_from << '\n'
       << launch.rate_limit << '\n' << joined(launch.steps) << '\n' << joined(launch.include_sinks) << '\n';
  write_positions(file, launch.from_positions);
  write_positions(file, launch.to_positions);
  file.close();
  if (!file || failed) return Error(ErrorKind::io, "the replay cannot be kept", "free space on the disk that holds the state", folder);
  std::filesystem::rename(folder + "/launch.new", folder + "/launch", failed);
  if (failed) return Error(ErrorKind::io, "the replay cannot be kept: " + failed.message(), "", folder);
  return {};
}

std::vector<ReplayLaunch> unfinished_replays(const std::string& folder) {
  std::vector<ReplayLaunch> launches;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    std::ifstream file(entry.path() / "launch");
    ReplayLaunch launch;
    std::string steps, sinks;
    file >> launch.id >> launch.stream >> launch.from_time >> launch.to_time >> launch.warm_up_from >> launch.rate_limit;
    file.ignore(1);
    std::getline(file, steps);
    std::getline(file, sinks);
    read_positions(file, launch.from_positions);
    read_positions(file, launch.to_positions);
    if (!file) {
      log_warn("replay {} was not begun and is dropped", entry.path().filename().string());
      std::filesystem::remove_all(entry.path(), none);
      continue;
    }
    launch.steps = split(steps);
    launch.include_sinks = split(sinks);
    launches.push_back(std::move(launch));
  }
  return launches;
}

Status forget_partial_run(StateStore& state) {
  StateWrite write;
  write.erase_range("out/", "out0");
  return state.write(write, true);
}

}  // namespace penstock
