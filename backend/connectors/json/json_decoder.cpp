#include "connectors/json/json_decoder.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

#include "connectors/json/json_value.h"
#include "io/scalar_text.h"
#include "io/schema_registry.h"

namespace penstock {
namespace {

using json::FieldPlan;
using simdjson::error_code;

constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);
constexpr std::size_t kMany = 32;

std::string sentence_of(error_code code) {
  switch (code) {
    case simdjson::EMPTY: return "the record is empty";
    case simdjson::UTF8_ERROR: return "the record is not valid UTF-8";
    case simdjson::UNCLOSED_STRING: return "not JSON: a text is not closed";
    case simdjson::UNESCAPED_CHARS: return "not JSON: a text holds a control character that is not escaped";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT: return "not JSON: the object is not closed";
    case simdjson::DEPTH_ERROR: return "the record is nested too deeply";
    case simdjson::STRING_ERROR: return "not JSON: a text holds a broken escape";
    default: return "not JSON: a comma, a colon or a brace is missing or too many";
  }
}

class JsonDecoder final : public Decoder {
 public:
  JsonDecoder(SchemaPtr schema, std::vector<FieldPlan> plans, bool framed)
      : schema_(std::move(schema)), plans_(std::move(plans)), framed_(framed), seen_(plans_.size(), 0) {
    for (std::size_t i = 0; i < plans_.size(); ++i) {
      by_name_.emplace(plans_[i].field.name, i);
      order_.push_back(i);
    }
  }

  Status prepare_defaults();

  const SchemaPtr& schema() const override { return schema_; }
  Decoded decode(RawBatch& raw, BatchBuilder& columns) override;

 private:
  bool decode_row(const RawBatch::Record& record, const char* readable_end, BatchBuilder& columns);
  bool decode_fields(simdjson::ondemand::object& object, const char* readable_end, BatchBuilder& columns);
  bool take_unknown(std::string name, simdjson::ondemand::value& value);
  bool add_missing(BatchBuilder& columns);
  void take_back(BatchBuilder& columns);
  void count_drift(Decoded& decoded, std::int64_t row);
  bool fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }

  // Constant after construction.
  SchemaPtr schema_;
  std::vector<FieldPlan> plans_;
  const bool framed_;
  std::unordered_map<std::string, std::size_t> by_name_;
  Batch defaults_;                        // one row: what stands for a missing field, or NULL

  simdjson::ondemand::parser parser_;
  std::vector<std::size_t> order_;        // which column the nth field of the last record was
  std::vector<std::uint64_t> seen_;       // the number of the record in which a column was last filled
  std::uint64_t record_ = 0;

  // Of the record at hand.
  std::string reason_;
  std::vector<std::string> unknown_;
  std::unordered_set<std::string> unknown_names_;      // the same, once they are many: they may be the keys of a map

  std::unordered_map<std::string, std::size_t> drift_of_;      // by name, of this decode(): which of `drift` it is
};

Status JsonDecoder::prepare_defaults() {
  BatchBuilder row(schema_);
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (!plans_[i].field.fallback) {
      row[i].append_null();
      continue;
    }
    const simdjson::padded_string text("[" + *plans_[i].field.fallback + "]");
    simdjson::ondemand::document document;
    simdjson::ondemand::value value;
    std::string fault = "is not JSON";
    if (parser_.iterate(text).get(document) != simdjson::SUCCESS || document.at(0).get(value) != simdjson::SUCCESS ||
        !json::append_value(value, plans_[i], row[i], fault))
      return Error(ErrorKind::invalid_argument, "the default of '" + plans_[i].field.name + "': " + fault);
  }
  defaults_ = row.finish();
  return {};
}

Decoded JsonDecoder::decode(RawBatch& raw, BatchBuilder& columns) {
  raw.pad();
  const char* readable_end = raw.values().data() + raw.values().size() + RawBatch::kPadding;
  Decoded decoded;
  drift_of_.clear();
  for (std::size_t column = 0; column < plans_.size(); ++column) columns[column].reserve(raw.rows());
  for (std::int64_t row = 0; row < raw.rows(); ++row) {
    ++record_;
    unknown_.clear();
    unknown_names_.clear();
    if (decode_row(raw[row], readable_end, columns)) {
      if (!unknown_.empty()) count_drift(decoded, row);
    } else {
      take_back(columns);
      decoded.failures.push_back({row, std::move(reason_)});
    }
  }
  return decoded;
}

