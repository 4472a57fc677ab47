#include "connectors/postgres/cdc_record.h"

#include "record/row_json.h"

namespace penstock::postgres {

RecordTable::RecordTable(std::vector<Relation::Column> columns, const ValueTypes& types) : columns_(std::move(columns)) {
  for (const Relation::Column& column : columns_) types_.push_back(types.find(column.type));
}

std::string RecordTable::schema() const {
  std::string schema = "{";
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) schema += ',';
    append_json_text(columns_[i].name, schema);
    schema += ':' + json_schema_of(types_[i], columns_[i].modifier);
  }
  return schema + "}";
}

void RecordTable::append_row(const Tuple& tuple, bool only_key, std::string& out) const {
  out += '{';
  bool first = true;
  for (std::size_t i = 0; i < columns_.size() && i < tuple.size(); ++i) {
    if (only_key && !columns_[i].in_key) continue;
    if (!first) out += ',';
    first = false;
    append_json_text(columns_[i].name, out);
    out += ':';
    if (tuple[i].kind == TupleValue::Kind::text) append_json_value(types_[i], tuple[i].text, out);
    else if (tuple[i].kind == TupleValue::Kind::unchanged) out += "\"__debezium_unavailable_value\"";
    else out += "null";
  }
  out += '}';
}

void append_record(const RecordTable& table, std::string_view op, const Tuple* before, bool before_is_whole, const Tuple* after, const RecordOrigin& origin, bool with_columns,
                   std::string& out) {
  out += "{\"op\":\"";
  out += op;
  out += "\",\"before\":";
  if (before) table.append_row(*before, !before_is_whole, out);
  else out += "null";
  out += ",\"after\":";
  if (after) table.append_row(*after, false, out);
  else out += "null";
  out += ",\"source\":{\"ts_us\":" + std::to_string(origin.micros) + ",\"lsn\":\"" + lsn_text(origin.lsn) + "\"";
  if (origin.xid != 0) out += ",\"txId\":" + std::to_string(origin.xid);
  else out += ",\"snapshot\":true";
  if (with_columns) out += ",\"columns\":" + table.schema();
  out += "}}";
}

Result<Tuple> read_copy_line(std::string_view line, std::size_t columns, std::string& scratch) {
  scratch.clear();
  scratch.reserve(line.size());      // an escape is never longer than what it stands for
  if (line.ends_with('\n')) line.remove_suffix(1);
  Tuple tuple;
  while (true) {
    const std::size_t tab = line.find('\t');
    const std::string_view field = line.substr(0, tab);
    TupleValue value;
    if (field != "\\N") {
      const std::size_t begin = scratch.size();
      for (std::size_t at = 0; at < field.size(); ++at) {
        char c = field[at];
        if (c == '\\' && at + 1 < field.size()) {
          c = field[++at];
          switch (c) {
            case 'b': c = '\b'; break;
            case 'f': c = '\f'; break;
            case 'n': c = '\n'; break;
            case 'r': c = '\r'; break;
            case 't': c = '\t'; break;
            case 'v': c = '\v'; break;
            default: break;
          }
        }
        scratch += c;
      }
      value.kind = TupleValue::Kind::text;
      value.text = std::string_view(scratch.data() + begin, scratch.size() - begin);
    }
    tuple.push_back(value);
    if (tab == std::string_view::npos) break;
    line.remove_prefix(tab + 1);
  }
  if (tuple.size() != columns)
    return Error(ErrorKind::data_loss, "the server copied a row of " + std::to_string(tuple.size()) + " columns where the table has " + std::to_string(columns));
  return tuple;
}

}  // namespace penstock::postgres
