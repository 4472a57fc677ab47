// kafka_crash_child BROKERS TOPIC EPOCHS: delivers to the topic every epoch that its marker does not hold yet. Epoch e
// brings rows (e, 0) … (e, 9). Ends with 0 when all are in; a crash point may kill it before.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "backend/sql/rows.h"
#include "connectors/kafka/kafka_sink.h"

using namespace penstock;

namespace {

const SchemaPtr kSchema = test::make_schema({{"epoch", {TypeKind::int64}}, {"n", {TypeKind::int32}}});

SinkEpoch make_epoch(std::int64_t epoch) {
  std::vector<std::vector<std::string>> rows;
  for (int n = 0; n < 10; ++n) rows.push_back({std::to_string(epoch), std::to_string(n)});
  return {.epoch = epoch, .rows = {test::make_batch(kSchema, rows)}};
}

}  // namespace

int main(int, char** arguments) {
  kafka::KafkaSink sink({.properties = {{"bootstrap.servers", arguments[1]}}, .topic = arguments[2], .key = {"epoch"}});
  const auto opened = sink.open({.state_id = "s", .sink = arguments[2], .stream = "crash"}, kSchema);
  if (!opened.ok()) return std::fprintf(stderr, "%s\n", opened.error().to_string().c_str()), 1;
  for (std::int64_t epoch = opened->value_or(0) + 1; epoch <= std::atoll(arguments[3]); ++epoch) {
    const Status delivered = sink.deliver({make_epoch(epoch)}, [](const auto&) { return Status(); }, {});
    if (!delivered.ok()) return std::fprintf(stderr, "%s\n", delivered.error().to_string().c_str()), 1;
  }
  return 0;
}
