#include "connectors/kafka/message_headers.h"

#include <nlohmann/json.hpp>

#include "io/row_json.h"
#include "io/scalar_text.h"

namespace penstock::kafka {

void read_headers(const rd_kafka_message_t& message, const TopicPartitions::Place* place, std::string& json) {
  json.clear();
  rd_kafka_headers_t* headers = nullptr;
  const bool has_any = rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (!has_any && !place) return;
  nlohmann::ordered_json object;
  if (place) object = {{"__topic", place->topic}, {"__partition", std::to_string(place->partition)}};
  const char* name = nullptr;
  const void* bytes = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; has_any && rd_kafka_header_get_all(headers, i, &name, &bytes, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    nlohmann::ordered_json value;
    if (bytes) {
      const std::string_view text(static_cast<const char*>(bytes), size);
      if (is_utf8(text)) value = text; else value["base64"] = to_base64(text);
    }
    const auto known = object.find(name);
    if (known == object.end()) {
      object[name] = std::move(value);
    } else if (known->is_array()) {
      known->push_back(std::move(value));
    } else {
      *known = nlohmann::ordered_json::array({std::move(*known), std::move(value)});
    }
  }
  json = object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace penstock::kafka
