#include "stream/prepared_programs.h"

namespace penstock {

void PreparedPrograms::put(const StreamLaunch& launch, std::int32_t shard, std::unique_ptr<StreamProgram> program) {
  std::lock_guard lock(mutex_);
  programs_[launch.stream][shard] = {made_from(launch), std::move(program)};
}

std::unique_ptr<StreamProgram> PreparedPrograms::take(const StreamLaunch& launch, std::int32_t shard) {
  std::lock_guard lock(mutex_);
  const auto of_stream = programs_.find(launch.stream);
  if (of_stream == programs_.end()) return nullptr;
  auto found = of_stream->second.extract(shard);
  return found && found.mapped().made_from == made_from(launch) ? std::move(found.mapped().program) : nullptr;
}

bool PreparedPrograms::has(const StreamLaunch& launch, std::int32_t shard) const {
  std::lock_guard lock(mutex_);
  const auto of_stream = programs_.find(launch.stream);
  if (of_stream == programs_.end()) return false;
  const auto found = of_stream->second.find(shard);
  return found != of_stream->second.end() && found->second.made_from == made_from(launch);
}

void PreparedPrograms::keep_only(const StreamLaunch& launch, const std::set<std::int32_t>& shards) {
  std::lock_guard lock(mutex_);
  std::erase_if(programs_[launch.stream], [&](const auto& entry) { return !shards.contains(entry.first) || entry.second.made_from != made_from(launch); });
}

void PreparedPrograms::forget(const std::string& stream) {
  std::lock_guard lock(mutex_);
  programs_.erase(stream);
}

// What a program of this stream depends on, beside its shard.
std::string PreparedPrograms::made_from(const StreamLaunch& launch) {
  std::string text = std::to_string(launch.version) + " " + launch.workspace->root;
  for (const SourceSpec& source : launch.workspace->find_stream(launch.stream)->sources) text += " " + source.contract;
  return text;
}

}  // namespace penstock
