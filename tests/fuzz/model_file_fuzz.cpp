// Any bytes as a model's file: refused with what to do, or a model that the library takes and that gives a row one number.

#include <cstdint>
#include <cstdlib>

#include "fuzz/planted_crash.h"
#include "ml/xgboost_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  const auto model = penstock::read_xgboost_model({reinterpret_cast<const char*>(data), size}, "fuzz.json");
  if (!model.ok()) {
    if (model.error().message.empty()) std::abort();
    return 0;
  }
  const auto& info = (*model)->info();
  if (info.features == 0) std::abort();
  const auto predictions = (*model)->predict(std::vector<float>(info.features * 2, 1.5F), 2);
  if (!predictions.ok() || predictions->size() != 2) std::abort();
  return 0;
}
