#include "engine/rejected_index_sink.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "io/scalar_text.h"
#include "store/operations_db.h"
#include "store/rejected_index.h"

namespace penstock {
namespace {

std::string text_at(const Batch& rows, std::string_view column, std::int64_t row) {
  const auto found = rows.find(column);
  return found && !found->is_null(row) ? std::string(found->bytes(row)) : std::string();
}

std::int64_t integer_at(const Batch& rows, std::string_view column, std::int64_t row) {
  const auto found = rows.find(column);
  if (!found || found->is_null(row)) return 0;
  return found->type().kind == TypeKind::int32 ? found->int32(row) : found->int64(row);
}

// What a person calls the row: its key, or where it has none the first of its values that is set.
std::string label_of(const std::string& key, const std::string& values) {
  const bool readable = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char byte) { return byte >= 0x20 && byte != 0x7f; }) && is_utf8(key);
  if (readable) return key;
  const auto object = nlohmann::json::parse(values, nullptr, false);
  if (!object.is_object()) return {};
  for (const auto& [name, value] : object.items()) {
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_null()) return value.dump();
  }
  return {};
}

RejectedDetail detail_at(const std::string& stream, const Batch& rows, std::int64_t row) {
  RejectedDetail detail;
  detail.raw = text_at(rows, origin::raw, row);
  detail.key = text_at(rows, origin::key, row);
  detail.headers = text_at(rows, origin::headers, row);
  detail.row.stream = stream;
  detail.row.expectation = text_at(rows, "_expectation", row);
  detail.row.table = detail.row.expectation.empty() ? "dead_letters" : "quarantine";
  detail.row.step = text_at(rows, "_step", row);
  detail.row.reason = text_at(rows, "_reason", row);
  detail.row.source = text_at(rows, origin::source, row);
  detail.row.position = {static_cast<std::int32_t>(integer_at(rows, origin::partition, row)), integer_at(rows, origin::offset, row)};
  detail.row.source_time = integer_at(rows, origin::source_time, row);
  detail.row.rejected_at = integer_at(rows, "_rejected_at", row);
  detail.row.hop = static_cast<std::int32_t>(integer_at(rows, "_hop", row));
  detail.row.values = text_at(rows, "_values", row);
  detail.row.key = label_of(detail.key, detail.row.values);
  return detail;
}

class RejectedIndexSink final : public Sink {
 public:
  RejectedIndexSink(std::string state_root, std::string stream) : state_root_(std::move(state_root)), stream_(std::move(stream)) {}

  std::string name() const override { return kRejectedIndex; }
  SinkTraits traits() const override { return {.idempotent = true, .replaces = false}; }

  // Knows no epochs: it knows rows, so what it is given again it leaves as it is.
  Result<std::optional<std::int64_t>> open(const Marker&, const SchemaPtr&) override {
    PENSTOCK_ASSIGN(database_, open_operations_db(state_root_ + "/operations.db"));
    return std::optional<std::int64_t>{};
  }

  Status deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder&, Cancellation) override {
    std::vector<RejectedDetail> details;
    for (const auto& epoch : epochs)
      for (const auto& rows : epoch.rows)
        for (std::int64_t row = 0; row < rows.rows(); ++row) details.push_back(detail_at(stream_, rows, row));
    PENSTOCK_TRY(RejectedIndex(*database_).insert(details));
    return {};
  }

 private:
  const std::string state_root_;
  const std::string stream_;
  std::unique_ptr<Database> database_;
};

}  // namespace

Connector rejected_index_connector(const std::string& state_root) {
  Connector connector;
  connector.kind = kRejectedIndex;
  connector.make_sink = [state_root](const Settings&, const Settings&, const ConnectorContext& context) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<RejectedIndexSink>(state_root, context.stream));
  };
  return connector;
}

}  // namespace penstock
