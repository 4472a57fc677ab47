#include "connectors/postgres/cdc_record.h"

#include "record/row_json.h"

namespace penstock::postgres {

RecordTable::RecordTable(std::vector<Relation::Column> columns, const ValueTypes& types) : columns_(std::move(columns)) {
  for (const Relation::Column& column : columns_) {
    types_.push_back(types.find(column.type));
    append_json_text(column.name, names_.emplace_back());
    names_.back() += ':';
  }
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
    out += names_[i];
    if (tuple[i].kind == TupleValue::Kind::text) append_json_value(types_[i], tuple[i].text, out);
    else if (tuple[i].kind == TupleValue::Kind::unchanged) out += "\"__debezium_unavailable_value\"";
    else out += "null";
  }
  out += '}';
}

std::string origin_text(const RecordOrigin& origin) {
  return "\"source\":{\"ts_us\":" + std::to_string(origin.micros) + ",\"lsn\":\"" + lsn_text(origin.lsn) + "\"" + (origin.xid != 0 ? ",\"txId\":" + std::to_string(origin.xid) : ",\"snapshot\":true");
}

void append_record(const RecordTable& table, std::string_view op, const Tuple* before, bool before_is_whole, const Tuple* after, std::string_view origin, bool with_columns,
                   std::string& out) {
  out += "{\"op\":\"";
  out += op;
  out += "\",\"before\":";
  if (before) table.append_row(*before, !before_is_whole, out);
  else out += "null";
  out += ",\"after\":";
  if (after) table.append_row(*after, false, out);
  else out += "null";
  out += ',';
  out += origin;
  if (with_columns) out += ",\"columns\":" + table.schema();
  out += "}}";
}

namespace {

char escaped_by(char letter) {
  switch (letter) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return letter;
  }
}

}  // namespace

Status read_copy_line(std::string_view line, std::size_t columns, Tuple& tuple, std::string& scratch) {
  scratch.clear();
  scratch.reserve(line.size());      // an escape is never longer than what it stands for
  tuple.clear();
  if (line.ends_with('\n')) line.remove_suffix(1);
  while (true) {
    const std::size_t tab = line.find('\t');
    const std::string_view field = line.substr(0, tab);
    if (field == "\\N") {
      tuple.push_back({});
    } else if (field.find('\\') == std::string_view::npos) {
      tuple.push_back({TupleValue::Kind::text, field});
    } else {
      const std::size_t begin = scratch.size();
      for (std::size_t at = 0; at < field.size(); ++at) {
        const bool is_escape = field[at] == '\\' && at + 1 < field.size();
        scratch += is_escape ? escaped_by(field[at + 1]) : field[at];
        at += is_escape ? 1 : 0;
      }
      tuple.push_back({TupleValue::Kind::text, std::string_view(scratch.data() + begin, scratch.size() - begin)});
    }
    if (tab == std::string_view::npos) break;
    line.remove_prefix(tab + 1);
  }
  if (tuple.size() != columns)
    return Error(ErrorKind::data_loss, "the server copied a row of " + std::to_string(tuple.size()) + " columns where the table has " + std::to_string(columns));
  return {};
}

}  // namespace penstock::postgres
