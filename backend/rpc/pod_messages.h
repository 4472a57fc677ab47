#pragma once

// penstock.pod.v1 messages ↔ values: reports (telemetry/report.h).

#include "penstock/pod/v1/pod.pb.h"
#include "telemetry/report.h"

namespace penstock::rpc {

void write_report(const PodReport& report, pod::v1::Report& message);
// data_loss when a histogram in it is damaged.
Result<PodReport> read_report(const pod::v1::Report& message);

}  // namespace penstock::rpc
