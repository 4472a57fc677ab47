#pragma once

#include <cstdint>

#include <simdjson.h>

#include "io/raw_batch.h"

namespace penstock::bench {

// Every field of every record read into nothing, without checks or columns.
inline std::uint64_t read_with_simdjson_alone(const RawBatch& records, simdjson::ondemand::parser& parser) {
  std::uint64_t sum = 0;
  const char* end = records.values().data() + records.values().size() + RawBatch::kPadding;
  for (std::int64_t row = 0; row < records.rows(); ++row) {
    const auto record = records[row].value;
    auto document = parser.iterate(record.data(), record.size(), static_cast<std::size_t>(end - record.data()));
    for (auto field : document.get_object()) {
      simdjson::ondemand::value value = field.value();
      switch (value.type()) {
        case simdjson::ondemand::json_type::string: sum += value.get_string().value().size(); break;
        case simdjson::ondemand::json_type::number: sum += static_cast<std::uint64_t>(value.get_double().value()); break;
        default: break;
      }
    }
  }
  return sum;
}

}  // namespace penstock::bench
