#pragma once

#include <functional>
#include <QKeySequence>
#include <QString>
#include <vector>

namespace penstock::ui {

class Page;
class Session;

// A page of the left rail. G, then its letter, goes there.
struct PageEntry {
  QString id;                   // as in links
  QString title;
  Qt::Key letter;
  std::function<Page*(Session&)> make;
};

const std::vector<PageEntry>& pageList();

}  // namespace penstock::ui
