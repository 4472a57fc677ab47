#include "bench/kafka_floors.h"

#include <chrono>

#include "bench/simdjson_alone.h"
#include "connectors/json/json_decoder.h"
#include "connectors/kafka/kafka_client.h"
#include "io/contract.h"
#include "sql/parquet_files.h"
#include "stream/arrival.h"

namespace penstock::bench {
namespace {

constexpr std::int64_t kSample = 250'000;       // records that are kept for the other floors: an epoch under load
constexpr int kRounds = 3;
constexpr int kWaitMs = 10'000;

struct Rate {
  double per_second = 0;
  double per_cpu_second = 0;
};

template <typename Work>
Result<Rate> rate_of(std::int64_t rows, Work work) {
  const double cpu = cpu_seconds();
  const auto began = std::chrono::steady_clock::now();
  PENSTOCK_TRY(work());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return Rate{static_cast<double>(rows) / seconds, static_cast<double>(rows) / (cpu_seconds() - cpu)};
}

// Takes every message of the topic; the first ones are appended to `sample` when there is one.
Status consume(const KafkaFloors& given, RawBatch* sample) {
  PENSTOCK_ASSIGN(kafka::Conf conf, kafka::make_conf({{"bootstrap.servers", given.brokers}, {"group.id", "floor"}, {"enable.auto.commit", "false"},
                                                      {"queued.min.messages", "1000000"}, {"isolation.level", "read_committed"}}));
  PENSTOCK_ASSIGN(const kafka::Client client, kafka::make_client(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_poll_set_consumer(client.get());
  PENSTOCK_ASSIGN(const std::int32_t partitions, kafka::count_partitions(client.get(), given.topic, kWaitMs));
  const kafka::List list(rd_kafka_topic_partition_list_new(partitions));
  for (std::int32_t partition = 0; partition < partitions; ++partition)
    rd_kafka_topic_partition_list_add(list.get(), given.topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  if (const auto code = rd_kafka_assign(client.get(), list.get())) return kafka::error_of(code, "assigning");
  const kafka::Queue queue(rd_kafka_queue_get_consumer(client.get()));
  std::vector<rd_kafka_message_t*> messages(10'000);
  for (std::int64_t rows = 0; rows < given.rows;) {
    const auto got = rd_kafka_consume_batch_queue(queue.get(), kWaitMs, messages.data(), messages.size());
    if (got <= 0) return Error(ErrorKind::unavailable, "the topic ends after " + std::to_string(rows) + " messages");
    for (ssize_t i = 0; i < got; ++i) {
      const rd_kafka_message_t& message = *messages[static_cast<std::size_t>(i)];
      if (!message.err) {
        ++rows;
        if (sample && sample->rows() < kSample)
          sample->append({.position = {message.partition, message.offset}, .value = {static_cast<const char*>(message.payload), message.len}});
      }
      rd_kafka_message_destroy(messages[static_cast<std::size_t>(i)]);
    }
  }
  return {};
}

Result<double> parquet_alone(const Batch& bronze, const std::vector<std::string>& silver, const std::string& folder) {
  std::vector<std::size_t> columns;
  for (const std::string& name : silver) columns.push_back(*bronze.schema()->find(name));
  for (const Field& field : origin::columns()) columns.push_back(*bronze.schema()->find(field.name));
  const std::vector<Batch> all{bronze}, some{bronze.select(columns)};
  PENSTOCK_ASSIGN(const auto parquet, make_parquet_files());
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string path = folder + "/floor-" + std::to_string(round);
    PENSTOCK_ASSIGN(const Rate rate, rate_of(bronze.rows(), [&]() -> Status {
      PENSTOCK_ASSIGN(const auto first, parquet->write(all, bronze.schema(), path + "-bronze.parquet", {}));
      PENSTOCK_ASSIGN(const auto second, parquet->write(some, some.front().schema(), path + "-silver.parquet", {}));
      return first.rows == second.rows ? Status() : Status(Error(ErrorKind::internal, "rows are missing"));
    }));
    best = std::max(best, rate.per_cpu_second);
  }
  return best;
}

}  // namespace

Result<std::vector<Metric>> measure_floors(const KafkaFloors& given) {
  RawBatch sample;
  PENSTOCK_TRY(consume(given, &sample));
  PENSTOCK_ASSIGN(const Rate consumed, rate_of(given.rows, [&] { return consume(given, nullptr); }));
  sample.pad();

  simdjson::ondemand::parser parser;
  double parsed = 0;
  for (int round = 0; round < kRounds; ++round) {
    PENSTOCK_ASSIGN(const Rate rate, rate_of(sample.rows(), [&]() -> Status {
      return read_with_simdjson_alone(sample, parser) > 0 ? Status() : Status(Error(ErrorKind::internal, "nothing was read"));
    }));
    parsed = std::max(parsed, rate.per_cpu_second);
  }

  PENSTOCK_ASSIGN(const Contract contract, load_contract(given.contract_path));
  PENSTOCK_ASSIGN(const auto decoder, make_json_decoder(contract));
  const Arrival arrival = decode_arrival(sample, *decoder, given.topic, now_micros(), false);
  PENSTOCK_ASSIGN(const double written, parquet_alone(arrival.rows, {"event_id", "store_id", "sku", "qty", "unit_price", "sold_at"}, given.folder));
  return std::vector<Metric>{{"librdkafka alone, counting", consumed.per_second, "rows/s", ""},
                             {"librdkafka alone, counting", consumed.per_cpu_second, "rows per CPU second", ""},
                             {"simdjson alone, the same fields", parsed, "rows per CPU second", ""},
                             {"Parquet alone, both tables, with fsync", written, "rows per CPU second", ""}};
}

}  // namespace penstock::bench
