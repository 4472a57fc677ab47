#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/bench_report.h"

namespace penstock::bench {

// What the way from Kafka to Delta costs at least: each library alone, with the same records.
struct KafkaFloors {
  std::string brokers;
  std::string topic;
  std::int64_t rows = 0;            // in the topic
  std::string contract_path;
  std::string folder;               // for files, removed by the caller
};
Result<std::vector<Metric>> measure_floors(const KafkaFloors& given);

}  // namespace penstock::bench
