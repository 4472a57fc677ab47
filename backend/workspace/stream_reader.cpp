#include "workspace/stream_reader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "record/position.h"
#include "workspace/map_reader.h"

namespace penstock {
namespace {

constexpr std::int64_t kMostShards = 1024;
constexpr std::int32_t kUsualShards = 8;
constexpr std::int32_t kMostPods = 64;
constexpr std::array<std::string_view, 4> kOfOnePartition{"webhook", "postgres_cdc", "odbc", "table"};
constexpr const char* kPods = "shared, 0, or a number up to 64";

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
  if (pods->kind != Setting::Kind::text || code != std::errc{} || rest != end || count < 0 || count > kMostPods) {
    problems.push_back({pods->at, quote(pods->text) + " cannot be 'pods'", kPods, {}});
  } else {
    stream.pods = count;
  }
}

void read_scale(MapReader& outer, StreamSpec& stream, Problems& problems) {
  const Setting* map = outer.map("scale");
  if (!map) return;
  MapReader reader(*map, "scale", problems);
  ScaleSpec scale;
  if (const auto lag = reader.duration("lag")) scale.lag = *lag;
  else problems.push_back({map->at, "'scale' does not say from which lag on", "lag: 30s", {}});
  if (const auto least = reader.integer("min", 1, kMostPods)) scale.least = static_cast<std::int32_t>(*least);
  if (const auto most = reader.integer("max", 1, kMostPods)) scale.most = static_cast<std::int32_t>(*most);
  else problems.push_back({map->at, "'scale' does not say up to how many pods", "max: 8", {}});
  if (scale.most < scale.least) problems.push_back({map->at, "'scale' has a 'max' that is less than its 'min'", "min: 1, max: 8", {}});
  reader.finish();
  stream.scale = scale;
}

// What partitions are dealt out over, and those over pods.
void finish_shards(StreamSpec& stream, const Setting& root, Problems& problems) {
  if (stream.scale && stream.pods <= 0) stream.pods = stream.scale->least;
  const std::int32_t pods = std::max(stream.pods, stream.scale ? stream.scale->most : 1);
  if (stream.shards == 0) stream.shards = pods > 1 ? std::max(kUsualShards, pods) : 1;
  for (const SourceSpec& source : stream.sources)
    if (stream.shards > 1 && std::find(kOfOnePartition.begin(), kOfOnePartition.end(), source.kind) != kOfOnePartition.end())
      problems.push_back({source.at, "a source of kind '" + source.kind + "' has one partition, and shards share partitions", "shards: 1", {}});
  for (const SourceSpec& source : stream.sources)
    if (source.settings.text("topic").starts_with('^') && !source.partitioned_by.empty() && kPartitionsOfATopic % stream.shards != 0)
      problems.push_back({source.at, "partitions of several topics that hold the same keys do not meet in one of " + std::to_string(stream.shards) + " shards",
                          "shards: 8, or another number that divides " + std::to_string(kPartitionsOfATopic), {}});
  if (pods <= stream.shards) return;
  const Setting* at = root.find(stream.scale && stream.scale->most > stream.pods ? "scale" : "pods");
  problems.push_back({at ? at->at : root.at, std::to_string(pods) + " pods cannot share " + std::to_string(stream.shards) + (stream.shards == 1 ? " shard" : " shards"),
                      "shards: " + std::to_string(pods) + " or more", {}});
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
  read_scale(reader, stream, problems);
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
  finish_shards(stream, document.root, problems);
  reader.later("repartition");
  reader.finish();
}

}  // namespace penstock
