#include "ctl/rejected_filter.h"

#include "base/iso8601.h"

namespace penstock::ctl {

std::shared_ptr<RejectedOptions> add_rejected_options(CLI::App& command) {
  auto options = std::make_shared<RejectedOptions>();
  command.add_option("--stream", options->stream, "only rows of this pipeline");
  command.add_option("--table", options->table, "only these")->check(CLI::IsMember({"quarantine", "dead_letters"}));
  command.add_option("--expectation", options->expectation, "only rows that failed this expectation");
  command.add_option("--from", options->from, "rejected at or after this time (ISO 8601, UTC where no zone is said)");
  command.add_option("--to", options->to, "rejected before this time");
  command.add_option("--text", options->text, "only rows with this in key or reason");
  command.add_option("--status", options->status, "open (default), redriven, discarded or all")->check(CLI::IsMember({"open", "redriven", "discarded", "all"}));
  command.add_option("--id", options->ids, "just these rows");
  command.add_option("--except", options->except_ids, "all but these rows");
  return options;
}

Result<std::int64_t> parse_time_option(const std::string& option, const std::string& text) {
  if (text.empty()) return std::int64_t{0};
  const auto time = parse_iso_time(text, Zone::utc_if_absent);
  if (!time) return Error(ErrorKind::invalid_argument, option + ": '" + text + "' is no ISO 8601 time", "write it as 2026-11-20T14:30:00Z");
  return to_micros(*time);
}

Result<v1::RejectedFilter> filter_of(const RejectedOptions& options) {
  v1::RejectedFilter filter;
  filter.set_stream(options.stream);
  filter.set_table(options.table);
  filter.set_expectation(options.expectation);
  filter.set_text(options.text);
  filter.set_status(options.status);
  for (const auto& id : options.ids) filter.add_only_ids(id);
  for (const auto& id : options.except_ids) filter.add_except_ids(id);
  PENSTOCK_ASSIGN(const auto from, parse_time_option("--from", options.from));
  PENSTOCK_ASSIGN(const auto to, parse_time_option("--to", options.to));
  filter.set_from_time(from);
  filter.set_to_time(to);
  return filter;
}

}  // namespace penstock::ctl
