#include "stream/contract_sampling.h"

#include "base/log.h"
#include "base/this_thread.h"
#include "io/row_contract.h"
#include "stream/back_off.h"
#include "stream/kept_contracts.h"
#include "workspace/registry_subject.h"

namespace penstock {
namespace {

constexpr std::int64_t kSampleRows = 1'000;
constexpr std::chrono::seconds kSampleTime{10};

}  // namespace

ContractSampling::ContractSampling(Parts parts)
    : parts_(std::move(parts)), connectors_{parts_.catalog, &parts_.launch, parts_.parquet, parts_.clock} {
  report_.stream = parts_.launch.stream;
  report_.version = parts_.launch.version;
  report_.status = PipelineStatus::starting;
  report_.reason = "its contract is inferred from its first records";
  thread_ = std::jthread([this](std::stop_token token) { run(token); });
}

ContractSampling::~ContractSampling() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

StreamReport ContractSampling::report() const {
  std::lock_guard lock(mutex_);
  return report_;
}

void ContractSampling::tell(PipelineStatus status, const std::string& reason) {
  {
    std::lock_guard lock(mutex_);
    report_.status = status;
    report_.reason = reason;
  }
  parts_.changed();
}

void ContractSampling::run(Cancellation cancellation) {
  name_this_thread("sample " + parts_.launch.stream);
  const StreamSpec& stream = *parts_.launch.workspace->find_stream(parts_.launch.stream);
  BackOff back_off;
  for (std::size_t i = 0; i < stream.sources.size() && !cancellation.stop_requested();) {
    const SourceSpec& source = stream.sources[i];
    const Status found = must_be_fetched(parts_.launch, source)                      ? fetch(source)
                         : must_be_inferred(parts_.launch, source, *parts_.catalog) ? infer(source, cancellation)
                                                                                    : Status();
    if (found.ok()) {
      ++i;
      continue;
    }
    if (cancellation.stop_requested()) return;
    const bool again = found.error().kind == ErrorKind::unavailable || found.error().kind == ErrorKind::deadline_exceeded;
    log_warn("stream {}: the contract of {} is not known: {}", stream.name, source.name, found.error().to_string());
    tell(again ? PipelineStatus::degraded : PipelineStatus::failing, found.error().to_string());
    if (!again) return;
    back_off.wait(cancellation);
  }
  if (!cancellation.stop_requested()) parts_.done();
}

Status ContractSampling::infer(const SourceSpec& spec, Cancellation cancellation) {
  PENSTOCK_ASSIGN(const auto source, connectors_.make_source(spec));
  PENSTOCK_ASSIGN(const auto partitions, source->partitions());
  std::vector<Assignment> assignments;
  for (const PartitionRange& range : partitions) assignments.push_back({range.partition, std::nullopt, std::nullopt});
  PENSTOCK_TRY(source->assign(assignments));
  RawBatch sample;
  std::optional<std::chrono::steady_clock::time_point> first_at;
  SchemaPtr columns = source->columns();
  while (!columns && sample.rows() < kSampleRows && !(first_at && parts_.clock->steady() - *first_at >= kSampleTime)) {
    if (cancellation.stop_requested()) return Error(ErrorKind::cancelled, "the stream was stopped");
    PollLimits limits;
    limits.rows = kSampleRows - sample.rows();
    PENSTOCK_ASSIGN(const PollOutcome outcome, source->poll(sample, limits, cancellation));
    columns = source->columns();
    if (columns) break;
    if (sample.rows() > 0 && !first_at) first_at = parts_.clock->steady();
    tell(PipelineStatus::starting, "its contract is inferred from the first records of " + source->name() + ": " + std::to_string(sample.rows()) + " so far");
    if (outcome != PollOutcome::ended) continue;
    if (sample.rows() == 0) return Error(ErrorKind::failed_precondition, "the source has ended without a record, so nothing tells its contract", "give it a contract", spec.at.to_string());
    break;
  }
  if (columns) {
    PENSTOCK_TRY(keep_contract(parts_.launch, spec.name, row_contract_text(*columns)));
    log_info("stream {}: the contract of {} is what its columns are: {}", parts_.launch.stream, spec.name, columns->to_string());
    return {};
  }
  PENSTOCK_ASSIGN(const std::string text, (*parts_.catalog->find_inference(spec.format))(sample, spec.settings));
  PENSTOCK_TRY(keep_contract(parts_.launch, spec.name, text));
  log_info("stream {}: the contract of {} was inferred from {} records", parts_.launch.stream, spec.name, sample.rows());
  return {};
}

Status ContractSampling::fetch(const SourceSpec& spec) {
  const auto named = parse_registry_subject(spec.contract);
  PENSTOCK_ASSIGN(const auto registry, connectors_.make_registry(spec));
  if (!named || !registry)
    return Error(ErrorKind::failed_precondition, "the contract of " + spec.name + " is no subject of a registry that its connection names", "registry: of the connection", spec.at.to_string());
  tell(PipelineStatus::starting, "its contract is asked from the registry");
  PENSTOCK_ASSIGN(const auto schema, registry->of_subject(named->subject, named->version));
  if (name_of(schema->language) != spec.format)
    return Error(ErrorKind::invalid_argument, "subject " + named->subject + " holds a schema for format " + name_of(schema->language) + ", and the format here is " + spec.format,
                 std::string("format: ") + name_of(schema->language), spec.at.to_string());
  PENSTOCK_ASSIGN(const std::string text, contract_text(*schema));
  PENSTOCK_TRY(keep_contract(parts_.launch, spec.name, text));
  log_info("stream {}: the contract of {} is {} as the registry has it now", parts_.launch.stream, spec.name, spec.contract);
  return {};
}

}  // namespace penstock
