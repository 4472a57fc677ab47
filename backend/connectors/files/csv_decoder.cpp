#include "connectors/files/csv_decoder.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/iso8601.h"
#include "connectors/files/csv_headers.h"
#include "connectors/files/csv_value.h"
#include "io/decoded_rows.h"
#include "io/scalar_text.h"

namespace penstock::files {
namespace {

constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

class CsvDecoder final : public Decoder {
 public:
  CsvDecoder(SchemaPtr schema, std::vector<CsvFieldPlan> plans, char delimiter, std::optional<DmsCsv> dms)
      : schema_(std::move(schema)), plans_(std::move(plans)), delimiter_(delimiter), dms_(std::move(dms)) {
    for (const CsvFieldPlan& plan : plans_) contract_names_.push_back(plan.field.name);
    map_columns(contract_names_);
  }

  const SchemaPtr& schema() const override { return schema_; }

  Decoded decode(RawBatch& raw, BatchBuilder& columns) override {
    Decoded decoded;
    for (std::int64_t row = 0; row < raw.rows(); ++row) {
      const std::int64_t rows_before = columns.rows();
      const RawBatch::Record record = raw[row];
      if (decode_row(record, columns)) {
        if (!unknown_.empty()) count_drift(decoded, row);
        continue;
      }
      refuse_row(columns, rows_before);
      decoded.failures.push_back({row, std::move(reason_)});
    }
    return decoded;
  }

 private:
  bool fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }
  void map_columns(const std::vector<std::string>& names);
  bool decode_row(const RawBatch::Record& record, BatchBuilder& columns);
  CsvCell cell_of_dms(const CsvCell& cell, const CsvFieldPlan& plan) const;
  void count_drift(Decoded& decoded, std::int64_t row) const;

  // Constant after construction.
  SchemaPtr schema_;
  std::vector<CsvFieldPlan> plans_;
  char delimiter_;
  std::optional<DmsCsv> dms_;
  std::vector<std::string> contract_names_;

  // Of the file at hand.
  HeadersReader headers_;
  std::vector<std::size_t> cell_of_;       // by field; kUnknown: the file has no such column
  std::vector<std::string> unknown_;       // columns of the file that the contract does not know
  std::size_t columns_ = 0;
  std::string twice_;                      // a column that the header names twice

  // Of the record at hand.
  std::string reason_;
  std::vector<CsvCell> cells_;
  std::string scratch_;
};

void CsvDecoder::map_columns(const std::vector<std::string>& names) {
  cell_of_.assign(plans_.size(), kUnknown);
  unknown_.clear();
  twice_.clear();
  columns_ = names.size();
  for (std::size_t cell = 0; cell < names.size(); ++cell) {
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(cell), names[cell]) != names.begin() + static_cast<std::ptrdiff_t>(cell))
      twice_ = names[cell];
    const auto field = std::find(contract_names_.begin(), contract_names_.end(), names[cell]);
    if (field == contract_names_.end()) {
      unknown_.push_back(names[cell]);
    } else {
      cell_of_[static_cast<std::size_t>(field - contract_names_.begin())] = cell;
    }
  }
}

bool CsvDecoder::decode_row(const RawBatch::Record& record, BatchBuilder& columns) {
  if (const char* reason = reason_of(record.damage)) return fail(reason);
  if (record.tombstone) return fail("the record has no value (a tombstone)");
  const bool from_file = !record.headers.empty() && headers_.read(record.headers);
  if (from_file && headers_.columns_changed()) map_columns(headers_.columns().empty() ? contract_names_ : headers_.columns());
  const std::string line = from_file ? "line " + std::to_string(headers_.line()) + ": " : "";
  if (!twice_.empty()) return fail("the file's header names column '" + shortened(twice_) + "' twice");
  if (const auto fault = split_csv(record.value, delimiter_, cells_, scratch_)) return fail(line + *fault);
  const bool lacks_first = dms_ && cells_.size() + 1 == columns_ && (!from_file || headers_.columns().empty());
  if (lacks_first) cells_.insert(cells_.begin(), CsvCell{});
  if (cells_.size() != columns_)
    return fail(line + std::to_string(cells_.size()) + " cells where there are " + std::to_string(columns_) + " columns");
  std::string fault;
  for (std::size_t appended = 0; appended < plans_.size(); ++appended) {
    const CsvFieldPlan& plan = plans_[appended];
    if (cell_of_[appended] == kUnknown) {
      if (plan.field.required) return fail(plan.field.name + ": is missing, the file has no such column");
      columns[appended].append_null();
    } else if (!append_cell(dms_ ? cell_of_dms(cells_[cell_of_[appended]], plan) : cells_[cell_of_[appended]], plan, columns[appended], fault)) {
      return fail(line + plan.field.name + ": " + fault);
    }
  }
  return true;
}

