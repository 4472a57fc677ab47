#pragma once

// A change of a table as one record: Debezium's envelope in JSON, without a schema part (format debezium).

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/postgres/cdc_values.h"
#include "connectors/postgres/pgoutput.h"

namespace penstock::postgres {

// A table's columns, as the records of its rows write them.
class RecordTable {
 public:
  RecordTable() = default;
  // `types` must know them.
  RecordTable(std::vector<Relation::Column> columns, const ValueTypes& types);

  const std::vector<Relation::Column>& columns() const { return columns_; }
  // "{\"id\":{…},…}": what a contract says of them.
  std::string schema() const;
  // {"id":1,…}. `only_key`: the columns of the key alone.
  void append_row(const Tuple& tuple, bool only_key, std::string& out) const;

 private:
  std::vector<Relation::Column> columns_;
  std::vector<ValueType> types_;
  std::vector<std::string> names_;   // as they stand before a value: "id":
};

struct RecordOrigin {
  Lsn lsn = 0;                       // of the transaction's commit; of a snapshot: where it was taken
  std::int64_t micros = 0;           // when it was committed
  std::uint32_t xid = 0;             // 0: of a snapshot
};

// What all records of an origin say of it: "source":{"ts_us":…,"lsn":"0/15D0A28","txId":7. connectors/json/envelope_ends.h knows it.
std::string origin_text(const RecordOrigin& origin);

// `before`, `after`: null where there is none. `origin`: of origin_text(). `with_columns`: says what the columns are, too.
void append_record(const RecordTable& table, std::string_view op, const Tuple* before, bool before_is_whole, const Tuple* after, std::string_view origin, bool with_columns,
                   std::string& out);

// A line of COPY … TO STDOUT in text format as a tuple, whose texts lie in the line, or in `scratch`. Error: data_loss for a line with
// another count of columns.
Status read_copy_line(std::string_view line, std::size_t columns, Tuple& tuple, std::string& scratch);

}  // namespace penstock::postgres
