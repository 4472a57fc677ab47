#pragma once

#include <QPointer>
#include <QWidget>

#include "shell/palette_items.h"

class QLineEdit;
class QListView;
class QStandardItemModel;

namespace penstock::ui {

// Ctrl+K: type some letters, Enter goes there. Lies over the window; Esc or a click beside it closes.
class Palette : public QWidget {
  Q_OBJECT
 public:
  Palette(Session& session, QWidget* window);

  void open();
  void close();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void place();
  void filter();
  void choose(int row);

  Session& session_;
  std::vector<PaletteItem> items_;
  std::vector<PaletteItem> shown_;
  QLineEdit* input_;
  QListView* list_;
  QStandardItemModel* model_;
  QPointer<QWidget> returnFocusTo_;
};

}  // namespace penstock::ui
