#pragma once

// Records of another encoding, written as JSON: for formats that are read as JSON whatever they came in.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "io/codec.h"
#include "io/schema_registry.h"

namespace penstock {

// Not thread-safe.
class RecordTranslator {
 public:
  virtual ~RecordTranslator() = default;
  // Decoder::prepare(), for those records that are of this encoding.
  virtual Readiness prepare(const RawBatch& raw) = 0;
  // Puts the record into `json`. False with a sentence: why it cannot be read.
  virtual bool translate(std::string_view record, std::string& json, std::string& fault) = 0;
};

// `registry` has the schemas of the writers; never null.
using TranslatorFactory = std::function<std::unique_ptr<RecordTranslator>(std::shared_ptr<SchemaRegistry> registry)>;

}  // namespace penstock
