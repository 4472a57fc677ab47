#pragma once

#include <QJsonObject>
#include <vector>

class QComboBox;
class QWidget;

namespace penstock::ui {

// What was typed and chosen in these fields, by their accessible names, so that a half-written form survives a restart.
// Line edits, combo boxes, spin boxes, times, tab bars and checkable buttons.
using Fields = std::vector<QWidget*>;
QJsonObject fieldsState(const Fields& fields);
// What a combo box does not offer yet is added to it: its items may come later.
void restoreFields(const Fields& fields, const QJsonObject& state);

// A choice of names: as wide as a usual one, its list as wide as the longest.
void keepNarrow(QComboBox* names);

}  // namespace penstock::ui
