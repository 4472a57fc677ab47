#include "pages/rejected_panel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QSpinBox>
#include <QTabBar>
#include <QTimer>
#include <QVBoxLayout>

#include "pages/action_sheet.h"
#include "pages/columns.h"
#include "pages/fields.h"
#include "viewmodels/replay_flows.h"
#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/inline_sheet.h"
#include "widgets/label.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

using R = RejectedModel;

}  // namespace

RejectedPanel::RejectedPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session), table_(new TableView), sheet_(new InlineSheet) {
  action_ = std::make_unique<ActionSheet>(sheet_);
  table_->setObjectName(QStringLiteral("rejected"));
  table_->setAccessibleName(tr("Dead letters and quarantine"));
  table_->setModel(&rows_);
  table_->setItemDelegate(new CellDelegate(cellRoles(), table_));
  QHeaderView* header = table_->horizontalHeader();
  for (const auto& [column, width] : {std::pair(R::Chosen, 40), std::pair(R::Key, 130), std::pair(R::On, 180), std::pair(R::RejectedAt, 120), std::pair(R::Hop, 80), std::pair(R::Status, 80), std::pair(R::From, 240)})
    header->resizeSection(column, width);
  header->setStretchLastSection(false);
  header->setSectionResizeMode(R::Reason, QHeaderView::Stretch);

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(metrics::gap);
  layout->addWidget(makeHead());
  layout->addWidget(table_, 1);
  layout->addWidget(makeActions());

  connect(table_, &TableView::toggleRequested, this, [this](const QModelIndex& row) {
    rows_.choose(row.row(), row.siblingAtColumn(R::Chosen).data(Qt::CheckStateRole).toInt() != Qt::Checked);
  });
  connect(table_, &TableView::activated, this, [this](const QModelIndex& row) {
    session_.open({row.data(EngineRole).toString(), QStringLiteral("quality"), QStringLiteral("row/") + row.data(IdRole).toString(), {}});
  });
  connect(table_, &TableView::overlayActionPressed, &rows_, &R::refresh);
  connect(&rows_, &R::loadingChanged, this, &RejectedPanel::showState);
  connect(&rows_, &R::problemChanged, this, &RejectedPanel::showState);
  connect(&rows_, &R::totalChanged, this, &RejectedPanel::showChoice);
  connect(&rows_, &R::chosenChanged, this, &RejectedPanel::showChoice);
  connect(&session, &Session::engineChanged, this, &RejectedPanel::read);
  connect(&session.pipelines, &QAbstractItemModel::rowsInserted, this, &RejectedPanel::fillPipelines);
  connect(action_.get(), &ActionSheet::finished, this, [this] {
    rows_.chooseAll(false);
    rows_.refresh();
    session_.done(QStringLiteral("redrive"));
  });
  fillPipelines();
  read();
}

RejectedPanel::~RejectedPanel() = default;

QWidget* RejectedPanel::filter() const { return filter_; }
QWidget* RejectedPanel::table() const { return table_; }

QWidget* RejectedPanel::makeHead() {
  which_ = new QTabBar;
  which_->setAccessibleName(tr("Which rows"));
  which_->setDrawBase(false);
  which_->setExpanding(false);
  which_->addTab(tr("Dead letters"));
  which_->addTab(tr("Quarantine"));
  which_->addTab(tr("Both"));
  which_->setCurrentIndex(2);
  pipeline_ = new QComboBox;
  pipeline_->setAccessibleName(tr("Pipeline"));
  keepNarrow(pipeline_);
  pipeline_->addItem(tr("All pipelines"));
  filter_ = new QLineEdit;
  filter_->setPlaceholderText(tr("Key or reason  /"));
  filter_->setAccessibleName(tr("Filter rows by key or reason"));
  filter_->setClearButtonEnabled(true);
  filter_->setFixedWidth(200);
  chosen_ = new Label({}, Tone::Dim);
  chooseAll_ = new Button(tr("Choose all"));
  // Typing does not ask the engine for every letter.
  auto* resting = new QTimer(this);
  resting->setSingleShot(true);
  resting->setInterval(250);
  connect(resting, &QTimer::timeout, this, &RejectedPanel::read);
  connect(filter_, &QLineEdit::textChanged, resting, qOverload<>(&QTimer::start));
  connect(which_, &QTabBar::currentChanged, this, &RejectedPanel::read);
  connect(pipeline_, &QComboBox::currentIndexChanged, this, &RejectedPanel::read);
  connect(chooseAll_, &Button::clicked, this, [this] { rows_.chooseAll(rows_.chosenCount() < rows_.total()); });
  auto* head = new QWidget;
  auto* layout = new QHBoxLayout(head);
  layout->setContentsMargins(12, 6, 20, 0);
  layout->setSpacing(metrics::gap);
  layout->addWidget(which_);
  layout->addStretch();
  layout->addWidget(chosen_);
  layout->addWidget(chooseAll_);
  layout->addWidget(pipeline_);
  layout->addWidget(filter_);
  return head;
}

