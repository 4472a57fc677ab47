#include "pages/repair_panel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QVBoxLayout>

#include "pages/action_sheet.h"
#include "pages/columns.h"
#include "viewmodels/format.h"
#include "viewmodels/rejected_detail.h"
#include "viewmodels/rejected_model.h"
#include "viewmodels/replay_flows.h"
#include "viewmodels/seed_flow.h"
#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/inline_sheet.h"
#include "widgets/label.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

constexpr qint64 askAgainAfterMs = 3'000;

}  // namespace

RepairPanel::RepairPanel(Session& session, RejectedModel& rows, QWidget* parent)
    : QWidget(parent),
      session_(session),
      rows_(rows),
      sentence_(new Label({}, Tone::Normal)),
      keys_(new TableView),
      add_(new Button({}, Button::Kind::Primary)),
      redriveChosen_(new Button({}, Button::Kind::Primary)),
      redriveAll_(new Button({}, Button::Kind::Secondary)),
      preview_(new Label({}, Tone::Dim)),
      sheet_(new InlineSheet),
      action_(std::make_unique<ActionSheet>(sheet_)) {
  sentence_->setWordWrap(true);
  preview_->setWordWrap(true);
  keys_->setModel(&repair_);
  keys_->setItemDelegate(new CellDelegate(cellRoles(), keys_));
  keys_->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed | QAbstractItemView::AnyKeyPressed);
  keys_->setAccessibleName(tr("Rows to add to the seed"));
  keys_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  keys_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);

  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(metrics::gap);
  buttons->addWidget(redriveChosen_);
  buttons->addWidget(redriveAll_);
  buttons->addStretch();
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(metrics::gap);
  layout->addWidget(new Label(tr("What would help"), Tone::Dim, Label::Font::Small));
  layout->addWidget(sentence_);
  layout->addWidget(keys_);
  layout->addWidget(add_, 0, Qt::AlignLeft);
  layout->addLayout(buttons);
  layout->addWidget(preview_);
  layout->addWidget(sheet_);

  connect(&repair_, &SeedRepairModel::changed, this, &RepairPanel::showDiagnosis);
  connect(add_, &Button::clicked, this, &RepairPanel::addKeys);
  connect(redriveChosen_, &Button::clicked, this, [this] { redrive(false); });
  connect(redriveAll_, &Button::clicked, this, [this] { redrive(true); });
  connect(action_.get(), &ActionSheet::finished, this, [this] {
    const bool wasRedrive = qobject_cast<const RedriveFlow*>(action_->flow());
    repair_.reload();
    if (!wasRedrive) return;
    session_.done(QStringLiteral("redrive"));
    emit redriven();
  });
  showDiagnosis();
}

RepairPanel::~RepairPanel() = default;

void RepairPanel::show(Connection* engine, const QString& pipeline, const QString& expectation, const QString& sql) {
  newsWhenAsked_ = 0;
  repair_.show(engine, pipeline, expectation, sql);
}

void RepairPanel::showDiagnosis() {
  const Diagnosis& found = repair_.diagnosis();
  QString text = repair_.problem();
  if (text.isEmpty()) text = found.sentence;
  if (text.isEmpty() && repair_.isLoading()) text = tr("Asking the engine…");
  if (text.isEmpty()) text = tr("The engine knows no remedy. Follow the row upstream, or change the step, then redrive.");
  sentence_->setText(text);
  keys_->setVisible(repair_.hasRepair());
  add_->setVisible(repair_.hasRepair());
  add_->setText(tr("Add %1 to seeds/%2.csv").arg(counted(repair_.rowCount(), tr("row"), tr("rows")), found.seed));
  const int rows = std::min(repair_.rowCount(), 6);
  keys_->setFixedHeight((rows + 1) * metrics::rowHeight + 2);
  // What an expert would press: the cause first, then the rows.
  redriveChosen_->setKind(repair_.hasRepair() ? Button::Kind::Secondary : Button::Kind::Primary);
}

void RepairPanel::setNews(qint64 rows) {
  if (std::exchange(news_, rows) != rows) redriveAll_->setText(tr("Redrive all %1").arg(grouped(rows_.total() + news_)));
  // They may lack keys that the first ones did not.
  const bool isOld = newsWhenAsked_ != news_ && (!sinceAsked_.isValid() || sinceAsked_.hasExpired(askAgainAfterMs));
  if (!isOld || !isVisible() || sheet_->stage() != InlineSheet::Stage::Folded) return;
  newsWhenAsked_ = news_;
  sinceAsked_.start();
  repair_.refresh();
}

void RepairPanel::refresh(const RejectedDetail& detail) {
  const qint64 chosen = rows_.chosenCount();
  redriveChosen_->setEnabled(chosen > 0);
  redriveChosen_->setText(chosen > 0 ? tr("Redrive these %1").arg(counted(chosen, tr("row"), tr("rows"))) : tr("Redrive chosen rows"));
  redriveAll_->setEnabled(rows_.total() > 0);
  redriveAll_->setText(tr("Redrive all %1").arg(grouped(rows_.total() + news_)));
  preview_->setText(detail.previewText());
  preview_->setVisible(!preview_->text().isEmpty());
}

void RepairPanel::addKeys() {
  if (!rows_.engine()) return;
  action_->press(std::make_unique<SeedFlow>(*rows_.engine(), repair_.repaired(), repair_.diagnosis().missingKeys));
}

void RepairPanel::redrive(bool all) {
  if (!rows_.engine()) return;
  action_->press(std::make_unique<RedriveFlow>(*rows_.engine(), RedriveRequest{all ? rows_.filter() : rows_.chosen(), 0}));
}

}  // namespace penstock::ui
