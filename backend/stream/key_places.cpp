#include "stream/key_places.h"

namespace penstock {

std::optional<KeyPlaces::Stray> KeyPlaces::note(const std::vector<std::optional<KeyHash>>& keys, const std::vector<std::int32_t>& partitions) {
  std::lock_guard lock(mutex_);
  for (std::size_t row = 0; row < keys.size(); ++row) {
    if (!keys[row] || keys[row]->high >= below_) continue;
    const auto [place, is_new] = places_.try_emplace(*keys[row], partitions[row]);
    if (!is_new && place->second != partitions[row]) return Stray{static_cast<std::int64_t>(row), place->second};
    if (is_new && places_.size() > kMostKeys) forget_some();
  }
  return std::nullopt;
}

void KeyPlaces::stop(const Error& error) {
  std::lock_guard lock(mutex_);
  if (!stopped_) stopped_ = error;
}

std::optional<Error> KeyPlaces::stopped() const {
  std::lock_guard lock(mutex_);
  return stopped_;
}

void KeyPlaces::forget_all() {
  std::lock_guard lock(mutex_);
  stopped_.reset();
  places_.clear();
  below_ = std::numeric_limits<std::uint64_t>::max();
}

// About every other: hashes are spread evenly.
void KeyPlaces::forget_some() {
  below_ /= 2;
  absl::erase_if(places_, [this](const auto& place) { return place.first.high >= below_; });
}

}  // namespace penstock
