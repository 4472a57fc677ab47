#pragma once

// Records decoded into text, and a registry, for the tests of decoders of framed values.

#include <QByteArray>
#include <QStringList>

#include <atomic>
#include <map>

#include "io/codec.h"
#include "io/schema_registry.h"

namespace penstock::test {

// Schemas by id; the others are not there, or cannot be asked for.
class FakeRegistry final : public SchemaRegistry {
 public:
  void add(std::int32_t id, std::string text, std::vector<RegisteredSchema::Reference> references = {},
           RegisteredSchema::Language language = RegisteredSchema::Language::avro) {
    schemas_[id] = std::make_shared<RegisteredSchema>(RegisteredSchema{language, std::move(text), std::move(references)});
  }
  void set_down(bool down) { down_ = down; }
  int asked() const { return asked_; }

  Result<std::shared_ptr<const RegisteredSchema>> by_id(std::int32_t id) override {
    ++asked_;
    if (down_) return Error(ErrorKind::unavailable, "the registry does not answer");
    const auto found = schemas_.find(id);
    if (found == schemas_.end()) return Error(ErrorKind::not_found, "the registry has no schema " + std::to_string(id));
    return std::shared_ptr<const RegisteredSchema>(found->second);
  }
  // The next version of a subject; it has no id.
  void add_version(const std::string& subject, std::string text) {
    subjects_[subject].push_back(std::make_shared<RegisteredSchema>(RegisteredSchema{RegisteredSchema::Language::avro, std::move(text), {}}));
  }
  Result<std::shared_ptr<const RegisteredSchema>> of_subject(const std::string& subject, std::optional<std::int32_t> version) override {
    if (down_) return Error(ErrorKind::unavailable, "the registry does not answer");
    const auto& versions = subjects_[subject];
    const std::size_t wanted = version ? static_cast<std::size_t>(*version) : versions.size();
    if (wanted == 0 || wanted > versions.size()) return Error(ErrorKind::not_found, "the registry has no subject " + subject);
    return std::shared_ptr<const RegisteredSchema>(versions[wanted - 1]);
  }

 private:
  std::map<std::int32_t, std::shared_ptr<RegisteredSchema>> schemas_;
  std::map<std::string, std::vector<std::shared_ptr<RegisteredSchema>>> subjects_;
  std::atomic<bool> down_ = false;
  std::atomic<int> asked_ = 0;
};

inline std::string unhex(const char* hex) { return QByteArray::fromHex(hex).toStdString(); }
inline std::string framed(std::int32_t id, const std::string& value) {
  std::string frame(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>(id >> shift);
  return frame + value;
}

struct DecodedRows {
  Batch rows;
  Decoded decoded;

  // "a|b|NULL", or why it was refused.
  QString text(std::int64_t row = 0) const {
    for (const DecodeFailure& failure : decoded.failures)
      if (failure.row == row) return "refused: " + QString::fromStdString(failure.reason);
    QStringList cells;
    for (std::size_t i = 0; i < rows.schema()->size(); ++i)
      cells << (rows.column(i).is_null(row) ? "NULL" : QString::fromStdString(rows.column(i).to_text(row)));
    return cells.join('|');
  }
};

inline RawBatch raw_of(const std::vector<std::string>& records) {
  RawBatch raw;
  for (std::size_t i = 0; i < records.size(); ++i) raw.append({.position = {0, static_cast<std::int64_t>(i)}, .value = records[i]});
  return raw;
}

inline DecodedRows decode(Decoder& decoder, const std::vector<std::string>& records) {
  RawBatch raw = raw_of(records);
  BatchBuilder columns(decoder.schema());
  DecodedRows rows;
  rows.decoded = decoder.decode(raw, columns);
  rows.rows = columns.finish();
  return rows;
}

}  // namespace penstock::test
