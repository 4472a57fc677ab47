#include "connectors/postgres/cdc_state.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file_sync.h"

namespace penstock::postgres {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

Json number_or_null(const std::optional<std::int64_t>& number) { return number ? Json(*number) : Json(); }

}  // namespace

Result<std::optional<CdcState>> CdcState::load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (path.empty() || !file) return std::optional<CdcState>();
  std::ostringstream text;
  text << file.rdbuf();
  const Json json = Json::parse(text.str(), nullptr, false);
  const auto wrong = [&] { return Error(ErrorKind::data_loss, "what is kept of the replication slot cannot be understood", "restore the file, or reset the stream", path); };
  const auto has_text = [&](const char* name) { return json.contains(name) && json[name].is_string(); };
  if (!json.is_object() || !has_text("slot") || !has_text("begin") || !has_text("confirmed") || !json.contains("ranges") || !json["ranges"].is_array()) return wrong();
  CdcState state;
  state.slot = json["slot"].get<std::string>();
  state.creating = json.contains("creating") && json["creating"] == true;
  const auto begin = parse_lsn(json["begin"].get<std::string>()), confirmed = parse_lsn(json["confirmed"].get<std::string>());
  if (!begin || !confirmed) return wrong();
  state.begin = *begin;
  state.confirmed = *confirmed;
  for (const Json& one : json["ranges"]) {
    if (!one.is_object() || !one.contains("first_block") || !one["first_block"].is_number_integer()) return wrong();
    SnapshotRange range{one["first_block"].get<std::int64_t>(), std::nullopt, std::nullopt};
    if (one.contains("end_block") && one["end_block"].is_number_integer()) range.end_block = one["end_block"].get<std::int64_t>();
    if (one.contains("end") && one["end"].is_number_integer()) range.end = one["end"].get<std::int64_t>();
    state.ranges.push_back(range);
  }
  return std::optional(std::move(state));
}

Status CdcState::save(const std::string& path) const {
  if (path.empty()) return {};
  Json json{{"slot", slot}, {"creating", creating}, {"begin", lsn_text(begin)}, {"confirmed", lsn_text(confirmed)}, {"ranges", Json::array()}};
  for (const SnapshotRange& range : ranges)
    json["ranges"].push_back({{"first_block", range.first_block}, {"end_block", number_or_null(range.end_block)}, {"end", number_or_null(range.end)}});
  std::error_code failed;
  fs::create_directories(fs::path(path).parent_path(), failed);
  const std::string aside = path + ".new";
  std::ofstream file(aside, std::ios::binary);
  file << json.dump(2) << '\n';
  file.close();
  const bool written = file && sync_file(aside).ok();
  if (written) fs::rename(aside, path, failed);
  if (!written || failed) return Error(ErrorKind::io, "cannot write what is kept of the replication slot", "check the state folder's rights and free space", path);
  return {};
}

}  // namespace penstock::postgres
