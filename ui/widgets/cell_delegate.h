#pragma once

#include <QStyledItemDelegate>

#include "widgets/theme.h"
#include "widgets/tone.h"

class QPainter;

namespace penstock::ui {

// Numbers of the roles that a model supplies beside Qt's own (ui/viewmodels/roles.h has them); -1: it does not.
struct CellRoles {
  int tone = -1;     // int, a Tone
  int mono = -1;     // bool
  int stale = -1;    // bool: the row's engine is silent
  int loading = -1;  // bool: the row's page is on its way
};

// Paints a cell of a TableView: its background, the separator, and text in its tone. Right-aligned cells get digits of
// equal width. A cell with Qt::CheckStateRole shows a check box, pressed by the pointer through the model.
// The other delegates are this one with a mark instead of the text.
class CellDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  explicit CellDelegate(const CellRoles& roles, QObject* parent = nullptr);

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const final;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                   const QModelIndex& index) override;

 protected:
  struct Cell {
    const Theme& theme;
    QRect box;       // inside the padding
    Tone tone;
    bool selected;
    bool stale;

    // The tone's colour here; grey for all that is stale.
    QColor color() const;
    QColor color(Tone other) const;
  };

  // Paints the content over the finished background. The painter's state is restored afterwards.
  virtual void paintContent(QPainter& painter, const Cell& cell, const QModelIndex& index) const;

 private:
  const CellRoles roles_;
};

}  // namespace penstock::ui
