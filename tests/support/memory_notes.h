#pragma once

#include <map>

#include "io/sink.h"

namespace penstock::test {

// The notes of a sink, which outlive it as long as the test does.
class MemoryNotes final : public SinkNotes {
 public:
  Result<std::optional<std::string>> read(std::string_view key) const override {
    const auto found = notes_.find(key);
    return found == notes_.end() ? std::optional<std::string>() : std::optional(found->second);
  }
  Status write(std::string_view key, std::string_view text, bool) override {
    notes_.insert_or_assign(std::string(key), std::string(text));
    return {};
  }

 private:
  std::map<std::string, std::string, std::less<>> notes_;
};

}  // namespace penstock::test
