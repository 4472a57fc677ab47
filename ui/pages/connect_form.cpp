#include "pages/connect_form.h"

#include <QFile>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QRegularExpression>
#include <QVBoxLayout>

#include "pages/fields.h"
#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/theme.h"

namespace penstock::ui {

ConnectForm::ConnectForm(QWidget* parent) : QWidget(parent) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(6);
  auto* row = new QHBoxLayout;
  row->setSpacing(metrics::gap);
  address_ = new QLineEdit;
  address_->setObjectName(QStringLiteral("address"));
  address_->setPlaceholderText(tr("host:port"));
  address_->setAccessibleName(tr("Address of the engine"));
  address_->setMinimumWidth(150);
  tokenFile_ = new QLineEdit;
  tokenFile_->setPlaceholderText(tr("token file, if any"));
  tokenFile_->setAccessibleName(tr("File that holds the token"));
  tokenFile_->setMinimumWidth(150);
  connect_ = new Button(tr("Connect"));
  row->addWidget(address_, 1);
  row->addWidget(tokenFile_, 1);
  row->addWidget(connect_);
  layout->addLayout(row);
  problem_ = new Label({}, Tone::Failing);
  problem_->setWordWrap(true);
  problem_->hide();
  layout->addWidget(problem_);
  connect(connect_, &Button::clicked, this, &ConnectForm::submit);
  connect(address_, &QLineEdit::returnPressed, this, &ConnectForm::submit);
  connect(tokenFile_, &QLineEdit::returnPressed, this, &ConnectForm::submit);
}

void ConnectForm::showProblem(const QString& sentence) {
  problem_->setText(sentence);
  problem_->setVisible(!sentence.isEmpty());
}

QJsonObject ConnectForm::state() const { return fieldsState({address_, tokenFile_}); }
void ConnectForm::restore(const QJsonObject& state) { restoreFields({address_, tokenFile_}, state); }

QWidget* ConnectForm::firstField() const { return address_; }

void ConnectForm::submit() {
  static const QRegularExpression hostAndPort(QStringLiteral("^(\\[[0-9a-fA-F:]+\\]|[^\\s:]+):([0-9]{1,5})$"));
  const QString address = address_->text().trimmed();
  const auto match = hostAndPort.match(address);
  if (!match.hasMatch() || match.captured(2).toInt() > 65'535) return showProblem(tr("An address is host:port, such as engine-1:7700"));
  const QString path = tokenFile_->text().trimmed();
  if (!readToken(path)) return showProblem(tr("%1 cannot be read").arg(path));
  showProblem({});
  address_->clear();
  emit connectRequested(address, path);
}

std::optional<QString> readToken(const QString& path) {
  if (path.isEmpty()) return QString();
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return std::nullopt;
  return QString::fromUtf8(file.readAll()).trimmed();
}

}  // namespace penstock::ui
