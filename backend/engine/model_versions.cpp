#include "engine/model_versions.h"

#include "ml/xgboost_model.h"

namespace penstock {

std::string ModelVersions::of(const std::string& path) {
  std::error_code ignored;
  Known now{std::filesystem::last_write_time(path, ignored), std::filesystem::file_size(path, ignored), {}};
  std::lock_guard lock(mutex_);
  Known& known = known_[path];
  if (!known.version.empty() && known.written == now.written && known.bytes == now.bytes) return known.version;
  const auto version = model_version(path);
  now.version = version.ok() ? *version : "(cannot be read)";
  known = std::move(now);
  return known.version;
}

}  // namespace penstock
