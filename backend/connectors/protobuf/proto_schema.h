#pragma once

// A .proto file with what it imports, read by Protobuf's own compiler. Immutable after it was parsed, thread-safe to read.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/schema_registry.h"

namespace google::protobuf {
class Descriptor;
class FileDescriptor;
}  // namespace google::protobuf

namespace penstock::proto {

class ProtoSchema {
 public:
  // Imports come from `references`, then from `folder` (empty: nowhere), then from those that Protobuf brings itself
  // (google/protobuf/timestamp.proto, …). Error: invalid_argument with `file:line:column`; `file` is only named.
  static Result<std::shared_ptr<const ProtoSchema>> parse(std::string_view text, const std::string& file,
                                                          const std::vector<RegisteredSchema::Reference>& references = {}, const std::string& folder = {});
  ~ProtoSchema();

  const google::protobuf::FileDescriptor& file() const { return *file_; }
  // By its full name, or its name in the package; the first message of the file where none is said. Null where there is none.
  const google::protobuf::Descriptor* find_message(const std::string& name) const;
  // As the frame of a value says it: the nth message of the file, of that one the nth within, …; null where there is none.
  const google::protobuf::Descriptor* message_at(const std::vector<std::int32_t>& indexes) const;

 private:
  struct Sources;
  ProtoSchema() = default;

  std::unique_ptr<Sources> sources_;
  const google::protobuf::FileDescriptor* file_ = nullptr;
};

}  // namespace penstock::proto
