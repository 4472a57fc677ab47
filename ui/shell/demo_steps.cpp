#include "shell/demo_steps.h"

#include <QHBoxLayout>
#include <QPainter>

#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/shape_mark.h"
#include "widgets/theme.h"

namespace penstock::ui {

DemoSteps::DemoSteps(Session& session, QWidget* parent) : QWidget(parent), session_(session) {
  setObjectName(QStringLiteral("demo steps"));
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(metrics::margin, 6, metrics::margin, 6);
  layout->setSpacing(6);
  layout->addWidget(new Label(tr("Demo"), Tone::Normal, Label::Font::Strong));
  layout->addSpacing(metrics::gap);
  for (const auto& [id, text] : {std::pair("see", tr("1  See what is wrong")), std::pair("rows", tr("2  Open the rows")),
                                 std::pair("redrive", tr("3  Fix and redrive")), std::pair("reset", tr("4  Reset what is stuck"))}) {
    Step step{QString::fromLatin1(id), new Button(text, Button::Kind::Link), new ShapeMark(StateShape::Idle)};
    connect(step.button, &Button::clicked, this, [this, id = step.id] { session_.open(linkOf(id)); });
    layout->addWidget(step.mark);
    layout->addWidget(step.button);
    layout->addSpacing(metrics::gap);
    steps_.push_back(step);
  }
  layout->addStretch();
  auto* hide = new Button(tr("Hide"), Button::Kind::Link);
  connect(hide, &Button::clicked, this, &QWidget::hide);
  layout->addWidget(hide);
  connect(&session, &Session::somethingDone, this, &DemoSteps::tick);
}

bool DemoSteps::isDone(const QString& id) const {
  for (const Step& step : steps_) {
    if (step.id == id) return step.done;
  }
  return false;
}

void DemoSteps::tick(const QString& id) {
  for (Step& step : steps_) {
    if (step.id != id || step.done) continue;
    step.done = true;
    step.mark->setShape(StateShape::Ok);
    step.button->setAccessibleDescription(tr("done"));
    step.button->setText(step.button->text() + QStringLiteral(" ✓"));
  }
}

Link DemoSteps::linkOf(const QString& step) const {
  for (int row = 0; row < session_.attention.rowCount(); ++row) {
    const AttentionModel::Item& item = session_.attention.item(row);
    if (step == "reset" && !item.attention.pod.isEmpty()) return {item.engine, QStringLiteral("pods"), item.attention.pod, {}};
    if ((step == "rows" || step == "redrive") && !item.attention.expectation.isEmpty()) {
      return session_.expectationLink(item.engine, item.attention.pipeline, item.attention.expectation);
    }
  }
  return {{}, step == "reset" ? QStringLiteral("pods") : step == "see" ? QStringLiteral("overview") : QStringLiteral("quality"), {}, {}};
}

void DemoSteps::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.fillRect(rect(), theme.panel);
  painter.fillRect(QRect(0, 0, width(), 1), theme.line);
}

}  // namespace penstock::ui
