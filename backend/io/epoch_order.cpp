#include "io/epoch_order.h"

namespace penstock {

Status check_epoch_order(std::optional<std::int64_t> last, const std::vector<SinkEpoch>& epochs) {
  for (const SinkEpoch& epoch : epochs) {
    if (last && epoch.epoch <= *last)
      return Error(ErrorKind::failed_precondition, "epoch " + std::to_string(epoch.epoch) + " was delivered before: the table is at " + std::to_string(*last));
    last = epoch.epoch;
  }
  return {};
}

}  // namespace penstock
