#include "pages/start_page.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include "pages/connect_form.h"
#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/panel.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

constexpr int contentWidth = 720;

}  // namespace

StartPage::StartPage(Session& session, QWidget* parent) : QWidget(parent), session_(session) {
  setObjectName(QStringLiteral("start"));
  auto* outer = new QHBoxLayout(this);
  outer->addStretch();
  auto* content = new QWidget;
  content->setFixedWidth(contentWidth);
  auto* layout = new QVBoxLayout(content);
  layout->setSpacing(12);
  layout->addStretch(2);
  layout->addWidget(new Label(tr("What do you want to look after?"), Tone::Normal, Label::Font::Heading));
  layout->addWidget(new Label(tr("Penstock runs the pipelines of a folder, here in this window, or shows those of engines elsewhere."), Tone::Dim));
  layout->addSpacing(8);
  problem_ = new Label({}, Tone::Failing);
  problem_->setWordWrap(true);
  problem_->hide();
  layout->addWidget(problem_);

  demo_ = new Button(tr("Start the demo"), Button::Kind::Primary);
  connect(demo_, &Button::clicked, this, &StartPage::demoRequested);
  layout->addWidget(choice(tr("Demo"), tr("Twelve systems of a retail company, with data flowing. Something breaks within a minute; four steps show how to find and mend it."), demo_));
  auto* folder = new Button(tr("Open…"));
  folder->setAccessibleName(tr("Open a folder"));
  connect(folder, &Button::clicked, this, &StartPage::chooseFolder);
  layout->addWidget(choice(tr("Open a folder"), tr("A workspace: a folder with penstock.yaml and its pipelines."), folder));
  connect_ = new ConnectForm;
  connect(connect_, &ConnectForm::connectRequested, this, &StartPage::connectRequested);
  layout->addWidget(choice(tr("Connect to an engine"), tr("A penstockd on this or another machine."), connect_));

  recent_ = new QWidget;
  recentRows_ = new QVBoxLayout(recent_);
  recentRows_->setContentsMargins(0, 8, 0, 0);
  recentRows_->setSpacing(2);
  layout->addWidget(recent_);
  layout->addStretch(3);
  outer->addWidget(content);
  outer->addStretch();
  refresh();
}

QWidget* StartPage::choice(const QString& title, const QString& hint, QWidget* act) {
  auto* panel = new Panel;
  auto* layout = new QHBoxLayout(panel);
  layout->setContentsMargins(metrics::margin, 14, metrics::margin, 14);
  layout->setSpacing(metrics::margin);
  auto* words = new QVBoxLayout;
  words->setSpacing(2);
  words->addWidget(new Label(title, Tone::Normal, Label::Font::Strong));
  auto* text = new Label(hint, Tone::Dim);
  text->setWordWrap(true);
  words->addWidget(text);
  layout->addLayout(words, 1);
  layout->addWidget(act, qobject_cast<ConnectForm*>(act) ? 1 : 0, Qt::AlignVCenter);
  return panel;
}

void StartPage::refresh() {
  while (QLayoutItem* item = recentRows_->takeAt(0)) {
    if (item->widget()) item->widget()->deleteLater();
    delete item;
  }
  const QStringList folders = session_.preferences.recentFolders();
  const auto engines = session_.preferences.remoteEngines();
  recent_->setVisible(!folders.isEmpty() || !engines.isEmpty());
  if (!recent_->isHidden()) recentRows_->addWidget(new Label(tr("Recent"), Tone::Dim, Label::Font::Small));
  for (const QString& folder : folders) {
    auto* link = new Button(folder, Button::Kind::Link);
    connect(link, &Button::clicked, this, [this, folder] { emit folderRequested(folder); });
    recentRows_->addWidget(link, 0, Qt::AlignLeft);
  }
  for (const Preferences::RemoteEngine& engine : engines) {
    auto* link = new Button(engine.address, Button::Kind::Link);
    connect(link, &Button::clicked, this, [this, engine] { emit connectRequested(engine.address, engine.tokenFile); });
    recentRows_->addWidget(link, 0, Qt::AlignLeft);
  }
}

void StartPage::focusFirst() { demo_->setFocus(Qt::OtherFocusReason); }

QJsonObject StartPage::formState() const { return connect_->state(); }
void StartPage::restoreForm(const QJsonObject& state) { connect_->restore(state); }

void StartPage::showProblem(const QString& sentence) {
  problem_->setText(sentence);
  problem_->setVisible(!sentence.isEmpty());
}

void StartPage::chooseFolder() {
  auto* dialog = new QFileDialog(this, tr("Open a workspace"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  dialog->setOption(QFileDialog::ShowDirsOnly);
  connect(dialog, &QFileDialog::fileSelected, this, &StartPage::folderRequested);
  dialog->open();
}

}  // namespace penstock::ui
