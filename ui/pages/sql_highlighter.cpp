#include "pages/sql_highlighter.h"

#include <QRegularExpression>

namespace penstock::ui {
namespace {

const QRegularExpression& keywords() {
  static const QRegularExpression expression(
      QStringLiteral("\\b(SELECT|FROM|WHERE|GROUP|ORDER|BY|HAVING|LIMIT|OFFSET|AS|AND|OR|NOT|IN|IS|NULL|LIKE|BETWEEN|JOIN|LEFT|RIGHT|INNER|"
                     "OUTER|FULL|CROSS|ON|USING|UNION|ALL|DISTINCT|CASE|WHEN|THEN|ELSE|END|WITH|OVER|PARTITION|ASC|DESC|CAST|INTERVAL|QUALIFY)\\b"),
      QRegularExpression::CaseInsensitiveOption);
  return expression;
}

const QRegularExpression& quiet() {
  static const QRegularExpression expression(QStringLiteral("'(?:[^']|'')*'?|--[^\\n]*"));
  return expression;
}

}  // namespace

void SqlHighlighter::setColours(const QColor& dim, const QColor& accent) {
  if (dim == dim_ && accent == accent_) return;
  dim_ = dim;
  accent_ = accent;
  rehighlight();
}

void SqlHighlighter::highlightBlock(const QString& text) {
  QTextCharFormat keyword;
  keyword.setFontWeight(QFont::Bold);
  keyword.setForeground(accent_);
  for (auto match = keywords().globalMatch(text); match.hasNext();) {
    const auto found = match.next();
    setFormat(static_cast<int>(found.capturedStart()), static_cast<int>(found.capturedLength()), keyword);
  }
  QTextCharFormat dim;
  dim.setForeground(dim_);
  for (auto match = quiet().globalMatch(text); match.hasNext();) {
    const auto found = match.next();
    setFormat(static_cast<int>(found.capturedStart()), static_cast<int>(found.capturedLength()), dim);
  }
}

}  // namespace penstock::ui
