#pragma once

#include <string>
#include <vector>

#include "store/history.h"
#include "telemetry/registry.h"

namespace penstock {

// The series that telemetry.proto lists under GetSeriesRequest, out of a full picture. What is not known gives no sample.
std::vector<SeriesSample> samples_of(const TelemetryChanges& full);

// "rows/s", "us", "rows", "percent", "bytes": of a series by its name; empty when the name is none.
std::string unit_of_series(const std::string& name);

}  // namespace penstock
