#pragma once

#include <functional>
#include <QString>
#include <vector>

namespace penstock::ui {

class Session;

// One thing that the palette reaches.
struct PaletteItem {
  QString text;                 // "loyalty"
  QString kind;                 // "pipeline", "page", "action", …
  QString detail;               // "retail-uk · stuck"
  std::function<void()> choose;
};

// Every page, pipeline, pod, expectation and object of the lineage, and, while the window shows what is live, what can be done.
std::vector<PaletteItem> paletteItems(Session& session);

// The best first, at most `most`: whole words before beginnings before letters in order; empty `typed` gives the first.
std::vector<PaletteItem> bestMatches(const std::vector<PaletteItem>& items, const QString& typed, size_t most);

}  // namespace penstock::ui
