#include "pages/query_page.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QSaveFile>
#include <QSplitter>
#include <QVBoxLayout>

#include "client/query_client.h"
#include "pages/columns.h"
#include "pages/sql_editor.h"
#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

namespace penstock::ui {

QueryPage::QueryPage(Session& session, QWidget* parent) : Page(session, parent) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(20, 14, 20, 16);
  layout->setSpacing(12);
  auto* header = new QHBoxLayout;
  header->setSpacing(metrics::gap);
  header->addWidget(new Label(tr("Query"), Tone::Normal, Label::Font::Heading));
  engine_ = new Label({}, Tone::Dim);
  header->addWidget(engine_);
  header->addStretch();
  run_ = new Button(tr("Run  Ctrl ⏎"), Button::Kind::Primary);
  run_->setAccessibleName(tr("Run"));
  cancel_ = new Button(tr("Cancel"));
  export_ = new Button(tr("Export CSV"));
  header->addWidget(cancel_);
  header->addWidget(export_);
  header->addWidget(run_);
  layout->addLayout(header);

  splitter_ = new QSplitter(Qt::Vertical);
  splitter_->setChildrenCollapsible(false);
  splitter_->setHandleWidth(8);
  editor_ = new SqlEditor;
  splitter_->addWidget(editor_);
  auto* results = new QWidget;
  auto* below = new QVBoxLayout(results);
  below->setContentsMargins(0, 0, 0, 0);
  below->setSpacing(6);
  problem_ = new Label({}, Tone::Failing);
  problem_->setWordWrap(true);
  problem_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  below->addWidget(problem_);
  table_ = new TableView;
  table_->setAccessibleName(tr("Result"));
  table_->setModel(&model_);
  table_->setItemDelegate(new CellDelegate(cellRoles(), table_));
  table_->horizontalHeader()->setDefaultSectionSize(160);
  table_->horizontalHeader()->setStretchLastSection(false);
  table_->setEmptyText(tr("No rows yet"), tr("Write a SELECT over tables, steps or seeds. Names are offered while you type, Ctrl Space offers all"));
  below->addWidget(table_, 1);
  sentence_ = new Label({}, Tone::Dim);
  below->addWidget(sentence_);
  splitter_->addWidget(results);
  splitter_->setStretchFactor(0, 1);
  splitter_->setStretchFactor(1, 3);
  splitter_->setSizes({190, 600});
  layout->addWidget(splitter_, 1);

  connect(run_, &Button::clicked, this, &QueryPage::run);
  connect(editor_, &SqlEditor::runRequested, this, &QueryPage::run);
  connect(cancel_, &Button::clicked, &model_, &QueryModel::cancel);
  connect(editor_, &SqlEditor::cancelRequested, &model_, &QueryModel::cancel);
  connect(export_, &Button::clicked, this, &QueryPage::exportCsv);
  connect(&model_, &QueryModel::changed, this, &QueryPage::refresh);
  connect(&session, &Session::engineChanged, this, &QueryPage::readNames);
  refresh();
}

void QueryPage::open(const Link& link) {
  readNames();
  if (link.object.isEmpty()) return;
  object_ = link.object;
  editor_->setPlainText(QStringLiteral("SELECT * FROM %1 LIMIT 1000").arg(link.object));
  run();
}

Link QueryPage::here() const { return {session.engine() ? session.engine()->name() : QString(), QStringLiteral("query"), object_, {}}; }

void QueryPage::readNames() {
  Connection* engine = session.engine();
  engine_->setText(engine ? tr("on %1 · tables, steps and seeds; nothing is changed").arg(engine->name()) : QString());
  if (!engine) return;
  naming_ = QueryClient(*engine).listObjects(this, [this](const Answer<std::vector<QueryObject>>& answer) {
    if (!answer) return;        // only the completion is poorer
    QList<std::pair<QString, QString>> names;
    QStringList columns;
    for (const QueryObject& object : *answer) {
      names.append({object.name, object.kind});
      for (const Column& column : object.columns) {
        if (!columns.contains(column.name)) columns << column.name;
      }
    }
    for (const QString& column : columns) names.append({column, tr("column")});
    editor_->setNames(names);
  });
}

void QueryPage::run() {
  if (editor_->sql().isEmpty()) return;
  model_.run(session.engine(), editor_->sql());
}

void QueryPage::refresh() {
  cancel_->setVisible(model_.isRunning());
  export_->setEnabled(model_.rowCount() > 0 && !model_.isRunning());
  table_->horizontalHeader()->setVisible(model_.columnCount() > 0);
  sentence_->setText(model_.sentence());
  const CallError& problem = model_.problem();
  QString text = problem.message;
  if (!problem.where.isEmpty()) text = problem.where + QStringLiteral(": ") + text;
  if (!problem.action.isEmpty()) text += QStringLiteral(" — ") + problem.action;
  problem_->setText(text);
  problem_->setVisible(!text.isEmpty());
  if (model_.isRunning()) table_->setLoading(tr("The engine is reading"));
  else if (!text.isEmpty()) table_->setError(tr("This query did not run"), text);
  else table_->setReady();
}

void QueryPage::exportCsv() {
  auto* dialog = new QFileDialog(this, tr("Export %1").arg(counted(model_.rowCount(), tr("row"), tr("rows"))), QStringLiteral("query.csv"), tr("CSV (*.csv)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("csv"));
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    QSaveFile file(path);
    const bool written = file.open(QIODevice::WriteOnly) && file.write(model_.csv()) >= 0 && file.commit();
    sentence_->setText(written ? tr("%1 written to %2").arg(counted(model_.rowCount(), tr("row"), tr("rows")), path) : tr("%1 could not be written: %2").arg(path, file.errorString()));
  });
  dialog->open();
}

QJsonObject QueryPage::layoutState() const {
  return {{QStringLiteral("sql"), editor_->toPlainText()}, {QStringLiteral("splitter"), QString::fromLatin1(splitter_->saveState().toBase64())}};
}

void QueryPage::restoreLayoutState(const QJsonObject& state) {
  editor_->setPlainText(state.value(QStringLiteral("sql")).toString());
  splitter_->restoreState(QByteArray::fromBase64(state.value(QStringLiteral("splitter")).toString().toLatin1()));
}

QWidget* QueryPage::firstFocus() { return editor_; }
void QueryPage::focusFilter() { editor_->setFocus(Qt::ShortcutFocusReason); }

}  // namespace penstock::ui
