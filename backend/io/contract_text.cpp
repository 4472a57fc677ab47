#include "io/contract_text.h"

#include <fstream>
#include <sstream>

namespace penstock {

Result<std::string> read_contract_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(ErrorKind::not_found, "the contract cannot be read", "", path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<std::string> read_contract_of(const std::string& format, const std::string& path, const std::string& extension) {
  if (path.empty()) return Error(ErrorKind::failed_precondition, "format " + format + " needs a contract", "contract: contracts/…" + extension);
  if (!path.ends_with(extension)) return Error(ErrorKind::invalid_argument, "format " + format + " needs a contract that ends with " + extension, "", path);
  return read_contract_text(path);
}

}  // namespace penstock
