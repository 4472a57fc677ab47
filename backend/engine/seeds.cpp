#include "engine/seeds.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/applied_folder.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

std::string revision_of(const std::string& csv) { return digest_of(WorkspaceFiles{{}, {{"seed", csv}}}); }

Status replace_file(const fs::path& path, const std::string& text) {
  const fs::path aside = path.string() + ".new";
  std::ofstream file(aside, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  std::error_code error;
  if (file) fs::rename(aside, path, error);
  if (!file || error) return Error(ErrorKind::io, "the seed could not be written", "is the disk full, or the file not yours?", path.string());
  return {};
}

// Fields of each record, quotes as RFC 4180 has them; checked so that a half edited table is never published.
Status check_csv(const std::string& csv) {
  std::size_t fields = 1, expected = 0, line = 1;
  bool quoted = false, any = false;
  const auto end_record = [&]() -> Status {
    if (any && expected == 0) expected = fields;
    if (any && fields != expected)
      return Error(ErrorKind::invalid_argument, "line " + std::to_string(line) + " has " + std::to_string(fields) + " fields, the header " + std::to_string(expected));
    fields = 1;
    any = false;
    return {};
  };
  for (const char letter : csv) {
    if (letter == '"') quoted = !quoted;
    if (letter == '\n' && !quoted) {
      PENSTOCK_TRY(end_record());
      ++line;
      continue;
    }
    if (letter == ',' && !quoted) ++fields;
    if (letter != '\r') any = true;
  }
  if (quoted) return Error(ErrorKind::invalid_argument, "a quote is not closed");
  return end_record();
}

}  // namespace

Result<std::string> Seeds::path_of(const std::string& name) const {
  for (const auto& seed : applied_.current()->workspace->seeds)
    if (seed.name == name) return seed.path;
  return Error(ErrorKind::not_found, "there is no seed ref." + name, {}, name);
}

Result<SeedText> Seeds::read(const std::string& name) const {
  PENSTOCK_ASSIGN(const auto path, path_of(name));
  std::ifstream file(fs::path(root_) / path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return Error(ErrorKind::io, "the seed cannot be read", {}, path);
  return SeedText{name, path, text.str(), revision_of(text.str())};
}

Status Seeds::write(const std::string& name, const std::string& csv, const std::string& revision) {
  std::lock_guard lock(writing_);
  PENSTOCK_ASSIGN(const auto now, read(name));
  if (now.revision != revision)
    return Error(ErrorKind::failed_precondition, now.path + " was changed by somebody else", "read it again, then edit", now.path);
  PENSTOCK_TRY(check_csv(csv));
  PENSTOCK_TRY(replace_file(fs::path(root_) / now.path, csv));
  return replace_file(fs::path(applied_.current()->folder) / now.path, csv);
}

}  // namespace penstock
