#pragma once

#include <string>

#include <librdkafka/rdkafka.h>

namespace penstock::kafka {

// The headers of a message as a JSON object, or empty when it has none.
void read_headers(const rd_kafka_message_t& message, std::string& json);

}  // namespace penstock::kafka
