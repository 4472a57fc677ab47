#include "pages/column_panel.h"

#include <QHeaderView>
#include <QVBoxLayout>

#include <algorithm>

#include "pages/columns.h"
#include "viewmodels/format.h"
#include "widgets/cell_delegate.h"
#include "widgets/label.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

constexpr int mostRows = 8;             // in sight; the rest is scrolled to

}  // namespace

ColumnPanel::ColumnPanel(std::function<QString(const QString& node)> labelOf, QWidget* parent)
    : QWidget(parent),
      labelOf_(std::move(labelOf)),
      title_(new Label({}, Tone::Dim, Label::Font::Small)),
      message_(new Label({}, Tone::Dim)),
      table_(new TableView),
      made_(new Label({}, Tone::Dim)),
      expression_(new Label({}, Tone::Normal, Label::Font::Mono)),
      ways_(new Label({}, Tone::Dim)) {
  table_->setObjectName(QStringLiteral("columns"));
  table_->setAccessibleName(tr("Columns"));
  table_->setModel(&model_);
  table_->setItemDelegate(new CellDelegate(cellRoles(), table_));
  table_->horizontalHeader()->setSectionResizeMode(ColumnsModel::Name, QHeaderView::Stretch);
  table_->horizontalHeader()->resizeSection(ColumnsModel::Type, 120);
  for (Label* label : {message_, made_, expression_, ways_}) {
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  }
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(6);
  for (QWidget* widget : {static_cast<QWidget*>(title_), static_cast<QWidget*>(message_), static_cast<QWidget*>(table_), static_cast<QWidget*>(made_), static_cast<QWidget*>(expression_), static_cast<QWidget*>(ways_)})
    layout->addWidget(widget);
  connect(&model_, &ColumnsModel::changed, this, &ColumnPanel::showColumns);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ColumnPanel::showChosen);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);         // room that is left stays below all
  hide();
}

void ColumnPanel::show(Connection* engine, const QString& node) {
  setVisible(engine && !node.isEmpty());
  model_.show(engine, node);
}

void ColumnPanel::showColumns() {
  const int rows = model_.rowCount();
  title_->setText(rows > 0 ? counted(rows, tr("column · choose one to see its way"), tr("columns · choose one to see its way")) : tr("Columns"));
  message_->setText(model_.isLoading() ? tr("Reading") : !model_.problem().isEmpty() ? tr("They could not be read: %1").arg(model_.problem()) : tr("Not known before its first record"));
  message_->setTone(model_.problem().isEmpty() ? Tone::Dim : Tone::Failing);
  message_->setVisible(rows == 0);
  table_->setVisible(rows > 0);
  table_->setFixedHeight(table_->horizontalHeader()->sizeHint().height() + std::min(rows, mostRows) * metrics::rowHeight + 2);
  showChosen();
}

void ColumnPanel::showChosen() {
  const QModelIndex row = table_->currentIndex();
  const QString chosen = row.isValid() ? model_.column(row.row()).name : QString();
  for (Label* label : {made_, expression_, ways_}) label->setVisible(row.isValid());
  if (row.isValid()) {
    const NodeColumn& column = model_.column(row.row());
    QStringList made;
    for (const ColumnEdge& edge : model_.into(row.row())) made << columnText(edge.fromNode, edge.fromColumn);
    made_->setText(made.isEmpty() ? column.expression.isEmpty() ? tr("It begins here") : tr("Made of nothing but")
                                  : (column.expression.isEmpty() ? tr("Taken from %1") : tr("Made of %1")).arg(made.join(QStringLiteral(", "))));
    expression_->setText(column.expression);
    expression_->setVisible(!column.expression.isEmpty());
    QStringList ways;
    const auto add = [&](const QString& text, const std::vector<ColumnEdge>& edges, bool up) {
      QStringList names;
      for (const ColumnEdge& edge : edges) names << (up ? columnText(edge.fromNode, edge.fromColumn) : columnText(edge.toNode, edge.toColumn));
      if (!names.isEmpty()) ways << text.arg(names.join(QStringLiteral(", ")));
    };
    add(tr("Comes from %1"), model_.origins(row.row()), true);
    add(tr("Ends in %1"), model_.destinations(row.row()), false);
    if (!model_.trace().untraced.isEmpty()) {
      QStringList names;
      for (const QString& node : model_.trace().untraced) names << labelOf_(node);
      ways << tr("Not followed through %1: their columns are not known").arg(names.join(QStringLiteral(", ")));
    }
    ways_->setText(ways.join('\n'));
    ways_->setVisible(!ways.isEmpty());
  }
  if (std::exchange(chosen_, chosen) == chosen) return;
  emit wayChosen(row.isValid() ? model_.way(row.row()) : QStringList());
}

}  // namespace penstock::ui
