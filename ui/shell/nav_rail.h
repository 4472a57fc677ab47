#pragma once

#include <QHash>
#include <QWidget>

class QVBoxLayout;

namespace penstock::ui {

struct PageEntry;

// The pages at the left edge, with icons and names.
class NavRail : public QWidget {
  Q_OBJECT
 public:
  explicit NavRail(const std::vector<PageEntry>& pages, QWidget* parent = nullptr);

  void setCurrent(const QString& page);
  // A number on that page's icon; 0: none.
  void setBadge(const QString& page, int count);

 signals:
  void chosen(const QString& page);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  class Item;
  QHash<QString, Item*> items_;
};

}  // namespace penstock::ui