bool JsonDecoder::decode_row(const RawBatch::Record& record, const char* readable_end, BatchBuilder& columns) {
  if (const char* reason = reason_of(record.damage)) return fail(reason);
  if (record.tombstone) return fail("the record has no value (a tombstone)");
  std::string_view value = record.value;
  if (framed_) {
    const auto framed = read_frame(value);
    if (!framed) return fail("expected a zero byte and the number of a schema before the value (framing: confluent)");
    value = framed->payload;
  }
  if (value.starts_with("\xEF\xBB\xBF")) return fail("the record starts with a byte order mark");
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  const auto allocated = static_cast<std::size_t>(readable_end - value.data());
  if (const auto code = parser_.iterate(value.data(), value.size(), allocated).get(document)) return fail(sentence_of(code));
  if (const auto code = document.get_object().get(object)) {
    if (code == simdjson::INCORRECT_TYPE) return fail("expected an object, got " + shortened(value));
    return fail(sentence_of(code));
  }
  if (!decode_fields(object, readable_end, columns)) return false;
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return fail("not JSON: something follows the object");
  return add_missing(columns);
}

bool JsonDecoder::decode_fields(simdjson::ondemand::object& object, const char* readable_end, BatchBuilder& columns) {
  std::size_t place = 0;
  std::string fault;
  for (auto item : object) {
    if (item.error()) return fail(sentence_of(item.error()));
    simdjson::ondemand::field& field = item.value_unsafe();   // in place: copies of it cost a third of the walk
    const char* key = field.key().raw();
    if (place == order_.size()) order_.push_back(kUnknown);
    std::size_t column = order_[place];
    const auto is_name = [&](const std::string& name) {
      return static_cast<std::size_t>(readable_end - key) > name.size() && std::memcmp(key, name.data(), name.size()) == 0 && key[name.size()] == '"';
    };
    if (column == kUnknown || !is_name(plans_[column].field.name)) {
      std::string_view name;
      if (const auto code = field.unescaped_key().get(name)) return fail(sentence_of(code));
      const auto found = by_name_.find(std::string(name));
      column = order_[place] = found == by_name_.end() ? kUnknown : found->second;
      if (column == kUnknown && !take_unknown(std::string(name), field.value())) return false;
    }
    ++place;
    if (column == kUnknown) continue;
    const FieldPlan& plan = plans_[column];
    if (seen_[column] == record_) return fail(plan.field.name + ": is given twice");
    if (!json::append_value(field.value(), plan, columns[column], fault)) return fail(plan.field.name + ": " + fault);
    seen_[column] = record_;
  }
  return true;
}

bool JsonDecoder::take_unknown(std::string name, simdjson::ondemand::value& value) {
  std::string fault;
  if (!json::check_value(value, 1, fault)) return fail(shortened(name) + ": " + fault);
  const bool is_many = unknown_.size() >= kMany;
  if (is_many && unknown_names_.empty()) unknown_names_.insert(unknown_.begin(), unknown_.end());
  const bool is_new = is_many ? unknown_names_.insert(name).second : std::find(unknown_.begin(), unknown_.end(), name) == unknown_.end();
  if (!is_new) return fail(shortened(name) + ": is given twice");
  unknown_.push_back(std::move(name));
  return true;
}

bool JsonDecoder::add_missing(BatchBuilder& columns) {
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (seen_[i] == record_) continue;
    const ContractField& field = plans_[i].field;
    if (field.required) return fail(field.name + ": is missing");
    columns[i].append_from(defaults_.column(i), 0);
    seen_[i] = record_;
  }
  return true;
}

void JsonDecoder::take_back(BatchBuilder& columns) {
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (seen_[i] == record_) columns[i].pop_back();
    columns[i].append_null();
  }
}

void JsonDecoder::count_drift(Decoded& decoded, std::int64_t row) {
  decoded.drifted_rows.push_back(row);
  for (std::string& name : unknown_) {
    const auto [known, is_new] = drift_of_.try_emplace(name, decoded.drift.size());
    if (is_new) decoded.drift.push_back({std::move(name), "added", row, 0});
    ++decoded.drift[known->second].rows;
  }
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_json_decoder(const Contract& contract, bool framed) {
  std::vector<FieldPlan> plans;
  for (const ContractField& field : contract.fields) {
    FieldPlan plan{.field = field};
    if (field.checks.any()) {
      auto checker = ValueChecker::make(field.checks);
      if (!checker.ok()) return checker.error().within("'" + field.name + "'");
      plan.checker = std::move(*checker);
    }
    plans.push_back(std::move(plan));
  }
  auto decoder = std::make_unique<JsonDecoder>(contract.schema(), std::move(plans), framed);
  PENSTOCK_TRY(decoder->prepare_defaults());
  return std::unique_ptr<Decoder>(std::move(decoder));
}

}  // namespace penstock
