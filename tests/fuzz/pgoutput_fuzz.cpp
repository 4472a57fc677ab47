// Any bytes as a message of a replication session, as a message of pgoutput, as a line of COPY and as values of PostgreSQL's types:
// read or refused, never a crash; what is written of a value is JSON.

#include <cstdint>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "connectors/postgres/cdc_record.h"
#include "connectors/postgres/pgoutput.h"
#include "fuzz/planted_crash.h"
#include "io/scalar_text.h"

using namespace penstock;
using namespace penstock::postgres;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto replicated = parse_replicated(bytes); replicated.ok())
    if (const auto* log = std::get_if<LogData>(&*replicated)) static_cast<void>(parse_pgoutput(log->message));
  if (const auto message = parse_pgoutput(bytes); message.ok())
    if (const auto* change = std::get_if<RowChange>(&*message))
      for (const TupleValue& value : change->after)
        if (value.text.size() > size) std::abort();
  std::string scratch;
  Tuple tuple;
  static_cast<void>(read_copy_line(bytes, 2, tuple, scratch));
  if (!is_utf8(bytes)) return 0;      // the session's encoding promises it
  for (const auto kind : {ValueType::Kind::text, ValueType::Kind::timestamp, ValueType::Kind::timestamptz, ValueType::Kind::json, ValueType::Kind::array}) {
    std::string out;
    append_json_value({kind, 0, std::make_shared<const ValueType>()}, bytes, out);
    if (!nlohmann::json::accept(out)) std::abort();
  }
  return 0;
}
