#pragma once

// A person at a window: sees what is on the screen, points or types, and nothing else. What a click does is decided by
// the window, as on a desktop: it goes to whatever lies at that place.

#include <functional>
#include <QPoint>
#include <QString>

class QAbstractButton;
class QTableView;
class QWidget;

namespace penstock::test {

// Every action waits until what it needs is there, at most a minute; false: it did not come, and problem() says what.
class Operator {
 public:
  enum class Hand { Mouse, Keyboard };

  Operator(QWidget& window, Hand hand);

  bool usesMouse() const { return hand_ == Hand::Mouse; }
  int clicks() const { return clicks_; }
  const QString& problem() const { return problem_; }

  // A text that begins so stands in a visible label or on a visible button, of the whole window or of `within`.
  bool sees(const QString& text, const QWidget* within = nullptr) const;
  bool waitsFor(const QString& text, int milliseconds = usualPatience);
  // The whole of the first such text; empty: none is seen.
  QString reads(const QString& beginning) const;
  // The visible widget of that accessible name, as a screen reader finds it; null: there is none.
  QWidget* labelled(const QString& name) const;
  // The visible button whose text begins so; null: there is none.
  QAbstractButton* button(const QString& text, const QWidget* within = nullptr) const;
  // Of the visible card whose subject contains this; null: there is none.
  QWidget* card(const QString& subject) const;

  // By mouse a click on it; by keyboard Tab until it has the focus, then Space.
  bool presses(const QString& button, const QWidget* within = nullptr);
  // The same on the card whose subject contains this.
  bool pressesOnCard(const QString& subject, const QString& button);
  // By mouse the rail, by keyboard G and the letter.
  bool goesTo(const QString& page, char letter);
  // Makes this row the current one: by mouse a click on it, by keyboard Home and arrows.
  bool takesRow(QTableView* table, int row);
  // Sets or lifts the row's check mark: by mouse a click into it, by keyboard Space.
  bool checksRow(QTableView* table, int row);
  // Gives it the focus: by mouse a click, by keyboard Tab.
  bool focuses(QWidget* widget);
  bool clicksAt(QWidget* target, const QPoint& at) { return click(target, at); }
  // Each key goes where the focus is by then.
  void types(const QString& text);
  void key(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier);

  // What is on the screen, as <folder>/NN-<name>.png, numbered in the order they are taken. The pointer rests first.
  bool keepsPicture(const QString& folder, const QString& name);

  static constexpr int usualPatience = 120'000;

 private:
  bool click(QWidget* target, const QPoint& at);
  bool rests(const QWidget* widget);
  bool fails(const QString& what);

  QWidget& window_;
  const Hand hand_;
  using Finder = std::function<QAbstractButton*()>;
  bool pressesWhat(const Finder& find, const QString& text);

  int clicks_ = 0;
  int pictures_ = 0;
  QString problem_;
};

}  // namespace penstock::test
