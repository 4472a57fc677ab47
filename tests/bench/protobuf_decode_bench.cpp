// How fast Protobuf records become columns: the 12 fields of point-of-sale events that avro_decode_bench reads, one thread.

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "bench/bench_report.h"
#include "connectors/protobuf/proto_decoder.h"

using namespace penstock;

namespace {

constexpr std::int64_t kRows = 50'000;
constexpr int kRounds = 20;

constexpr const char* kContract = R"(syntax = "proto3"; import "google/protobuf/timestamp.proto";
 message Sale { string event_id = 1; int32 store_id = 2; int32 register = 3; string cashier_id = 4; string sku = 5; int32 qty = 6; double unit_price = 7; double discount = 8;
  string currency = 9; Payment payment_method = 10; optional string customer_email = 11; google.protobuf.Timestamp sold_at = 12; enum Payment { card = 0; cash = 1; } })";

void add_varint(std::uint64_t bits, std::string& out) {
  for (; bits >= 0x80; bits >>= 7) out += static_cast<char>(bits | 0x80);
  out += static_cast<char>(bits);
}
void add_number(int field, std::uint64_t bits, std::string& out) {
  add_varint(static_cast<std::uint64_t>(field) << 3, out);
  add_varint(bits, out);
}
void add_text(int field, const std::string& text, std::string& out) {
  add_varint(static_cast<std::uint64_t>(field) << 3 | 2, out);
  add_varint(text.size(), out);
  out += text;
}
void add_real(int field, double value, std::string& out) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  add_varint(static_cast<std::uint64_t>(field) << 3 | 1, out);
  out.append(bytes, sizeof value);
}

RawBatch make_records() {
  RawBatch records;
  for (std::int64_t i = 0; i < kRows; ++i) {
    const std::string number = std::to_string(1'000'000 + i);
    std::string value, time;
    add_text(1, "pos-3f2a9c71-8e5d-4b60-9a2f-" + number + number, value);
    add_number(2, static_cast<std::uint64_t>(i % 400 + 1), value);
    add_number(3, static_cast<std::uint64_t>(i % 12 + 1), value);
    add_text(4, "cashier-" + number + "-of-the-day", value);
    add_text(5, "sku-" + number + "-a-long-article-name-in-the-catalogue-of-the-retailer", value);
    add_number(6, static_cast<std::uint64_t>(i % 7 + 1), value);
    add_real(7, 12.99, value);
    add_real(8, 0.25, value);
    add_text(9, "EUR", value);
    add_number(10, static_cast<std::uint64_t>(i % 2), value);
    add_text(11, "somebody.with.a.name." + number + "@customers.example.com", value);
    add_number(1, 1'795'338'000, time);
    add_number(2, 250'000'000, time);
    add_text(12, time, value);
    records.append({.position = {0, i}, .value = value});
  }
  records.pad();
  return records;
}

}  // namespace

int main(int argc, char** argv) {
  ProtobufDecoderOptions options;
  options.contract = *proto::ProtoSchema::parse(kContract, "bench");
  const auto decoder = make_protobuf_decoder(std::move(options));
  RawBatch records = make_records();
  BatchBuilder columns((*decoder)->schema());
  std::size_t failures = 0;
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double start = bench::cpu_seconds();
    failures += (*decoder)->decode(records, columns).failures.size();
    columns.finish();
    best = std::max(best, static_cast<double>(kRows) / std::max(bench::cpu_seconds() - start, 1e-9));
  }
  if (failures != 0) {
    std::fprintf(stderr, "%zu records could not be decoded\n", failures);
    return 1;
  }
  bench::print({.benchmark = "protobuf_decode",
                .metrics = {{"decode to columns, one thread", best, "rows/CPU s", ">= 1000000"}},
                .conditions = {{"bytes a record", std::to_string(records.values().size() / static_cast<std::size_t>(kRows))}, {"fields", "12"}}},
               argc, argv);
  return 0;
}
