#pragma once

// Small files that are there whole and on disk, or not at all. `temporary` is a path in the same folder that these
// functions may write to and always remove. Errors: resource_exhausted (disk or quota full), permission_denied,
// not_found (the folder is gone), io; each names the path.

#include <cerrno>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::delta {

enum class Exclusive { written, taken };

// Makes `path` with this content unless there is one already: exactly one of several writers wins. An error of kind
// unavailable means that the file stands there, but may not survive a power loss.
Result<Exclusive> write_exclusive(const std::string& path, std::string_view content, const std::string& temporary);

// Makes or replaces `path`.
Status write_replacing(const std::string& path, std::string_view content, const std::string& temporary);

// Writes and syncs a file of this name, without any promise while it is being written.
Status write_synced(const std::string& path, std::string_view content);

void remove_file(const std::string& path);                // without complaint

Result<std::string> read_file(const std::string& path);   // not_found when there is none
Status sync_folder(const std::string& path);
// Makes a folder with its parents, each of them durable.
Status make_folder(const std::string& path);

// The error of a system call that failed with `code` (an errno).
Error file_error(const std::string& what, const std::string& path, int code);

}  // namespace penstock::delta
