#include "pages/columns.h"

#include <QFocusEvent>
#include <QHeaderView>

#include "viewmodels/roles.h"
#include "viewmodels/session.h"
#include "widgets/table_view.h"

namespace penstock::ui {
namespace {

bool isOperators(Qt::FocusReason reason) {
  return reason == Qt::MouseFocusReason || reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason || reason == Qt::ShortcutFocusReason;
}

// Holds the order while the pointer is over the rows, or while the operator has brought the focus there. That a page
// gives its table the focus when it opens holds nothing: the first rows are still to come.
class OrderHolder : public QObject {
 public:
  OrderHolder(TableView* table, HeldOrder* order) : QObject(table), table_(table), order_(order) {
    table->installEventFilter(this);
    table->viewport()->installEventFilter(this);
  }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    const bool viewport = watched == table_->viewport();
    if (viewport && event->type() == QEvent::Enter) order_->hold(HeldOrder::Reason::Pointer, true);
    if (viewport && event->type() == QEvent::Leave) order_->hold(HeldOrder::Reason::Pointer, false);
    const bool brought = event->type() == QEvent::FocusIn && isOperators(static_cast<QFocusEvent*>(event)->reason());
    const bool used = event->type() == QEvent::KeyPress;
    if (!viewport && (brought || used)) order_->hold(HeldOrder::Reason::Focus, true);
    if (!viewport && event->type() == QEvent::FocusOut) order_->hold(HeldOrder::Reason::Focus, false);
    return false;
  }

 private:
  TableView* table_;
  HeldOrder* order_;
};

}  // namespace

CellRoles cellRoles() { return {.tone = ToneRole, .mono = MonoRole, .stale = StaleRole, .loading = LoadingRole}; }

void holdOrder(TableView* table, HeldOrder* order) {
  new OrderHolder(table, order);
  QObject::connect(order, &HeldOrder::pendingChanged, table, &TableView::setPendingChanges);
  QObject::connect(table, &TableView::applyChangesRequested, order, &HeldOrder::apply);
  QHeaderView* header = table->horizontalHeader();
  header->setStretchLastSection(false);
  header->setSectionsClickable(true);
  header->setSortIndicatorShown(false);
  QObject::connect(header, &QHeaderView::sectionClicked, order, [order, header](int column) {
    const bool same = order->sortColumn() == column;
    const bool numbersDown = order->headerData(column, Qt::Horizontal, Qt::TextAlignmentRole).toInt() & Qt::AlignRight;
    const Qt::SortOrder first = numbersDown ? Qt::DescendingOrder : Qt::AscendingOrder;
    const Qt::SortOrder second = numbersDown ? Qt::AscendingOrder : Qt::DescendingOrder;
    const bool wasFirst = same && header->sortIndicatorOrder() == first;
    if (same && !wasFirst) {
      header->setSortIndicatorShown(false);
      order->sort(-1);
      return;
    }
    header->setSortIndicatorShown(true);
    header->setSortIndicator(column, wasFirst ? second : first);
    order->sort(column, wasFirst ? second : first);
  });
}

void showWaiting(TableView* table, const Session& session) {
  const Connection* engine = session.engine();
  if (session.isWaiting() && engine && engine->state() == EngineState::Connecting) table->setLoading(QObject::tr("Asking %1").arg(engine->name()));
  else table->setReady();
}

void showEmpty(TableView* table, int all, const EmptyWords& none) {
  if (all == 0) table->setEmptyText(none.title, none.hint);
  else table->setEmptyText(QObject::tr("The filter lets none through"), QObject::tr("There are %1 without it").arg(all), QObject::tr("Show all"));
}

QJsonObject columnState(const QTableView* table) {
  return {{QStringLiteral("header"), QString::fromLatin1(table->horizontalHeader()->saveState().toBase64())}};
}

void restoreColumnState(QTableView* table, const QJsonObject& state) {
  const QByteArray header = QByteArray::fromBase64(state.value(QStringLiteral("header")).toString().toLatin1());
  if (!header.isEmpty()) table->horizontalHeader()->restoreState(header);
}

}  // namespace penstock::ui
