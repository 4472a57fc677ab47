#include "pages/activity_page.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QSplitter>
#include <QVBoxLayout>

#include "pages/columns.h"
#include "pages/fields.h"
#include "pages/log_lines_of.h"
#include "viewmodels/session.h"
#include "widgets/label.h"
#include "widgets/log_view.h"
#include "widgets/mark_delegates.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

namespace penstock::ui {

using A = AuditModel;

ActivityPage::ActivityPage(Session& session, QWidget* parent) : Page(session, parent) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  splitter_ = new QSplitter(Qt::Vertical);
  splitter_->setChildrenCollapsible(false);
  splitter_->setHandleWidth(1);

  auto* above = new QWidget;
  auto* top = new QVBoxLayout(above);
  top->setContentsMargins(20, 14, 20, 12);
  top->setSpacing(12);
  auto* header = new QHBoxLayout;
  header->setSpacing(12);
  title_ = new Label(tr("Who did what"), Tone::Normal, Label::Font::Heading);
  totals_ = new Label({}, Tone::Dim);
  header->addWidget(title_);
  header->addWidget(totals_);
  header->addStretch();
  filter_ = new QLineEdit;
  filter_->setPlaceholderText(tr("Who, action, target or why  /"));
  filter_->setClearButtonEnabled(true);
  filter_->setFixedWidth(280);
  filter_->setAccessibleName(tr("Search the audit log"));
  header->addWidget(filter_);
  top->addLayout(header);
  table_ = new TableView;
  table_->setAccessibleName(tr("Audit log"));
  table_->setModel(&audit_);
  table_->setItemDelegate(new CellDelegate(cellRoles(), table_));
  table_->setItemDelegateForColumn(A::State, new ShapeDelegate(ShapeRole, cellRoles(), table_));
  for (const auto& [column, width] : {std::pair(A::State, 40), std::pair(A::At, 160), std::pair(A::Who, 110), std::pair(A::Action, 150), std::pair(A::Target, 170), std::pair(A::Why, 260)}) {
    table_->horizontalHeader()->resizeSection(column, width);
  }
  table_->horizontalHeader()->setSectionResizeMode(A::Outcome, QHeaderView::Stretch);
  table_->setEmptyText(tr("Nothing was done yet"), tr("Every command stands here before it runs"));
  top->addWidget(table_, 1);
  splitter_->addWidget(above);

  auto* below = new QWidget;
  auto* bottom = new QVBoxLayout(below);
  bottom->setContentsMargins(20, 12, 20, 16);
  bottom->setSpacing(8);
  bottom->addWidget(new Label(tr("What the engine says"), Tone::Normal, Label::Font::Heading));
  log_ = new LogView;
  log_->setEmptyText(tr("No line yet"));
  bottom->addWidget(log_, 1);
  splitter_->addWidget(below);
  splitter_->setStretchFactor(0, 1);
  splitter_->setStretchFactor(1, 1);
  layout->addWidget(splitter_);

  connect(&feed_, &LogFeed::restarted, log_, &LogView::clear);
  connect(&feed_, &LogFeed::arrived, log_, [this](const std::vector<LogEntry>& lines) { log_->append(logLinesOf(lines)); });
  connect(&feed_, &LogFeed::ended, this, [this](const QString& why) {
    log_->setEmptyText(why);
    followed_.clear();
  });
  const auto showZone = [this] {
    log_->setLocalTime(this->session.timeZone() == TimeZone::Local);
    audit_.setTimeZone(this->session.timeZone());
  };
  connect(&session.preferences, &Preferences::timeZoneChanged, this, showZone);
  showZone();
  connect(&session, &Session::engineChanged, this, [this] {
    follow();
    readAudit();
  });
  connect(table_, &TableView::overlayActionPressed, this, &ActivityPage::readAudit);
  typing_.setSingleShot(true);
  typing_.setInterval(200);
  connect(&typing_, &QTimer::timeout, this, &ActivityPage::readAudit);
  connect(filter_, &QLineEdit::textChanged, this, [this] { typing_.start(); });
  connect(&audit_, &PagedModel::totalChanged, this, &ActivityPage::refresh);
  connect(&audit_, &PagedModel::problemChanged, this, &ActivityPage::refresh);
  connect(&audit_, &PagedModel::loadingChanged, this, &ActivityPage::refresh);
  // Commands of others show up without a key being pressed, while nobody reads further down.
  refreshing_.setInterval(3'000);
  connect(&refreshing_, &QTimer::timeout, this, [this] {
    const Connection* engine = this->session.engine();
    if (isVisible() && engine && engine->isFresh() && table_->rowAt(0) <= 0) audit_.refresh();
    if (isVisible() && followed_.isEmpty() && engine && engine->isFresh()) follow();
  });
  refreshing_.start();
}

void ActivityPage::open(const Link& link) {
  if (!link.object.isEmpty()) filter_->setText(link.object);
  follow();
  readAudit();
}

Link ActivityPage::here() const {
  return {session.engine() ? session.engine()->name() : QString(), QStringLiteral("activity"), filter_->text(), {}};
}

void ActivityPage::follow() {
  Connection* engine = session.engine();
  const QString name = engine ? engine->name() : QString();
  if (name == followed_ && feed_.isFollowing()) return;
  followed_ = name;
  feed_.followEngine(engine, QStringLiteral("debug"));
}

void ActivityPage::readAudit() { audit_.show(session.engine(), filter_->text().trimmed()); }

void ActivityPage::refresh() {
  if (!audit_.problem().isEmpty()) table_->setError(tr("The audit log could not be read"), audit_.problem(), tr("Try again"));
  else if (audit_.isLoading()) table_->setLoading(tr("Reading the audit log"));
  else table_->setReady();
  totals_->setText(counted(audit_.rowCount(), tr("entry"), tr("entries")) + (filter_->text().isEmpty() ? QString() : tr(" with “%1”").arg(filter_->text())));
}

QJsonObject ActivityPage::layoutState() const {
  QJsonObject state = columnState(table_);
  state.insert(QStringLiteral("fields"), fieldsState({filter_}));
  state.insert(QStringLiteral("splitter"), QString::fromLatin1(splitter_->saveState().toBase64()));
  return state;
}

void ActivityPage::restoreLayoutState(const QJsonObject& state) {
  restoreColumnState(table_, state);
  restoreFields({filter_}, state.value(QStringLiteral("fields")).toObject());
  splitter_->restoreState(QByteArray::fromBase64(state.value(QStringLiteral("splitter")).toString().toLatin1()));
}

QWidget* ActivityPage::firstFocus() { return table_; }
void ActivityPage::focusFilter() { filter_->setFocus(Qt::ShortcutFocusReason); }

}  // namespace penstock::ui