CsvCell CsvDecoder::cell_of_dms(const CsvCell& cell, const CsvFieldPlan& plan) const {
  if (cell.quoted) return cell;
  if (cell.text == dms_->null_value) return {};
  return {cell.text, cell.text.empty() && plan.field.type.kind == TypeKind::varchar};
}

void CsvDecoder::count_drift(Decoded& decoded, std::int64_t row) const {
  decoded.drifted_rows.push_back(row);
  for (const std::string& name : unknown_) count_drifted(decoded, name, row);
}

// What every cell of a column was so far: the bits of what it could still be.
constexpr unsigned kWhole = 1, kReal = 2, kBoolean = 4, kTime = 8, kDate = 16, kAny = 31;

unsigned possible(std::string_view cell) {
  unsigned kinds = 0;
  if (is_json_number(cell)) kinds |= kReal | (parse_whole(cell) ? kWhole : 0);
  if (cell == "true" || cell == "false") kinds |= kBoolean;
  if (parse_iso_time(cell)) kinds |= kTime;
  if (parse_iso_date(cell)) kinds |= kDate;
  return kinds;
}

nlohmann::ordered_json described(unsigned kinds) {
  const bool seen = kinds != kAny;
  nlohmann::ordered_json property;
  const char* type = seen && (kinds & kWhole) ? "integer" : seen && (kinds & kReal) ? "number" : seen && (kinds & kBoolean) ? "boolean" : "string";
  property["type"] = {type, "null"};
  if (seen && (kinds & kTime)) property["format"] = "date-time";
  if (seen && (kinds & kDate)) property["format"] = "date";
  return property;
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_csv_decoder(const Contract& contract, char delimiter, const std::optional<DmsCsv>& dms) {
  std::vector<CsvFieldPlan> plans;
  for (const ContractField& field : contract.fields) {
    CsvFieldPlan plan{.field = field, .checker = std::nullopt, .zone = dms ? Zone::utc_if_absent : Zone::required};
    if (field.checks.any()) {
      auto checker = ValueChecker::make(field.checks);
      if (!checker.ok()) return checker.error().within("'" + field.name + "'");
      plan.checker = std::move(*checker);
    }
    plans.push_back(std::move(plan));
  }
  return std::unique_ptr<Decoder>(std::make_unique<CsvDecoder>(contract.schema(), std::move(plans), delimiter, dms));
}

Result<std::string> infer_csv_contract(const RawBatch& sample, char delimiter) {
  HeadersReader headers;
  std::vector<std::pair<std::string, unsigned>> columns;
  std::vector<CsvCell> cells;
  std::string scratch;
  for (std::int64_t row = 0; row < sample.rows(); ++row) {
    const RawBatch::Record record = sample[row];
    if (!headers.read(record.headers) || split_csv(record.value, delimiter, cells, scratch) || cells.size() != headers.columns().size()) continue;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string& name = headers.columns()[i];
      auto column = std::find_if(columns.begin(), columns.end(), [&](const auto& known) { return known.first == name; });
      if (column == columns.end()) column = columns.insert(column, {name, kAny});
      if (!cells[i].text.empty()) column->second &= possible(cells[i].text);
    }
  }
  if (columns.empty())
    return Error(ErrorKind::invalid_argument, "none of the " + std::to_string(sample.rows()) + " records is CSV under a header line", "give the source a contract");
  nlohmann::ordered_json schema;
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["type"] = "object";
  for (const auto& [name, kinds] : columns) schema["properties"][name] = described(kinds);
  return schema.dump(2) + "\n";
}

}  // namespace penstock::files