QWidget* RejectedPanel::makeActions() {
  redrive_ = new Button({}, Button::Kind::Primary);
  redriveAll_ = new Button({});
  discard_ = new Button(tr("Discard"));
  rate_ = new QSpinBox;
  rate_->setObjectName(QStringLiteral("rate of the redrive"));
  rate_->setRange(0, 1'000'000);
  rate_->setSingleStep(100);
  rate_->setSuffix(tr(" rows/s at most"));
  rate_->setSpecialValueText(tr("No rate limit"));
  rate_->setAccessibleName(tr("Rate limit of the redrive"));
  rate_->setMinimumWidth(180);
  hint_ = new Label({}, Tone::Dim);
  connect(redrive_, &Button::clicked, this, [this] { act(false, false); });
  connect(redriveAll_, &Button::clicked, this, [this] { act(false, true); });
  connect(discard_, &Button::clicked, this, [this] { act(true, false); });
  auto* whole = new QWidget;
  auto* layout = new QVBoxLayout(whole);
  layout->setContentsMargins(20, 0, 20, 12);
  layout->setSpacing(metrics::gap);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(metrics::gap);
  for (QWidget* widget : {static_cast<QWidget*>(redrive_), static_cast<QWidget*>(redriveAll_), static_cast<QWidget*>(discard_), static_cast<QWidget*>(rate_), static_cast<QWidget*>(hint_)}) buttons->addWidget(widget);
  buttons->addStretch();
  layout->addWidget(sheet_);
  layout->addLayout(buttons);
  return whole;
}

QJsonObject RejectedPanel::state() const { return fieldsState({which_, pipeline_, filter_, rate_}); }
void RejectedPanel::restore(const QJsonObject& state) { restoreFields({which_, pipeline_, filter_, rate_}, state); }

void RejectedPanel::fillPipelines() {
  for (int row = 0; row < session_.pipelines.rowCount(); ++row) {
    const QString& name = session_.pipelines.row(row).state.name;
    if (pipeline_->findText(name) < 0) pipeline_->addItem(name);
  }
}

void RejectedPanel::showPipeline(const QString& pipeline) {
  if (pipeline_->findText(pipeline) < 0) pipeline_->addItem(pipeline);
  pipeline_->setCurrentText(pipeline);
}

void RejectedPanel::read() {
  RejectedFilter filter;
  filter.stream = pipeline_->currentIndex() > 0 ? pipeline_->currentText() : QString();
  filter.table = which_->currentIndex() == 0 ? QStringLiteral("dead_letters") : which_->currentIndex() == 1 ? QStringLiteral("quarantine") : QString();
  filter.text = filter_->text();
  rows_.show(session_.engine(), filter);
  showState();
  showChoice();
}

void RejectedPanel::showState() {
  table_->setEmptyText(tr("No row waits here"), tr("What cannot be processed, or fails an expectation, is kept here with its bytes and its reason"));
  if (!rows_.engine()) table_->setEmptyText(tr("No engine is connected"), tr("Connect to one, or open a folder, to see its dead letters"));
  if (rows_.isLoading() && rows_.engine()) table_->setLoading(tr("Reading the rows"));
  else if (!rows_.problem().isEmpty()) table_->setError(tr("The rows could not be read"), rows_.problem(), tr("Try again"));
  else table_->setReady();
}

void RejectedPanel::showChoice() {
  const qint64 chosen = rows_.chosenCount();
  const bool oneStream = !rows_.filter().stream.isEmpty();
  chosen_->setText(tr("%1 of %2 chosen").arg(grouped(chosen), grouped(rows_.total())));
  chooseAll_->setText(chosen > 0 && chosen == rows_.total() ? tr("Choose none") : tr("Choose all"));
  chooseAll_->setEnabled(rows_.total() > 0);
  redrive_->setText(chosen > 0 ? tr("Redrive these %1").arg(counted(chosen, tr("row"), tr("rows"))) : tr("Redrive chosen rows"));
  redriveAll_->setText(rows_.total() > 0 ? tr("Redrive all %1").arg(grouped(rows_.total())) : tr("Redrive all"));
  redrive_->setEnabled(oneStream && chosen > 0);
  redriveAll_->setEnabled(oneStream && rows_.total() > 0);
  discard_->setEnabled(oneStream && chosen > 0);
  hint_->setText(oneStream ? QString() : tr("Choose a pipeline to redrive its rows"));
}

void RejectedPanel::act(bool discard, bool all) {
  if (!rows_.engine()) return;
  const RedriveRequest request{all ? rows_.filter() : rows_.chosen(), static_cast<double>(rate_->value())};
  if (discard) action_->press(std::make_unique<DiscardFlow>(*rows_.engine(), request, rows_.chosenCount()));
  else action_->press(std::make_unique<RedriveFlow>(*rows_.engine(), request));
}

}  // namespace penstock::ui
