#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace penstock {

// Who holds it is the only one, among all processes of this machine and within this one. Gone with the object, and with its process.
class FileLock {
 public:
  // Makes the file where it is missing. Error: unavailable where somebody else holds it; io.
  static Result<std::unique_ptr<FileLock>> take(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(void* handle) : handle_(handle) {}
  void* const handle_;      // a HANDLE, or a file descriptor
};

}  // namespace penstock
