#include "connectors/protobuf/proto_schema.h"

#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace penstock::proto {
namespace {

namespace pb = google::protobuf;

// The name under which the file itself is known, whatever it is called: nothing can import it by chance.
constexpr const char* kMain = "the contract itself";

class Texts final : public pb::compiler::SourceTree {
 public:
  Texts(std::map<std::string, std::string> texts, std::string folder) : texts_(std::move(texts)), folder_(std::move(folder)) {}

  pb::io::ZeroCopyInputStream* Open(const std::string& name) override {
    auto found = texts_.find(name);
    if (found == texts_.end()) found = read(name);
    if (found == texts_.end()) return nullptr;
    return new pb::io::ArrayInputStream(found->second.data(), static_cast<int>(found->second.size()));
  }
  std::string GetLastErrorMessage() override { return "it is not there"; }

 private:
  // From the folder, never from outside of it.
  std::map<std::string, std::string>::iterator read(const std::string& name) {
    const std::filesystem::path path = std::filesystem::path(name).lexically_normal();
    if (folder_.empty() || path.is_absolute() || path.empty() || *path.begin() == "..") return texts_.end();
    std::ifstream file(std::filesystem::path(folder_) / path, std::ios::binary);
    if (!file) return texts_.end();
    std::ostringstream text;
    text << file.rdbuf();
    return texts_.emplace(name, text.str()).first;
  }

  std::map<std::string, std::string> texts_;
  const std::string folder_;
};

class FirstError final : public pb::compiler::MultiFileErrorCollector {
 public:
  explicit FirstError(const std::string& file) : file_(file) {}

  void AddError(const std::string& file, int line, int column, const std::string& message) override {
    if (!message_.empty()) return;
    message_ = message;
    where_ = (file == kMain ? file_ : file) + (line < 0 ? "" : ":" + std::to_string(line + 1) + ":" + std::to_string(column + 1));
  }
  Error error() const { return {ErrorKind::invalid_argument, message_.empty() ? "not a .proto file" : message_, "", where_.empty() ? file_ : where_}; }

 private:
  const std::string& file_;
  std::string message_, where_;
};

}  // namespace

struct ProtoSchema::Sources {
  Sources(std::map<std::string, std::string> texts, const std::string& folder, const std::string& file)
      : tree(std::move(texts), folder), known(*pb::DescriptorPool::generated_pool()), errors(file), database(&tree, &known), pool(&database, database.GetValidationErrorCollector()) {
    database.RecordErrorsTo(&errors);
  }

  Texts tree;
  pb::DescriptorPoolDatabase known;
  FirstError errors;
  pb::compiler::SourceTreeDescriptorDatabase database;
  pb::DescriptorPool pool;
};

ProtoSchema::~ProtoSchema() = default;

Result<std::shared_ptr<const ProtoSchema>> ProtoSchema::parse(std::string_view text, const std::string& file,
                                                             const std::vector<RegisteredSchema::Reference>& references, const std::string& folder) {
  std::map<std::string, std::string> texts{{kMain, std::string(text)}};
  for (const RegisteredSchema::Reference& reference : references) texts.emplace(reference.name, reference.text);
  std::shared_ptr<ProtoSchema> schema(new ProtoSchema);
  schema->sources_ = std::make_unique<Sources>(std::move(texts), folder, file);
  schema->file_ = schema->sources_->pool.FindFileByName(kMain);
  if (!schema->file_) return schema->sources_->errors.error();
  return std::shared_ptr<const ProtoSchema>(std::move(schema));
}

const pb::Descriptor* ProtoSchema::find_message(const std::string& name) const {
  if (name.empty()) return file_->message_type_count() > 0 ? file_->message_type(0) : nullptr;
  if (const pb::Descriptor* found = sources_->pool.FindMessageTypeByName(name)) return found;
  return file_->package().empty() ? nullptr : sources_->pool.FindMessageTypeByName(file_->package() + "." + name);
}

const pb::Descriptor* ProtoSchema::message_at(const std::vector<std::int32_t>& indexes) const {
  const pb::Descriptor* message = nullptr;
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    const std::int32_t count = message ? message->nested_type_count() : file_->message_type_count();
    if (indexes[i] < 0 || indexes[i] >= count || (i > 0 && !message)) return nullptr;
    message = message ? message->nested_type(indexes[i]) : file_->message_type(indexes[i]);
  }
  return message;
}

}  // namespace penstock::proto
