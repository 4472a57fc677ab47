#pragma once

// Ids of the nodes of the lineage graph. Telemetry measures edges under the same ids, without knowing the graph.

#include <string>
#include <string_view>

namespace penstock::node_id {

inline std::string source(std::string_view stream, std::string_view source) {
  return "source/" + std::string(stream) + "/" + std::string(source);
}
inline std::string step(std::string_view stream, std::string_view step) {
  return "step/" + std::string(stream) + "/" + std::string(step);
}
inline std::string table(std::string_view table) { return "table/" + std::string(table); }
inline std::string seed(std::string_view seed) { return "seed/" + std::string(seed); }
inline std::string model(std::string_view file) { return "model/" + std::string(file); }
inline std::string quarantine(std::string_view stream) { return "quarantine/" + std::string(stream); }
inline std::string dead_letters(std::string_view stream) { return "dead_letters/" + std::string(stream); }

// A Delta sink is the table that it writes; any other is a node of its own.
inline std::string sink(std::string_view stream, std::string_view sink, std::string_view kind, std::string_view written) {
  return kind == "delta" ? table(written) : "sink/" + std::string(stream) + "/" + std::string(sink);
}

}  // namespace penstock::node_id
