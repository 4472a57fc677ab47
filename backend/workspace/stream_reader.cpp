#include "workspace/stream_reader.h"

#include <charconv>

#include "workspace/map_reader.h"

namespace penstock {
namespace {

constexpr std::int64_t kMostShards = 1024;

void read_pods(MapReader& reader, StreamSpec& stream, Problems& problems) {
  const Setting* pods = reader.find("pods");
  if (!pods) return;
  if (pods->kind == Setting::Kind::text && pods->text == "shared") {
    stream.pods = -1;
    return;
  }
  std::int32_t count = 0;
  const char* end = pods->text.data() + pods->text.size();
  const auto [rest, code] = std::from_chars(pods->text.data(), end, count);
  if (pods->kind != Setting::Kind::text || code != std::errc{} || rest != end || count < 0) {
    problems.push_back({pods->at, quote(pods->text) + " cannot be 'pods'", "shared, 0 or 1", {}});
  } else if (count > 1) {
    problems.push_back({pods->at, "more than one pod for a stream comes in a later version", "shared, 0 or 1", {}});
  } else {
    stream.pods = count;
  }
}

// "99.9%" is 0.999.
void read_availability(MapReader& reader, ObjectivesSpec& objectives, Problems& problems) {
  const Setting* found = reader.find("availability");
  if (!found) return;
  double percent = 0;
  const char* end = found->text.data() + found->text.size();
  const auto [rest, code] = std::from_chars(found->text.data(), end, percent);
  if (code == std::errc{} && std::string_view(rest, static_cast<std::size_t>(end - rest)) == "%" && percent > 0 && percent <= 100)
    objectives.availability = percent / 100;
  else
    problems.push_back({found->at, quote(found->text) + " cannot be 'availability'", "a share of the time: 99.9%", {}});
}

void read_objectives(const Setting& map, ObjectivesSpec& objectives, Problems& problems) {
  MapReader reader(map, "objectives", problems);
  if (const auto p99 = reader.duration("p99")) objectives.p99 = *p99;
  if (const auto freshness = reader.duration("freshness")) objectives.freshness = *freshness;
  read_availability(reader, objectives, problems);
  reader.finish();
}

}  // namespace

void read_stream_options(MapReader& reader, StreamSpec& stream, Problems& problems) {
  read_pods(reader, stream, problems);
  if (const auto shards = reader.integer("shards", 1, kMostShards)) stream.shards = static_cast<std::int32_t>(*shards);
  if (const auto outbox = reader.bytes("outbox")) stream.outbox_bytes = *outbox;
  if (const auto flush = reader.duration("flush")) stream.flush = *flush;
  if (const auto durability = reader.choice("durability", {"full", "relaxed"})) stream.relaxed_durability = *durability == 1;
  if (const auto drift = reader.choice("drift", {"fail", "quarantine", "evolve"})) stream.drift = static_cast<DriftPolicy>(*drift);
  if (const Setting* objectives = reader.find("objectives")) read_objectives(*objectives, stream.objectives, problems);
}

void read_stream(const YamlDocument& document, const SettingCatalog& catalog, StreamSpec& stream, Problems& problems) {
  stream.at = document.root.at;
  stream.text = document.text;
  MapReader reader(document.root, "a stream", problems);
  stream.name = reader.name("stream", true);
  reader.text("description");
  read_sources(reader, catalog, stream, problems);
  read_steps(reader, stream, problems);
  read_sinks(reader, catalog, stream, problems);
  read_stream_options(reader, stream, problems);
  reader.later("repartition");
  reader.finish();
}

}  // namespace penstock
