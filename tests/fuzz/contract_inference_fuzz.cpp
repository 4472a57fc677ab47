// Any lines as the first records of a source, as JSON and as CSV (whose first line names the columns): a contract that can be read
// and a decoder for it, or an error; and by it, the sample is decoded without a crash.

#include <cstdint>
#include <cstdlib>
#include <functional>

#include "connectors/files/csv_cells.h"
#include "connectors/files/csv_decoder.h"
#include "connectors/files/csv_headers.h"
#include "connectors/json/json_decoder.h"
#include "connectors/json/json_inference.h"
#include "fuzz/planted_crash.h"
#include "io/json_schema_contract.h"
#include "io/scalar_text.h"

using namespace penstock;
using penstock::files::CsvCell;

namespace {

void check(const Result<std::string>& inferred, RawBatch& sample, const std::function<Result<std::unique_ptr<Decoder>>(const Contract&)>& make) {
  if (!inferred.ok()) {
    if (!is_utf8(inferred.error().to_string())) std::abort();
    return;
  }
  const auto contract = parse_json_schema_contract(*inferred, "inferred");
  if (!contract.ok()) std::abort();
  const auto decoder = make(*contract);
  if (!decoder.ok()) std::abort();
  BatchBuilder columns((*decoder)->schema());
  const Decoded decoded = (*decoder)->decode(sample, columns);
  if (columns.finish().rows() != sample.rows()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  RawBatch json, csv;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<CsvCell> cells;
  std::string scratch, prefix;
  for (std::int64_t line = 1; !rest.empty() && line <= 64; ++line) {
    const std::string_view record = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), record.size() + 1));
    json.append({.value = record});
    if (line == 1) {
      if (files::split_csv(record, ',', cells, scratch)) continue;
      std::vector<std::string> names;
      for (const CsvCell& cell : cells) names.emplace_back(cell.text);
      prefix = files::headers_prefix(&names, "a.csv");
    } else if (!prefix.empty()) {
      std::string headers;
      files::append_headers(headers, prefix, line);
      csv.append({.value = record, .headers = headers});
    }
  }
  check(infer_json_contract(json), json, [](const Contract& contract) { return make_json_decoder(contract); });
  check(files::infer_csv_contract(csv, ','), csv, [](const Contract& contract) { return files::make_csv_decoder(contract, ','); });
  return 0;
}
