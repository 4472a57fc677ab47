#pragma once

// penstock.v1 telemetry messages out of values (telemetry/state.h).

#include "penstock/v1/telemetry.pb.h"
#include "telemetry/state.h"

namespace penstock::rpc {

void write(const PipelineState& state, v1::PipelineState& message);
void write(const EdgeState& state, v1::EdgeState& message);
void write(const ExpectationState& state, v1::ExpectationState& message);
void write(const PodState& state, v1::PodState& message);
void write(const ReplayState& state, v1::ReplayState& message);
void write(const Attention& attention, v1::Attention& message);
void write(const BackgroundWork& work, v1::BackgroundWork& message);
// All but engine_id.
void write(const TelemetryChanges& changes, v1::TelemetryUpdate& message);

}  // namespace penstock::rpc
