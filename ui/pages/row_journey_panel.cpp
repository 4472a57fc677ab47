#include "pages/row_journey_panel.h"

#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QVBoxLayout>

#include "viewmodels/format.h"
#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/shape_mark.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

constexpr qsizetype mostBytes = 4'096;
constexpr int bytesHeight = 136;

StateShape shapeOf(const JourneyStop& stop) {
  if (stop.state == "rejected") return StateShape::Failing;
  return stop.state == "passed" ? StateShape::Ok : StateShape::Idle;
}

// Text as it is; anything else as hexadecimal.
QString readable(const QByteArray& raw) {
  const QByteArray shown = raw.left(mostBytes);
  const QString text = QString::fromUtf8(shown);
  const bool isText = std::all_of(text.begin(), text.end(), [](QChar c) { return c.isPrint() || c.isSpace(); });
  const QString body = isText ? text : QString::fromLatin1(shown.toHex(' '));
  return raw.size() > mostBytes ? QObject::tr("%1\n… the first %2 of %3").arg(body, bytes(mostBytes), bytes(raw.size())) : body;
}

}  // namespace

RowJourneyPanel::RowJourneyPanel(QWidget* parent)
    : QWidget(parent),
      title_(new Label({}, Tone::Normal, Label::Font::Heading)),
      subtitle_(new Label({}, Tone::Dim)),
      stops_(new QVBoxLayout),
      showBytes_(new Button(tr("Show bytes"), Button::Kind::Link)),
      bytes_(new QPlainTextEdit) {
  title_->setWordWrap(true);
  subtitle_->setWordWrap(true);
  bytes_->setReadOnly(true);
  bytes_->setFont(monoFont());
  bytes_->setWordWrapMode(QTextOption::WrapAnywhere);   // as they came: nothing is put between them
  bytes_->setFixedHeight(bytesHeight);
  bytes_->setTabChangesFocus(true);
  bytes_->setAccessibleName(tr("Bytes of the row"));
  showBytes_->setCheckable(true);
  stops_->setSpacing(10);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(6);
  layout->addWidget(title_);
  layout->addWidget(subtitle_);
  layout->addSpacing(6);
  layout->addLayout(stops_);
  layout->addWidget(showBytes_, 0, Qt::AlignLeft);
  layout->addWidget(bytes_);
  connect(showBytes_, &Button::toggled, this, [this](bool shown) {
    showBytes_->setText(shown ? tr("Hide bytes") : tr("Show bytes"));
    bytes_->setVisible(shown);
  });
  bytes_->hide();
}

void RowJourneyPanel::show(const RejectedDetail& detail) {
  const auto& journey = detail.journey();
  // The preview of a redrive may have changed, and not the row.
  if (journey && shown_ == journey->row.id) return;
  shown_ = journey ? journey->row.id : QString();
  while (QLayoutItem* item = stops_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  title_->setText(journey ? tr("Row %1").arg(journey->row.key) : tr("No row"));
  subtitle_->setText(journey ? tr("Where it came from and how far it got")
                     : detail.journeyProblem().isEmpty() ? tr("Choose a row to see where it came from") : detail.journeyProblem());
  showBytes_->setVisible(journey && !journey->raw.isEmpty());
  if (!journey) {
    bytes_->hide();
    return;
  }
  for (const JourneyStop& stop : journey->stops) addStop(stop);
  if (const QString text = readable(journey->raw); text != bytes_->toPlainText()) bytes_->setPlainText(text);
  bytes_->setVisible(showBytes_->isChecked());
}

void RowJourneyPanel::addStop(const JourneyStop& stop) {
  auto* line = new QWidget;
  auto* layout = new QHBoxLayout(line);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(metrics::gap);
  layout->addWidget(new ShapeMark(shapeOf(stop)), 0, Qt::AlignTop);
  auto* texts = new QVBoxLayout;
  texts->setSpacing(0);
  auto* name = new Label(stop.label, Tone::Normal, Label::Font::Strong);
  name->setWordWrap(true);
  texts->addWidget(name);
  QStringList facts;
  if (stop.state != "passed" && stop.state != "rejected") facts << stop.state;
  else if (isKnown(stop.at)) facts << timeOfDay(stop.at, TimeZone::Utc);
  if (!stop.detail.isEmpty()) facts << stop.detail;
  line->setAccessibleName(stop.label + ": " + stop.state);
  stops_->addWidget(line);
  layout->addLayout(texts, 1);
  if (facts.isEmpty()) return;
  auto* detail = new Label(facts.join(QStringLiteral(" · ")), stop.state == "rejected" ? Tone::Failing : Tone::Dim);
  detail->setWordWrap(true);
  if (isKnown(stop.at)) detail->setToolTip(bothZones(stop.at));
  texts->addWidget(detail);
}

}  // namespace penstock::ui
