#pragma once

#include <QElapsedTimer>
#include <QKeySequence>
#include <QObject>
#include <vector>

class QWidget;

namespace penstock::ui {

// The keys that work everywhere: Ctrl+K, ?, /, and G with a page's letter. A bare letter is left alone while a widget
// that takes text has the focus.
class Keyboard : public QObject {
  Q_OBJECT
 public:
  struct Help {
    QString keys;
    QString what;
  };

  explicit Keyboard(QWidget* window);

  // For the page of keys and for the tests.
  static std::vector<Help> help();

 signals:
  void paletteRequested();
  void helpRequested();
  void filterRequested();
  void liveRequested();         // L
  void copyLinkRequested();     // Ctrl+Shift+C
  void pageRequested(Qt::Key letter);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  bool take(int key, Qt::KeyboardModifiers modifiers, const QString& text);

  QWidget* window_;
  QElapsedTimer sinceG_;        // invalid: G was not the last key
};

}  // namespace penstock::ui
