#pragma once

// The schemas of writers by the ids that stand before their values: what a decoder of framed values keeps. Not thread-safe.

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

#include "io/codec.h"
#include "io/schema_registry.h"

namespace penstock {

// `Schema` is what a decoder makes of a registered one.
template <typename Schema>
class WriterSchemas {
 public:
  struct Writer {
    Schema schema{};
    std::string refusal;             // not empty: why none of its records can be read
    std::chrono::steady_clock::time_point ask_again = std::chrono::steady_clock::time_point::max();
  };

  // Null where prepare() has not seen it.
  const Writer* find(std::int32_t id) const {
    const auto found = writers_.find(id);
    return found == writers_.end() ? nullptr : &found->second;
  }

  // Decoder::prepare(): fetches what these records need. `parse` takes a RegisteredSchema and its name, and gives a Result<Schema>.
  template <typename Parse>
  Readiness prepare(const RawBatch& raw, SchemaRegistry& registry, RegisteredSchema::Language language, const Parse& parse) {
    const auto now = std::chrono::steady_clock::now();
    std::optional<std::int32_t> last;
    for (std::int64_t row = 0; row < raw.rows(); ++row) {
      const auto framed = read_frame(raw[row].value);
      if (!framed || framed->schema_id == last) continue;
      last = framed->schema_id;
      if (const Writer* known = find(*last); known && known->ask_again > now) continue;
      if (const Status added = add(*last, registry, language, parse); !added.ok()) return {row, added.error()};
    }
    return {raw.rows(), std::nullopt};
  }

 private:
  // An id that the registry does not have it may have later.
  static constexpr std::chrono::seconds kAskAgain{30};

  // Does such an answer of the registry say something of itself, not of the schema?
  static bool stops(ErrorKind kind) {
    return kind == ErrorKind::unavailable || kind == ErrorKind::deadline_exceeded || kind == ErrorKind::unauthenticated || kind == ErrorKind::permission_denied;
  }

  template <typename Parse>
  Status add(std::int32_t id, SchemaRegistry& registry, RegisteredSchema::Language language, const Parse& parse) {
    const std::string name = "schema " + std::to_string(id);
    const auto registered = registry.by_id(id);
    if (!registered.ok() && stops(registered.error().kind)) return registered.error().within(name);
    Writer writer;
    if (!registered.ok()) {
      writer.refusal = registered.error().message;
      writer.ask_again = std::chrono::steady_clock::now() + kAskAgain;
    } else if ((*registered)->language != language) {
      writer.refusal = name + " of the registry is not for format " + name_of(language) + ", but for " + name_of((*registered)->language);
    } else if (auto parsed = parse(**registered, name); parsed.ok()) {
      writer.schema = std::move(*parsed);
    } else {
      writer.refusal = parsed.error().to_string();
    }
    writers_[id] = std::move(writer);
    return {};
  }

  std::unordered_map<std::int32_t, Writer> writers_;
};

}  // namespace penstock
