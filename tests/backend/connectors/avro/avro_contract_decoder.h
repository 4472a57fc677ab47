#pragma once

#include "connectors/avro/avro_decoder.h"
#include "io/avro_contract.h"
#include "support/decoded_records.h"

namespace penstock::test {

// With a registry, records are framed.
inline Result<std::unique_ptr<Decoder>> avro_decoder(const std::string& contract, std::shared_ptr<SchemaRegistry> registry = nullptr) {
  AvroDecoderOptions options;
  PENSTOCK_ASSIGN(options.contract, parse_avro_contract(contract, "contract"));
  PENSTOCK_ASSIGN(options.reader, avro::AvroSchema::parse(contract, "contract"));
  options.framed = registry != nullptr;
  options.registry = std::move(registry);
  return make_avro_decoder(std::move(options));
}

}  // namespace penstock::test
