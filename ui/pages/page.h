#pragma once

#include <QJsonObject>
#include <QWidget>

#include "viewmodels/link.h"

namespace penstock::ui {

class Session;

// One page of the console: one task of the operator. The shell makes each when it is first opened.
class Page : public QWidget {
  Q_OBJECT
 public:
  explicit Page(Session& session, QWidget* parent = nullptr);

  // Shows that object; an empty one shows the page as it was left.
  virtual void open(const Link& link) = 0;
  // What it shows now, as a link that opens the same view.
  virtual Link here() const = 0;
  // What survives a restart: widths, filters, half-written text.
  virtual QJsonObject layoutState() const { return {}; }
  virtual void restoreLayoutState(const QJsonObject&) {}
  // Where the keyboard goes when the page is opened.
  virtual QWidget* firstFocus() { return this; }
  // "/": the page's filter, if it has one.
  virtual void focusFilter() {}
  // For pictures: true when what it shows has arrived.
  virtual bool isReady() const { return true; }

 protected:
  Session& session;
};

}  // namespace penstock::ui
