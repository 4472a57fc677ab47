#pragma once

#include <string>
#include <string_view>

#include "connectors/avro/avro_json.h"
#include "record/batch_builder.h"

namespace penstock::avro {

// Takes the values of one record, in the writer's order, into columns. Not thread-safe.
class ValueReader {
 public:
  // `scratch` keeps its memory from record to record.
  ValueReader(std::string_view record, std::string& scratch) : cursor_(record), nested_(record.size()), scratch_(scratch) {}

  // Appends the next value, whose plan ends in the column's type. False: nothing was appended, and fault() is the rest of the
  // sentence after the field's name ("expected a UUID, got \"x\"").
  bool append(const Plan& plan, ColumnBuilder& column);
  bool skip(const AvroType& type) {
    if (nested_.skip(cursor_, type)) return true;
    fault_ = nested_.fault();
    return false;
  }
  std::size_t left() const { return cursor_.left(); }
  const std::string& fault() const { return fault_; }

 private:
  bool fail(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }
  bool cut() { return fail("the record ends within it, or it is no number of its type"); }
  bool append_bytes(const Plan& plan, ColumnBuilder& column);
  bool append_whole(const Plan& plan, ColumnBuilder& column);
  bool append_decimal(const Plan& plan, ColumnBuilder& column);
  bool append_symbol(const Plan& plan, ColumnBuilder& column);

  Cursor cursor_;
  JsonWriter nested_;
  std::string& scratch_;
  std::string fault_;
};

}  // namespace penstock::avro
