#include "serving/program_folder.h"

#include <filesystem>
#ifdef _WIN32
#include <windows.h>
#endif

namespace penstock {

std::string program_folder() {
#ifdef _WIN32
  std::wstring path(32'768, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return std::filesystem::path(path).parent_path().string();
#else
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
#endif
}

std::string penstockd_beside_this() {
#ifdef _WIN32
  constexpr const char* kName = "penstockd.exe";
#else
  constexpr const char* kName = "penstockd";
#endif
  return (std::filesystem::path(program_folder()) / kName).string();
}

}  // namespace penstock
