#pragma once

// Rows as changes in Debezium's envelope, in JSON (https://debezium.io/documentation/reference/3.6/connectors/postgresql.html, "Data change
// events"): what reads Debezium's topics reads these.
//
//   int32, int64, float64, boolean, varchar → as they are     decimal → as `decimals` says, as decimal.handling.mode does
//   date → days since 1970 (io.debezium.time.Date)            timestamp → ISO 8601 text in UTC (io.debezium.time.ZonedTimestamp)
//   json → text that holds it (io.debezium.data.Json)         blob → base64 text     a float that is not finite → null

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/batch.h"

namespace penstock::kafka {

enum class Decimals {
  precise,      // org.apache.kafka.connect.data.Decimal: bytes of the digits as one whole number, base64
  string,
  number,
};

struct DebeziumOptions {
  std::vector<std::string> key;      // columns of the primary key
  Decimals decimals = Decimals::precise;
  bool schemas = false;              // keys and values with Kafka Connect's schema part
  std::string stream, topic;         // what `source` names
};

// Constant once made; thread-safe.
class DebeziumWriter {
 public:
  // Error: failed_precondition for a key column that the rows do not have.
  static Result<DebeziumWriter> make(const Schema& schema, const DebeziumOptions& options);

  // Append the message's key, and its value: `op` is change::create, update or remove. Of a removal the key alone is known.
  void append_key(const Batch& rows, std::int64_t row, std::string& out) const;
  void append_value(const Batch& rows, std::int64_t row, std::string_view op, std::int64_t now_micros, std::string& out) const;

 private:
  void append_row(const Batch& rows, std::int64_t row, bool only_key, std::string& out) const;

  std::vector<std::size_t> columns_, key_;      // of the rows: all but those of origin and `_op`; the key
  std::vector<bool> in_key_;                    // of `columns_`
  std::optional<std::size_t> time_;             // _source_time
  Decimals decimals_ = Decimals::precise;
  std::string key_schema_, value_schema_;       // empty: none is sent
  std::string source_;                          // the members of `source` that are the same in all
};

// The digits of a decimal as bytes, as few as hold it: two's complement, most significant byte first.
std::string decimal_bytes(Int128 value);

}  // namespace penstock::kafka
