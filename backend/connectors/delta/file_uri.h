#pragma once

// Paths of data files in a log are URI-encoded (PROTOCOL.md, "Add File and Remove File").

#include <string>
#include <string_view>

namespace penstock::delta {

std::string encode_path(std::string_view path);
// Undoes the percent encoding; a sequence that is none stays as it is.
std::string decode_path(std::string_view path);

// "s3", "file", … or empty for a relative path.
std::string_view uri_scheme(std::string_view path);

// Whether a path is absolute or has a ".." in it: it then leads out of the table's folder.
bool leaves_folder(std::string_view path);

}  // namespace penstock::delta
