#pragma once

// Which rejected rows a command means: the options that `failures`, `dlq list`, `dlq redrive` and `dlq discard` share.

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "penstock/v1/quality.pb.h"

namespace penstock::ctl {

struct RejectedOptions {
  std::string stream, table, expectation, from, to, text, status;
  std::vector<std::string> ids, except_ids;
};

std::shared_ptr<RejectedOptions> add_rejected_options(CLI::App& command);
// invalid_argument: a time that is none.
Result<v1::RejectedFilter> filter_of(const RejectedOptions& options);

// Microseconds of an ISO 8601 time, UTC where it names no zone; 0 for "".
Result<std::int64_t> parse_time_option(const std::string& option, const std::string& text);

}  // namespace penstock::ctl
