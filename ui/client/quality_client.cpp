#include "client/quality_client.h"

#include <penstock/v1/quality.grpc.pb.h>

#include "client/connection.h"
#include "client/convert.h"
#include "client/unary_call.h"

namespace penstock::ui {
namespace {

v1::MuteRequest muteRequest(const Command& command, const ExpectationName& expectation) {
  v1::MuteRequest request;
  setCommand(command, request.mutable_command());
  request.set_stream(expectation.pipeline.toStdString());
  request.set_step(expectation.step.toStdString());
  request.set_expectation(expectation.name.toStdString());
  return request;
}

}  // namespace

Call QualityClient::listRejected(const RejectedFilter& filter, qint64 offset, int limit, const QString& order, QObject* receiver, Reply<RejectedPage> reply) {
  v1::ListRejectedRequest request;
  setFilter(filter, request.mutable_filter());
  request.mutable_page()->set_offset(offset);
  request.mutable_page()->set_limit(limit);
  request.set_order(order.toStdString());
  return startUnary<v1::QualityService>(engine_.transport(), &v1::QualityService::Stub::async::ListRejected, std::move(request),
                                    usualDeadline, rejectedPageOf, receiver, std::move(reply));
}

Call QualityClient::journey(const QString& rowId, QObject* receiver, Reply<RejectedJourney> reply) {
  v1::GetRejectedRequest request;
  request.set_id(rowId.toStdString());
  return startUnary<v1::QualityService>(engine_.transport(), &v1::QualityService::Stub::async::GetRejected, std::move(request),
                                    usualDeadline, journeyOf, receiver, std::move(reply));
}

Call QualityClient::diagnose(const QString& stream, const QString& expectation, QObject* receiver, Reply<Diagnosis> reply) {
  v1::DiagnoseRequest request;
  request.set_stream(stream.toStdString());
  request.set_expectation(expectation.toStdString());
  return startUnary<v1::QualityService>(engine_.transport(), &v1::QualityService::Stub::async::Diagnose, std::move(request),
                                    usualDeadline, diagnosisOf, receiver, std::move(reply));
}

Call QualityClient::readSeed(const QString& name, QObject* receiver, Reply<Seed> reply) {
  v1::ReadSeedRequest request;
  request.set_name(name.toStdString());
  return startUnary<v1::QualityService>(engine_.transport(), &v1::QualityService::Stub::async::ReadSeed, std::move(request),
                                    usualDeadline, seedOf, receiver, std::move(reply));
}

Call QualityClient::writeSeed(const Command& command, const Seed& seed, QObject* receiver, Reply<CommandOutcome> reply) {
  v1::WriteSeedRequest request;
  setCommand(command, request.mutable_command());
  request.set_name(seed.name.toStdString());
  request.set_csv(seed.csv.toStdString());
  request.set_revision(seed.revision.toStdString());
  return startUnary<v1::QualityService>(engine_.transport(), &v1::QualityService::Stub::async::WriteSeed, std::move(request),
                                    usualDeadline, outcomeOf, receiver, std::move(reply));
}

Call QualityClient::mute(const Command& command, const ExpectationName& expectation, QObject* receiver, Reply<CommandOutcome> reply) {
  return startUnary<v1::QualityService>(engine_.transport(), &v1::QualityService::Stub::async::Mute, muteRequest(command, expectation),
                                    usualDeadline, outcomeOf, receiver, std::move(reply));
}

Call QualityClient::unmute(const Command& command, const ExpectationName& expectation, QObject* receiver, Reply<CommandOutcome> reply) {
  return startUnary<v1::QualityService>(engine_.transport(), &v1::QualityService::Stub::async::Unmute, muteRequest(command, expectation),
                                    usualDeadline, outcomeOf, receiver, std::move(reply));
}

}  // namespace penstock::ui
