#pragma once

// Whether Penstock understands all that a table uses. A table written by others may use features that would make
// our reads wrong or our writes break it: such a table is refused, and the message names each feature
// (PROTOCOL.md, "Table Features", "Valid Feature Names", "Writer Version Requirements").

#include "connectors/delta/snapshot.h"

namespace penstock::delta {

// Error: unsupported, naming what cannot be read: columnMapping, deletionVectors, v2Checkpoint, partitions, …
Status check_readable(const Snapshot& snapshot);

// Error: unsupported, naming what cannot be written: also invariants, checkConstraints, generatedColumns, …
Status check_writable(const Snapshot& snapshot);

}  // namespace penstock::delta
