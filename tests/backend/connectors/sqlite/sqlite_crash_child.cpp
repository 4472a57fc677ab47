// sqlite_crash_child FILE MODE EPOCHS: delivers to table "crash" of FILE what support/crash_epochs.h says.

#include "connectors/sqlite/sqlite_sink.h"
#include "support/crash_epochs.h"

int main(int, char** arguments) {
  const std::string mode = arguments[2];
  penstock::SqliteSinkOptions options{.path = arguments[1], .table = "crash"};
  if (mode == "changes") options.key = {"id"};
  penstock::SqliteSink sink(options);
  return penstock::test::deliver_missing(sink, mode, std::atoll(arguments[3]));
}
