#include "viewmodels/link.h"

#include <QDateTime>
#include <QUrl>
#include <QUrlQuery>

namespace penstock::ui {
namespace {

const QString scheme = QStringLiteral("penstock://");

QString encoded(const QString& part) { return QString::fromLatin1(QUrl::toPercentEncoding(part, "/ ").replace(' ', "%20")); }
QString decoded(const QString& part) { return QUrl::fromPercentEncoding(part.toUtf8()); }

}  // namespace

QString Link::toString() const {
  QString text = scheme + QString::fromLatin1(QUrl::toPercentEncoding(engine)) + '/' + page;
  if (!object.isEmpty()) text += '/' + encoded(object);
  if (at) {
    const auto time = QDateTime::fromMSecsSinceEpoch(microsOf(*at) / 1'000, Qt::UTC);
    text += QStringLiteral("?at=") + time.toString(Qt::ISODateWithMs);
  }
  return text;
}

std::optional<Link> Link::parse(const QString& text) {
  if (!text.startsWith(scheme)) return std::nullopt;
  const qsizetype question = text.indexOf('?');
  const QString path = text.mid(scheme.size(), question < 0 ? -1 : question - scheme.size());
  const qsizetype afterEngine = path.indexOf('/');
  if (afterEngine < 0) return std::nullopt;
  const qsizetype afterPage = path.indexOf('/', afterEngine + 1);
  Link link;
  link.engine = decoded(path.left(afterEngine));
  link.page = path.mid(afterEngine + 1, afterPage < 0 ? -1 : afterPage - afterEngine - 1);
  if (afterPage >= 0) link.object = decoded(path.mid(afterPage + 1));
  if (link.page.isEmpty()) return std::nullopt;
  if (question >= 0) {
    const QString given = QUrlQuery(text.mid(question + 1)).queryItemValue(QStringLiteral("at"));
    const QDateTime time = QDateTime::fromString(given, Qt::ISODateWithMs);
    if (!time.isValid()) return std::nullopt;
    link.at = instantOf(time.toMSecsSinceEpoch() * 1'000);
  }
  return link;
}

}  // namespace penstock::ui
