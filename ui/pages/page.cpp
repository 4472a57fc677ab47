#include "pages/page.h"

namespace penstock::ui {

Page::Page(Session& session, QWidget* parent) : QWidget(parent), session(session) {}

}  // namespace penstock::ui
