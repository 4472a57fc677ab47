#pragma once

#include <QSyntaxHighlighter>

namespace penstock::ui {

// Keywords strong, comments and strings dim: shape before colour, so that it reads in greyscale.
class SqlHighlighter : public QSyntaxHighlighter {
 public:
  explicit SqlHighlighter(QTextDocument* document) : QSyntaxHighlighter(document) {}
  void setColours(const QColor& dim, const QColor& accent);

 protected:
  void highlightBlock(const QString& text) override;

 private:
  QColor dim_;
  QColor accent_;
};

}  // namespace penstock::ui
