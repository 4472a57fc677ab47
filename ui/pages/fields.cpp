#include "pages/fields.h"

#include <algorithm>
#include <QAbstractButton>
#include <QAbstractItemView>
#include <QComboBox>
#include <QDateTimeEdit>
#include <QLineEdit>
#include <QSpinBox>
#include <QTabBar>

namespace penstock::ui {
namespace {

QJsonValue valueOf(const QWidget* field) {
  if (const auto* edit = qobject_cast<const QLineEdit*>(field)) return edit->text();
  if (const auto* box = qobject_cast<const QComboBox*>(field)) return box->currentText();
  if (const auto* spin = qobject_cast<const QSpinBox*>(field)) return spin->value();
  if (const auto* time = qobject_cast<const QDateTimeEdit*>(field)) return time->dateTime().toString(Qt::ISODate);
  if (const auto* tabs = qobject_cast<const QTabBar*>(field)) return tabs->currentIndex();
  if (const auto* button = qobject_cast<const QAbstractButton*>(field)) return button->isChecked();
  return {};
}

void setValue(QWidget* field, const QJsonValue& value) {
  if (auto* edit = qobject_cast<QLineEdit*>(field)) return edit->setText(value.toString());
  if (auto* box = qobject_cast<QComboBox*>(field)) {
    if (box->findText(value.toString()) < 0) box->addItem(value.toString());
    return box->setCurrentText(value.toString());
  }
  if (auto* spin = qobject_cast<QSpinBox*>(field)) return spin->setValue(value.toInt());
  if (auto* time = qobject_cast<QDateTimeEdit*>(field)) return time->setDateTime(QDateTime::fromString(value.toString(), Qt::ISODate));
  if (auto* tabs = qobject_cast<QTabBar*>(field)) return tabs->setCurrentIndex(value.toInt());
  if (auto* button = qobject_cast<QAbstractButton*>(field)) button->setChecked(value.toBool());
}

}  // namespace

QJsonObject fieldsState(const Fields& fields) {
  QJsonObject state;
  for (const QWidget* field : fields) state.insert(field->accessibleName(), valueOf(field));
  return state;
}

void restoreFields(const Fields& fields, const QJsonObject& state) {
  for (QWidget* field : fields) {
    const QJsonValue value = state.value(field->accessibleName());
    if (!value.isUndefined() && !value.isNull()) setValue(field, value);
  }
}

void keepNarrow(QComboBox* names) {
  static constexpr int usualLetters = 16, widest = 640, besideText = 32;
  names->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  names->setMinimumContentsLength(usualLetters);
  QObject::connect(names->model(), &QAbstractItemModel::rowsInserted, names, [names] {
    names->view()->setMinimumWidth(std::min(names->view()->sizeHintForColumn(0) + besideText, int{widest}));
  });
}

}  // namespace penstock::ui
