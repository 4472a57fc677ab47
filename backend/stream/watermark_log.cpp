#include "stream/watermark_log.h"

namespace penstock {

// A key is "<source>/<partition as eight bytes>".
Status restore_watermark(Watermark& watermark, const StateStore& state, const std::string& prefix, std::int64_t now) {
  return state.scan(prefix, [&](std::string_view key, std::string_view value) -> Status {
    if (key.size() < 9 || value.size() != 8) return Error(ErrorKind::data_loss, "a stored watermark is damaged");
    watermark.restore({std::string(key.substr(0, key.size() - 9)), static_cast<std::int32_t>(read_key(key))}, read_key(value), now);
    return {};
  });
}

void log_watermark(Watermark& watermark, const std::string& prefix, StateWrite& write) {
  watermark.take_changes([&](const PartitionKey& partition, std::int64_t max_time) {
    std::string key = prefix + partition.first + "/", value;
    append_key(partition.second, key);
    append_key(max_time, value);
    write.put(key, value);
  });
}

}  // namespace penstock
