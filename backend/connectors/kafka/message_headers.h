#pragma once

#include <string>

#include "connectors/kafka/topic_partitions.h"

namespace penstock::kafka {

// The headers of a message as a JSON object, or empty when it has none. `place`, where it is not null, comes first.
void read_headers(const rd_kafka_message_t& message, const TopicPartitions::Place* place, std::string& json);

}  // namespace penstock::kafka
