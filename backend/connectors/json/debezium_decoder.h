#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/json/debezium_row.h"
#include "io/codec.h"
#include "io/contract.h"
#include "io/record_translator.h"

namespace penstock {

struct DebeziumDecoderOptions {
  Contract contract;                  // the table's columns: what `before` and `after` hold
  std::vector<std::string> key;       // the columns of its primary key
  json::Decimals decimals = json::Decimals::precise;
  std::shared_ptr<RecordTranslator> translator;      // of records that begin with a zero byte: framed Avro; null: they are refused
};

// Decodes changes in Debezium's envelope (debezium_envelope.h) into the columns of a contract and `_op`. A row that is created, or
// read by a snapshot, is a create; of a removal only the key counts: the table may have told Debezium no more. Tombstones, which
// follow removals for Kafka's sake, are skipped. A row of which a large value is not told is refused, not taken without it; so
// is a truncation. `source.ts_us`, or `source.ts_ms`, is the time of a row. Times, decimals and JSON are read as the
// schema part says; without one, numbers are microseconds (milliseconds where the contract says so).
//
// Error: invalid_argument for a key that the contract does not know.
Result<std::unique_ptr<Decoder>> make_debezium_decoder(DebeziumDecoderOptions options);

// A contract for changes that came without one, by their rows; types that a record tells of its columns go before what its values look like.
Result<std::string> infer_debezium_contract(const RawBatch& sample);

// evolve_json_contract() for the rows of changes.
Result<std::optional<std::string>> evolve_debezium_contract(const std::string& path, const RawBatch& sample, const std::vector<std::string>& fields);

}  // namespace penstock
