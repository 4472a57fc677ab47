#include "stream/progress.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace penstock {
namespace {

constexpr std::size_t kMostMarks = 512;

using Json = nlohmann::json;

Json to_json(const Mark& mark) {
  Json positions = Json::object();
  for (const auto& [source, of_source] : mark.positions) {
    Json& offsets = positions[source] = Json::object();
    for (const auto& [partition, offset] : of_source) offsets[std::to_string(partition)] = offset;
  }
  Json json{{"positions", std::move(positions)}};
  if (!mark.closed.empty()) json["closed"] = mark.closed;
  return json;
}

bool is_map_of_numbers(const Json& json) {
  return json.is_object() && std::all_of(json.begin(), json.end(), [](const Json& value) { return value.is_number_integer(); });
}

bool read(const Json& json, Mark& mark) {
  if (!json.is_object() || !json.contains("positions") || !json["positions"].is_object()) return false;
  for (const auto& [source, offsets] : json["positions"].items()) {
    if (!is_map_of_numbers(offsets)) return false;
    for (const auto& [partition, offset] : offsets.items()) mark.positions[source][std::atoi(partition.c_str())] = offset.get<std::int64_t>();
  }
  if (!json.contains("closed")) return true;
  if (!is_map_of_numbers(json["closed"])) return false;
  mark.closed = json["closed"].get<std::map<std::string, std::int64_t>>();
  return true;
}

}  // namespace

void Mark::advance_to(const Mark& other) {
  for (const auto& [source, of_source] : other.positions)
    for (const auto& [partition, offset] : of_source) {
      auto& own = positions[source][partition];
      own = std::max(own, offset);
    }
  for (const auto& [step, until] : other.closed) {
    auto& own = closed.try_emplace(step, until).first->second;
    own = std::max(own, until);
  }
}

Mark earlier_of(const Mark& one, const Mark& other) {
  Mark earlier;
  for (const auto& [source, positions] : one.positions)
    for (const auto& [partition, offset] : positions) earlier.positions[source][partition] = std::min(offset, other.position(source, partition));
  return earlier;
}

std::int64_t Mark::position(const std::string& source, std::int32_t partition) const {
  const auto of_source = positions.find(source);
  if (of_source == positions.end()) return 0;
  const auto found = of_source->second.find(partition);
  return found == of_source->second.end() ? 0 : found->second;
}

std::string Progress::to_text() const {
  return Json{{"taken", to_json(taken)}, {"everywhere", to_json(everywhere)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool Progress::parse(std::string_view text, Progress& progress) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("taken") || !json.contains("everywhere")) return false;
  progress = {};
  return read(json["taken"], progress.taken) && read(json["everywhere"], progress.everywhere);
}

void PassedMarks::add(std::int64_t epoch, Mark mark) {
  entries_.push_back({epoch, std::move(mark)});
  if (entries_.size() <= kMostMarks) return;
  std::deque<Entry> thinned;
  for (std::size_t i = 0; i < entries_.size(); i += 2) thinned.push_back(std::move(entries_[i]));
  entries_ = std::move(thinned);
}

const Mark& PassedMarks::before(std::int64_t oldest_waiting) {
  while (!entries_.empty() && entries_.front().epoch < oldest_waiting) {
    passed_ = std::move(entries_.front().mark);
    entries_.pop_front();
  }
  return passed_;
}

}  // namespace penstock
