#include "client/convert.h"

namespace penstock::ui {
namespace {

QVariant cellOf(const v1::Cell& in) {
  switch (in.value_case()) {
    case v1::Cell::kBoolean: return in.boolean();
    case v1::Cell::kInteger: return QVariant::fromValue<qlonglong>(in.integer());
    case v1::Cell::kReal: return in.real();
    case v1::Cell::kText: return text(in.text());
    case v1::Cell::kBlob: return QByteArray::fromStdString(in.blob());
    case v1::Cell::kTime: return QVariant::fromValue(instantOf(in.time()));
    case v1::Cell::VALUE_NOT_SET: break;
  }
  return {};
}

RejectedRow rejectedRowOf(const v1::RejectedRow& in) {
  return {.id = text(in.id()),
          .stream = text(in.stream()),
          .table = text(in.table()),
          .step = text(in.step()),
          .expectation = text(in.expectation()),
          .reason = text(in.reason()),
          .key = text(in.key()),
          .origin = {text(in.origin().source()), in.origin().partition(), in.origin().offset()},
          .sourceTime = instantOf(in.source_time()),
          .rejectedAt = instantOf(in.rejected_at()),
          .hop = in.hop(),
          .status = text(in.status()),
          .values = cellsOf(in.values()),
          .rawBytes = in.raw_bytes()};
}

JourneyStop stopOf(const v1::JourneyStop& in) {
  return {text(in.node()), text(in.label()), text(in.detail()), text(in.state()), instantOf(in.at())};
}

QueryObject queryObjectOf(const v1::QueryObject& in) {
  return {text(in.name()), text(in.kind()), listOf(in.columns(), columnOf)};
}

}  // namespace

QStringList texts(const google::protobuf::RepeatedPtrField<std::string>& values) {
  QStringList out;
  out.reserve(values.size());
  for (const std::string& value : values) out.append(text(value));
  return out;
}

void setTexts(const QStringList& values, google::protobuf::RepeatedPtrField<std::string>* out) {
  for (const QString& value : values) out->Add(value.toStdString());
}

Column columnOf(const v1::Column& in) { return {text(in.name()), text(in.type())}; }

Cells cellsOf(const google::protobuf::RepeatedPtrField<v1::Cell>& in) { return listOf(in, cellOf); }

RejectedPage rejectedPageOf(const v1::ListRejectedResponse& in) {
  return {listOf(in.rows(), rejectedRowOf), in.total(), listOf(in.columns(), columnOf)};
}

RejectedJourney journeyOf(const v1::RejectedJourney& in) {
  return {rejectedRowOf(in.row()), listOf(in.stops(), stopOf), QByteArray::fromStdString(in.raw()), text(in.headers()),
          listOf(in.columns(), columnOf)};
}

Diagnosis diagnosisOf(const v1::Diagnosis& in) {
  return {text(in.sentence()), text(in.seed()), texts(in.missing_keys()), in.open_rows(), in.would_pass()};
}

Seed seedOf(const v1::Seed& in) {
  return {text(in.name()), text(in.path()), QByteArray::fromStdString(in.csv()), text(in.revision())};
}

QueryPart queryPartOf(const v1::QueryResult& in) {
  return {listOf(in.columns(), columnOf),
          listOf(in.rows(), [](const v1::Row& row) { return cellsOf(row.cells()); }),
          in.done(),
          in.total_rows(),
          in.truncated(),
          Micros{in.micros()}};
}

std::vector<QueryObject> queryObjectsOf(const v1::ListObjectsResponse& in) { return listOf(in.objects(), queryObjectOf); }

void setFilter(const RejectedFilter& filter, v1::RejectedFilter* out) {
  out->set_stream(filter.stream.toStdString());
  out->set_table(filter.table.toStdString());
  out->set_expectation(filter.expectation.toStdString());
  out->set_from_time(microsOf(filter.fromTime));
  out->set_to_time(microsOf(filter.toTime));
  out->set_text(filter.text.toStdString());
  out->set_status(filter.status.toStdString());
  setTexts(filter.onlyIds, out->mutable_only_ids());
  setTexts(filter.exceptIds, out->mutable_except_ids());
}

}  // namespace penstock::ui
