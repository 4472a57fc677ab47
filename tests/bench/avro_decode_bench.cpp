// How fast Avro records become columns: the 12 fields of point-of-sale events that json_decode_bench reads, one thread, written
// by the contract's own schema and by an older one that has to be resolved.

#include <algorithm>
#include <cstdio>

#include "bench/bench_report.h"
#include "connectors/avro/avro_decoder.h"
#include "connectors/avro/avro_wire.h"
#include "io/avro_contract.h"

using namespace penstock;

namespace {

constexpr std::int64_t kRows = 50'000;
constexpr int kRounds = 20;

constexpr const char* kFields = R"({"name":"event_id","type":"string"},{"name":"store_id","type":"int"},{"name":"register","type":"int"},{"name":"cashier_id","type":"string"},
 {"name":"sku","type":"string"},{"name":"qty","type":"int"},{"name":"unit_price","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2}},
 {"name":"discount","type":"double"},{"name":"currency","type":"string"},{"name":"payment_method","type":{"type":"enum","name":"Payment","symbols":["card","cash"]}},
 {"name":"customer_email","type":["null","string"]},{"name":"sold_at","type":{"type":"long","logicalType":"timestamp-millis"}})";

std::string schema(const std::string& more) { return std::string(R"({"type":"record","name":"Sale","fields":[)") + kFields + more + "]}"; }

class TwoSchemas final : public SchemaRegistry {
 public:
  Result<std::shared_ptr<const RegisteredSchema>> by_id(std::int32_t id) override {
    const std::string more = id == 1 ? "" : R"(,{"name":"note","type":"string"})";
    return std::make_shared<const RegisteredSchema>(RegisteredSchema{RegisteredSchema::Language::avro, schema(more), {}});
  }
  Result<std::shared_ptr<const RegisteredSchema>> of_subject(const std::string&, std::optional<std::int32_t>) override {
    return Error(ErrorKind::unsupported, "not here");
  }
};

RawBatch make_records(int id) {
  RawBatch records;
  for (std::int64_t i = 0; i < kRows; ++i) {
    std::string value{'\0', '\0', '\0', '\0', static_cast<char>(id)};
    const std::string number = std::to_string(1'000'000 + i);
    avro::write_bytes("pos-3f2a9c71-8e5d-4b60-9a2f-" + number + number, value);
    avro::write_long(i % 400, value);
    avro::write_long(i % 12, value);
    avro::write_bytes("cashier-" + number + "-of-the-day", value);
    avro::write_bytes("sku-" + number + "-a-long-article-name-in-the-catalogue-of-the-retailer", value);
    avro::write_long(i % 7, value);
    avro::write_bytes(std::string{'\x04', static_cast<char>(i % 100)}, value);
    avro::write_little_endian(0.25, value);
    avro::write_bytes("EUR", value);
    avro::write_long(i % 2, value);
    avro::write_long(1, value);
    avro::write_bytes("somebody.with.a.name." + number + "@customers.example.com", value);
    avro::write_long(1'795'338'000'000 + i, value);
    if (id == 2) avro::write_bytes("a note that the contract does not know", value);
    records.append({.position = {0, i}, .value = value});
  }
  records.pad();
  return records;
}

double rows_per_second(Decoder& decoder, RawBatch& records, std::size_t& failures) {
  BatchBuilder columns(decoder.schema());
  static_cast<void>(decoder.prepare(records));
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double start = bench::cpu_seconds();
    failures += decoder.decode(records, columns).failures.size();
    columns.finish();
    best = std::max(best, static_cast<double>(kRows) / std::max(bench::cpu_seconds() - start, 1e-9));
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  AvroDecoderOptions options;
  options.contract = *parse_avro_contract(schema(""), "bench");
  options.reader = *avro::AvroSchema::parse(schema(""), "bench");
  options.framed = true;
  options.registry = std::make_shared<TwoSchemas>();
  const auto decoder = make_avro_decoder(std::move(options));
  RawBatch own = make_records(1), other = make_records(2);
  std::size_t failures = 0;
  const double as_written = rows_per_second(**decoder, own, failures);
  const double resolved = rows_per_second(**decoder, other, failures);
  if (failures != 0) {
    std::fprintf(stderr, "%zu records could not be decoded\n", failures);
    return 1;
  }
  bench::print({.benchmark = "avro_decode",
                .metrics = {{"decode to columns, one thread", as_written, "rows/CPU s", ">= 1000000"},
                            {"the same from another writer's schema", resolved, "rows/CPU s", ">= 1000000"}},
                .conditions = {{"bytes a record", std::to_string(own.values().size() / static_cast<std::size_t>(kRows))}, {"fields", "12"}}},
               argc, argv);
  return 0;
}
