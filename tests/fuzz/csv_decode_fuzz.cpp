// Any bytes as a CSV file: cut into records, cut into cells, decoded or refused, as they are and as changes of DMS, always as many
// rows as records.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "connectors/files/csv_decoder.h"
#include "connectors/files/record_reader.h"
#include "fuzz/planted_crash.h"
#include "io/dms_decoder.h"
#include "io/json_schema_contract.h"
#include "io/scalar_text.h"

using namespace penstock;
using namespace penstock::files;

namespace {

class MemoryReader final : public FileReader {
 public:
  explicit MemoryReader(std::string_view bytes) : rest_(bytes) {}
  Result<std::size_t> read(char* out, std::size_t size) override {
    // In small pieces, so that records lie across them.
    size = std::min({size, rest_.size(), std::size_t{7}});
    std::memcpy(out, rest_.data(), size);
    rest_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view rest_;
};

std::unique_ptr<Decoder> make_decoder(bool of_dms) {
  const auto contract = parse_json_schema_contract(R"({"type":"object","properties":{"i":{"type":["integer","null"]},
      "s":{"type":"string"},"d":{"type":"number","multipleOf":0.01},"t":{"type":"string","format":"date-time"}}})", "fuzz");
  auto decoder = of_dms ? dms::make_decoder(*contract, {"i"}, [](const Contract& rows) { return make_csv_decoder(rows, ',', DmsCsv{}); }) : make_csv_decoder(*contract, ',');
  return std::move(*decoder);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  static const std::unique_ptr<Decoder> plain = make_decoder(false), of_dms = make_decoder(true);
  RecordReader reader(std::make_unique<MemoryReader>(std::string_view(reinterpret_cast<const char*>(data), size)), Framing::csv, ',', 1 << 20);
  RawBatch raw;
  std::int64_t last = -1;
  for (;;) {
    const auto record = reader.next();
    if (!record.ok() || !*record) break;
    if ((*record)->offset <= last) std::abort();
    last = (*record)->offset;
    raw.append({.value = (*record)->bytes});
  }
  for (Decoder* decoder : {plain.get(), of_dms.get()}) {
    BatchBuilder columns(decoder->schema());
    const Decoded decoded = decoder->decode(raw, columns);
    if (columns.rows() != raw.rows()) std::abort();
    for (const DecodeFailure& failure : decoded.failures)
      if (failure.reason.empty() || !is_utf8(failure.reason)) std::abort();
  }
  return 0;
}
