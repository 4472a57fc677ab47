#pragma once

// What the two commands that show logs share.

#include <CLI/CLI.hpp>

#include <memory>

#include "ctl/session.h"
#include "penstock/v1/pods.pb.h"

namespace penstock::ctl {

struct LogOptions {
  int tail = 200;
  bool follow = false;
};

std::shared_ptr<LogOptions> add_log_options(CLI::App& command);
// One line of text, or one JSON object a line. Always true: show the next.
bool print_log_line(const Session& session, const v1::LogLine& line);

}  // namespace penstock::ctl
