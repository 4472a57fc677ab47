#include "engine/source_columns.h"

#include <filesystem>

#include "sql/step_schemas.h"
#include "workspace/registry_subject.h"

namespace penstock {

SourceColumns source_columns(const ConnectorCatalog& catalog, const std::string& workspace_root) {
  return [&catalog, workspace_root](const SourceSpec& source) -> Result<SchemaPtr> {
    const DecoderFactory* format = catalog.find_format(source.format);
    // What is inferred from the first rows, or asked from a registry, is not known before the stream begins.
    if (!format || (source.contract.empty() && catalog.find_inference(source.format)) || is_registry_subject(source.contract)) return SchemaPtr();
    const std::string contract = source.contract.empty() ? "" : (std::filesystem::path(workspace_root) / source.contract).string();
    PENSTOCK_ASSIGN(const auto decoder, (*format)({contract, source.settings, nullptr}));
    if (!decoder->schema()) return SchemaPtr();
    return source_schema(*decoder->schema());
  };
}

}  // namespace penstock
