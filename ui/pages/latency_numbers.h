#pragma once

#include "viewmodels/error_budget.h"
#include "viewmodels/format.h"
#include "widgets/number_strip.h"

namespace penstock::ui {

// "99.97 %": so many digits that what is missing is seen.
QString share(double fraction);

// What stands above the charts of a pipeline: its latencies against their objectives, how far behind it is, and what is left
// of its error budget.
QList<NumberStrip::Number> latencyNumbers(const PipelineState& state, const ErrorBudget& budget, TimeZone zone);

}  // namespace penstock::ui
