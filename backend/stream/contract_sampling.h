#pragma once

// Finds the contract of sources that do not declare it whole, before their stream begins (semantics.md, "Schemas"): inferred
// from their first records (1,000 of them, or what has come 10 s after the first), or asked from the registry that they name.

#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "stream/stream_connectors.h"
#include "telemetry/report.h"

namespace penstock {

class ContractSampling {
 public:
  struct Parts {
    StreamLaunch launch;
    const ConnectorCatalog* catalog = nullptr;
    Parquet* parquet = nullptr;
    const Clock* clock = &Clock::system();
    std::function<void()> changed;
    std::function<void()> done;          // all contracts are kept; on the sampling's own thread, which must not wait for this object
  };
  explicit ContractSampling(Parts parts);
  ~ContractSampling();

  StreamReport report() const;           // thread-safe

 private:
  void run(Cancellation cancellation);
  Status infer(const SourceSpec& source, Cancellation cancellation);
  Status fetch(const SourceSpec& source);
  void tell(PipelineStatus status, const std::string& reason);

  const Parts parts_;
  const StreamConnectors connectors_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  StreamReport report_;

  std::jthread thread_;
};

}  // namespace penstock
