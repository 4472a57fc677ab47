#pragma once

#include <QTableView>
#include <QTimer>

namespace penstock::ui {

class Button;
class EmptyState;

// The one look of a table: 34 px rows, one-pixel separators, whole rows selected with an accent bar, no cell focus.
// Over it stands what it has to say when it has no rows: empty, loading or an error, each with what to do next.
//
// Keys: arrows, Page Up/Down, Home and End move by rows; Enter opens (QTableView::activated); Space toggles
// (toggleRequested); Ctrl with ←/→ sorts by another column and with ↑/↓ turns the order, where the header can be clicked; Tab
// leaves.
class TableView final : public QTableView {
  Q_OBJECT

 public:
  explicit TableView(QWidget* parent = nullptr);

  void setModel(QAbstractItemModel* model) override;

  // Shown while the model has no rows and neither setLoading nor setError holds. An empty `action` shows no button.
  void setEmptyText(const QString& title, const QString& hint, const QString& action = {});
  // Nothing is known yet. Appears only after 200 ms, so that a fast answer does not flicker.
  void setLoading(const QString& title);
  // The list could not be had; covers the rows only when there are none.
  void setError(const QString& title, const QString& hint, const QString& action = {});
  // Neither loading nor failed: rows, or the empty text.
  void setReady();

  // A new order waits, so that no row moves under the pointer: "3 changes · apply" in the header. 0 hides it.
  void setPendingChanges(int count);

  // Row under the pointer, -1 if none; delegates tint it.
  int hoveredRow() const { return hoveredRow_; }

  // How wide the rows in sight want that column.
  using QTableView::sizeHintForColumn;

  // What the overlay says now; empty when rows are shown.
  QString overlayTitle() const;

 signals:
  void overlayActionPressed();
  void applyChangesRequested();
  // Space on a row: its check mark, where the table has such.
  void toggleRequested(const QModelIndex& row);

 protected:
  QModelIndex moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) override;
  void focusInEvent(QFocusEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) override;

 private:
  enum class Condition { Ready, Loading, Failed };
  struct Message {
    QString title;
    QString hint;
    QString action;
  };

  void setHoveredRow(int row);
  bool sortByKey(int key);
  void placeOverlay();
  void showOverlay();
  QRect rowRect(int row) const;

  EmptyState* overlay_;
  Button* pending_;
  QTimer loadingDelay_;
  Condition condition_ = Condition::Ready;
  Message empty_;
  Message failure_;
  QString loading_;
  int hoveredRow_ = -1;
  bool focusByKeys_ = false;
};

}  // namespace penstock::ui
