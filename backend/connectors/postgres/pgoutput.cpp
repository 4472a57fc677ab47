#include "connectors/postgres/pgoutput.h"

namespace penstock::postgres {
namespace {

constexpr std::int64_t kEpochMicros = 946'684'800'000'000;      // 2000-01-01, where PostgreSQL begins to count

// Reads numbers in network order and texts that end with a zero. Once something was missing, every answer is empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }
  std::string_view rest() const { return bytes_; }

  template <typename Number>
  Number number() {
    std::uint64_t value = 0;
    for (const char byte : take(sizeof(Number))) value = value << 8 | static_cast<unsigned char>(byte);
    return static_cast<Number>(value);
  }
  char letter() {
    const std::string_view one = take(1);
    return one.empty() ? '\0' : one.front();
  }
  std::string text() {
    const std::size_t end = bytes_.find('\0');
    if (end == std::string_view::npos) return ok_ = false, bytes_ = {}, std::string();
    std::string text(bytes_.substr(0, end));
    bytes_.remove_prefix(end + 1);
    return text;
  }
  std::string_view take(std::size_t count) {
    if (bytes_.size() < count) return ok_ = false, bytes_ = {}, std::string_view();
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  void fail() { ok_ = false; }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

Error broken(const std::string& what) {
  return Error(ErrorKind::data_loss, "the server's replication stream cannot be understood: " + what, "the server may be newer than what this version knows");
}

Tuple read_tuple(Reader& reader) {
  Tuple tuple;
  const auto columns = reader.number<std::uint16_t>();
  for (int i = 0; i < columns && reader.ok(); ++i) {
    TupleValue value;
    switch (reader.letter()) {
      case 'n': break;
      case 'u': value.kind = TupleValue::Kind::unchanged; break;
      case 't':
        value.kind = TupleValue::Kind::text;
        value.text = reader.take(reader.number<std::uint32_t>());
        break;
      default: reader.fail();
    }
    tuple.push_back(value);
  }
  return tuple;
}

Relation read_relation(Reader& reader) {
  Relation relation;
  relation.id = reader.number<std::uint32_t>();
  relation.schema = reader.text();
  relation.table = reader.text();
  relation.identity = reader.letter();
  const auto columns = reader.number<std::uint16_t>();
  for (int i = 0; i < columns && reader.ok(); ++i) {
    Relation::Column column;
    column.in_key = (reader.number<std::uint8_t>() & 1) != 0;
    column.name = reader.text();
    column.type = reader.number<std::uint32_t>();
    column.modifier = reader.number<std::int32_t>();
    relation.columns.push_back(std::move(column));
  }
  return relation;
}

RowChange read_change(Reader& reader, RowChange::What what) {
  RowChange change{.what = what, .relation = reader.number<std::uint32_t>()};
  char part = reader.letter();
  if (part == 'K' || part == 'O') {
    change.before_is_whole = part == 'O';
    change.before = read_tuple(reader);
    if (what == RowChange::What::remove) return change;
    part = reader.letter();
  }
  if (part != 'N' || what == RowChange::What::remove) reader.fail();
  else change.after = read_tuple(reader);
  return change;
}

Truncate read_truncate(Reader& reader) {
  Truncate truncate;
  const auto relations = reader.number<std::uint32_t>();
  reader.letter();      // CASCADE, RESTART IDENTITY
  for (std::uint32_t i = 0; i < relations && reader.ok(); ++i) truncate.relations.push_back(reader.number<std::uint32_t>());
  return truncate;
}

Message read_message(Reader& reader, char kind) {
  switch (kind) {
    case 'B': {
      Begin begin;
      begin.commit = reader.number<Lsn>();
      begin.commit_micros = static_cast<std::int64_t>(reader.number<std::uint64_t>() + kEpochMicros);
      begin.xid = reader.number<std::uint32_t>();
      return begin;
    }
    case 'C': {
      Commit commit;
      reader.letter();
      commit.commit = reader.number<Lsn>();
      commit.end = reader.number<Lsn>();
      reader.number<std::uint64_t>();
      return commit;
    }
    case 'R': return read_relation(reader);
    case 'I': return read_change(reader, RowChange::What::insert);
    case 'U': return read_change(reader, RowChange::What::update);
    case 'D': return read_change(reader, RowChange::What::remove);
    case 'T': return read_truncate(reader);
    case 'O':
    case 'Y':
    case 'M': reader.take(reader.rest().size()); return Passed{};
    default: reader.fail(); return Passed{};
  }
}

template <typename Number>
void append(Number number, std::string& bytes) {
  for (int shift = static_cast<int>(sizeof(Number)) * 8 - 8; shift >= 0; shift -= 8) bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> shift);
}

}  // namespace

Result<Replicated> parse_replicated(std::string_view bytes) {
  Reader reader(bytes);
  const char kind = reader.letter();
  if (kind == 'w') {
    LogData data;
    data.start = reader.number<Lsn>();
    data.end = reader.number<Lsn>();
    reader.number<std::uint64_t>();
    if (!reader.ok()) return broken("log data of " + std::to_string(bytes.size()) + " bytes");
    data.message = reader.rest();
    return Replicated(data);
  }
  if (kind != 'k') return broken("expected log data or a sign of life");
  KeepAlive alive;
  alive.end = reader.number<Lsn>();
  reader.number<std::uint64_t>();
  alive.reply = reader.number<std::uint8_t>() != 0;
  if (!reader.ok()) return broken("a sign of life of " + std::to_string(bytes.size()) + " bytes");
  return Replicated(alive);
}

Result<Message> parse_pgoutput(std::string_view message) {
  Reader reader(message);
  const char kind = reader.letter();
  Message read = read_message(reader, kind);
  if (!reader.ok() || !reader.at_end()) return broken(std::string("a message '") + (kind >= ' ' && kind <= '~' ? kind : '?') + "' of " + std::to_string(message.size()) + " bytes");
  return read;
}

std::string status_update(Lsn received, Lsn flushed, std::int64_t now_micros) {
  std::string bytes = "r";
  append(received, bytes);
  append(flushed, bytes);
  append(flushed, bytes);
  append(now_micros - kEpochMicros, bytes);
  bytes += '\0';
  return bytes;
}

}  // namespace penstock::postgres
