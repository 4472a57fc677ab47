#pragma once

// A topic and a table that live in the test: they implement the real interfaces, and can be told to fail.

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "io/connector.h"

namespace penstock::test {

// Partitions of records. Thread-safe.
class MemoryTopic {
 public:
  explicit MemoryTopic(std::int32_t partitions) : partitions_(static_cast<std::size_t>(partitions)) {}

  void append(std::int32_t partition, std::string value, std::int64_t time_micros);
  void grow(std::int32_t partitions);             // to so many in all
  void end();                                     // nothing more will come: sources read to the end, then say so
  void set_error(std::optional<Error> error);     // every poll answers so
  void drop_before(std::int32_t partition, std::int64_t offset);     // retention

 private:
  friend class MemorySource;
  struct Record {
    std::string value;
    std::int64_t time = 0;
  };
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::vector<Record>> partitions_;
  std::map<std::int32_t, std::int64_t> earliest_;
  std::optional<Error> error_;
  bool ended_ = false;
};

// Rows as JSON texts, with the marker of who wrote them, as a peer with transactions keeps them. Thread-safe.
class MemoryTable {
 public:
  std::vector<std::string> rows() const;          // in the order of delivery
  std::int64_t deliveries() const;
  void wait_for_deliveries(std::int64_t count);   // begun, in all
  // The next deliveries fail: before anything was taken, or after it was (the lost answer).
  void fail_next(int times, Error error, bool after_taking = false);
  void refuse_rows_with(std::string text);        // rows whose JSON contains it are refused one by one
  void accept_all();
  // Deliveries wait in the middle while it is held.
  void hold(bool held);

 private:
  friend class MemorySink;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool held_ = false;
  std::vector<std::string> rows_;
  struct Written {
    std::string place;                            // "/<sink>/<shard>"
    Holding last;
    bool retired = false;
  };
  std::map<std::string, Written> markers_;
  std::int64_t deliveries_ = 0;
  int failures_left_ = 0;
  bool fail_after_taking_ = false;
  std::optional<Error> failure_;
  std::string refused_text_;
};

// The kinds "memory" (source, settings `topic` and `start`) and "memory_table" (sink, setting `table`), over topics and tables of
// these names. Both outlive what the catalog makes.
class MemoryPeers {
 public:
  std::shared_ptr<MemoryTopic> topic(const std::string& name, std::int32_t partitions = 1);
  std::shared_ptr<MemoryTable> table(const std::string& name);
  void add_to(ConnectorCatalog& catalog);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<MemoryTopic>> topics_;
  std::map<std::string, std::shared_ptr<MemoryTable>> tables_;
};

}  // namespace penstock::test
