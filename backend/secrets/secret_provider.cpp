#include "secrets/secret_provider.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace penstock {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t kMaxSecretBytes = 64 << 10;

}  // namespace

Result<std::string> secret_from_environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value) return std::string(value);
  return Error(ErrorKind::not_found, "the environment variable '" + std::string(name) + "' is not set",
               "set it for the process that runs the engine");
}

Result<std::string> secret_from_file(std::string_view name) {
  const fs::path path{std::u8string(name.begin(), name.end())};
  const std::string shown = "the secret file '" + std::string(name) + "'";
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return Error(ErrorKind::not_found, shown + " does not exist");
  if (status.type() != fs::file_type::regular) return Error(ErrorKind::invalid_argument, shown + " is no regular file");
  const std::uintmax_t bytes = fs::file_size(path, error);
  if (error) return Error(ErrorKind::io, shown + " cannot be read: " + error.message());
  if (bytes > kMaxSecretBytes) return Error(ErrorKind::invalid_argument, shown + " has more than 64 KiB");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Error(ErrorKind::permission_denied, shown + " cannot be opened", "let the engine's user read it");
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

SecretProviders default_secret_providers() {
  return {{"env", secret_from_environment}, {"file", secret_from_file}};
}

}  // namespace penstock
