#include "connectors/avro/avro_default.h"

#include <algorithm>

#include "connectors/avro/avro_wire.h"
#include "io/scalar_text.h"

namespace penstock::avro {
namespace {

using Kind = AvroType::Kind;
using Json = LocatedJson::Kind;

constexpr int kMaxDepth = 64;
// A default of a record that holds itself can be without end.
constexpr int kMaxValues = 100'000;

class DefaultWriter {
 public:
  Status write(const AvroType& type, const LocatedJson& value, std::string& out);

 private:
  Status write_value(const AvroType& type, const LocatedJson& value, std::string& out);
  Status write_record(const AvroType& type, const LocatedJson& value, std::string& out);
  Status write_choice(const AvroType& type, const LocatedJson& value, std::string& out);

  int depth_ = 0, values_ = 0;
};

Error wrong(const AvroType& type, const LocatedJson& value) {
  return {ErrorKind::invalid_argument, "the default " + shortened(value.to_json()) + " is no " + name_of(type.kind)};
}

Status write_whole(const AvroType& type, const LocatedJson& value, std::string& out) {
  const auto number = value.kind == Json::number ? parse_whole(value.text) : std::nullopt;
  if (!number || (type.kind == Kind::int32 && (*number < INT32_MIN || *number > INT32_MAX))) return wrong(type, value);
  write_long(*number, out);
  return {};
}

Status DefaultWriter::write(const AvroType& type, const LocatedJson& value, std::string& out) {
  if (++depth_ > kMaxDepth || ++values_ > kMaxValues) return Error(ErrorKind::invalid_argument, "a default is nested too deeply, or without end");
  const Status written = write_value(type, value, out);
  --depth_;
  return written;
}

Status DefaultWriter::write_record(const AvroType& type, const LocatedJson& value, std::string& out) {
  if (!value.is_object()) return wrong(type, value);
  for (const AvroField& field : type.fields) {
    const LocatedJson* given = value.find(field.name);
    if (!given && field.fallback) given = &*field.fallback;
    if (!given) return Error(ErrorKind::invalid_argument, "the default " + shortened(value.to_json()) + " lacks '" + field.name + "'");
    PENSTOCK_TRY(write(*field.type, *given, out));
  }
  return {};
}

Status DefaultWriter::write_choice(const AvroType& type, const LocatedJson& value, std::string& out) {
  for (std::size_t i = 0; i < type.parts.size(); ++i) {
    std::string branch;
    if (!write(*type.parts[i], value, branch).ok()) continue;
    write_long(static_cast<std::int64_t>(i), out);
    out += branch;
    return {};
  }
  return wrong(type, value);
}

Status DefaultWriter::write_value(const AvroType& type, const LocatedJson& value, std::string& out) {
  switch (type.kind) {
    case Kind::null:
      if (value.kind != Json::null) return wrong(type, value);
      return {};
    case Kind::boolean:
      if (value.kind != Json::boolean) return wrong(type, value);
      out += value.text == "true" ? '\1' : '\0';
      return {};
    case Kind::int32:
    case Kind::int64: return write_whole(type, value, out);
    case Kind::float32:
    case Kind::float64: {
      const auto number = value.kind == Json::number ? parse_real(value.text) : std::nullopt;
      if (!number) return wrong(type, value);
      if (type.kind == Kind::float64) write_little_endian(*number, out); else write_little_endian(static_cast<float>(*number), out);
      return {};
    }
    case Kind::string:
      if (!value.is_string()) return wrong(type, value);
      write_bytes(value.text, out);
      return {};
    case Kind::bytes:
    case Kind::fixed: {
      const auto bytes = value.is_string() ? bytes_of_latin1(value.text) : std::nullopt;
      if (!bytes || (type.kind == Kind::fixed && static_cast<std::int64_t>(bytes->size()) != type.size)) return wrong(type, value);
      if (type.kind == Kind::fixed) out += *bytes; else write_bytes(*bytes, out);
      return {};
    }
    case Kind::enumeration: {
      const auto found = std::find(type.symbols.begin(), type.symbols.end(), value.text);
      if (!value.is_string() || found == type.symbols.end()) return wrong(type, value);
      write_long(found - type.symbols.begin(), out);
      return {};
    }
    case Kind::array:
      if (!value.is_array()) return wrong(type, value);
      if (!value.items.empty()) write_long(static_cast<std::int64_t>(value.items.size()), out);
      for (const LocatedJson& item : value.items) PENSTOCK_TRY(write(*type.parts.front(), item, out));
      write_long(0, out);
      return {};
    case Kind::map:
      if (!value.is_object()) return wrong(type, value);
      if (!value.entries.empty()) write_long(static_cast<std::int64_t>(value.entries.size()), out);
      for (const LocatedJsonEntry& entry : value.entries) {
        write_bytes(entry.first, out);
        PENSTOCK_TRY(write(*type.parts.front(), entry.second, out));
      }
      write_long(0, out);
      return {};
    case Kind::record: return write_record(type, value, out);
    case Kind::choice: return write_choice(type, value, out);
  }
  return wrong(type, value);
}

}  // namespace

std::optional<std::string> bytes_of_latin1(std::string_view utf8) {
  std::string bytes;
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    const auto lead = static_cast<unsigned char>(utf8[at]);
    if (lead < 0x80) {
      bytes += utf8[at];
    } else if ((lead == 0xc2 || lead == 0xc3) && at + 1 < utf8.size()) {
      bytes += static_cast<char>((lead & 3) << 6 | (static_cast<unsigned char>(utf8[++at]) & 0x3f));
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

Status write_default(const AvroType& type, const LocatedJson& value, std::string& out) { return DefaultWriter().write(type, value, out); }

}  // namespace penstock::avro
