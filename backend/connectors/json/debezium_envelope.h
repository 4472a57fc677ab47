#pragma once

// Debezium's envelope (https://debezium.io/documentation/reference/3.6/connectors/postgresql.html, "Data change events"), as
// JSON with or without Kafka Connect's schema part around it: {"schema": …, "payload": {"before": …, "after": …, "op": "u", …}}.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace penstock::json {

// What a field's value means where Kafka Connect's schema names it (io.debezium.time.MicroTimestamp, …).
struct Meaning {
  enum class Kind { as_written, millis, micros, nanos, days, decimal, json };
  Kind kind = Kind::as_written;
  int scale = 0;               // decimal: digits behind the point
};
using Meanings = std::map<std::string, Meaning, std::less<>>;

// One change. Views are into the record.
struct Envelope {
  std::string_view op;                     // c, r, u, d, t, m; empty: there was none
  std::string_view before, after;          // an object as it stands there; empty: null, or not there
  std::string_view columns;                // `source.columns`: types, where our own source gives them
  std::int64_t source_micros = 0;          // when the source says that it happened; 0: it does not
  const Meanings* meanings = nullptr;      // null: it came without a schema; valid until the next read()
};

// Not thread-safe: keeps the last schema part, which is the same for most records.
class EnvelopeReader {
 public:
  // `readable_end`: how far the parser may read behind the record. False with a sentence: the record is no envelope.
  bool read(std::string_view record, const char* readable_end, Envelope& envelope, std::string& fault);
  // The object that the record is, or that its `payload` is: a message's key.
  bool read_plain(std::string_view record, const char* readable_end, std::string_view& object, std::string& fault);

 private:
  bool read_payload(simdjson::ondemand::object& object, Envelope& envelope, std::string& fault);
  bool read_source(simdjson::ondemand::value& value, Envelope& envelope, std::string& fault);
  void read_schema(std::string_view schema);

  simdjson::ondemand::parser parser_;
  std::string schema_;
  Meanings meanings_;
};

}  // namespace penstock::json
