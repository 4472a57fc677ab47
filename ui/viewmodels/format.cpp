#include "viewmodels/format.h"

#include <cmath>
#include <QDateTime>
#include <QLocale>

namespace penstock::ui {
namespace {

const QLocale& english() {
  static const QLocale locale(QLocale::English, QLocale::UnitedStates);
  return locale;
}

QDateTime dateTimeOf(Instant at, TimeZone zone) {
  const QDateTime utc = QDateTime::fromMSecsSinceEpoch(microsOf(at) / 1'000, Qt::UTC);
  return zone == TimeZone::Utc ? utc : utc.toLocalTime();
}

// So many decimals that two or three digits are seen.
QString shortDigits(double number) {
  const double size = std::abs(number);
  return QString::number(number, 'f', size < 9.95 ? 1 : 0);
}

// Three digits and a unit.
std::pair<QString, QString> shortSpan(Micros span) {
  const double micros = static_cast<double>(span.count());
  if (micros < 950) return {QString::number(micros / 1e3, 'f', 1), QStringLiteral("ms")};
  if (micros < 999.5e3) return {QString::number(micros / 1e3, 'f', 0), QStringLiteral("ms")};
  if (micros < 99.5e6) return {shortDigits(micros / 1e6), QStringLiteral("s")};
  return {shortDigits(micros / 60e6), QStringLiteral("min")};
}

}  // namespace

QString grouped(qint64 number) { return english().toString(number); }

QString rate(double rowsPerSecond) {
  if (rowsPerSecond > 0 && rowsPerSecond < 9.95) return QString::number(rowsPerSecond, 'f', 1);
  return grouped(std::llround(rowsPerSecond));
}

QString shortNumber(double number) {
  const double size = std::abs(number);
  if (size < 999.5) return size > 0 && size < 9.95 ? shortDigits(number) : QString::number(std::llround(number));
  if (size < 999'500) return QString::number(number / 1e3, 'f', size < 99'950 ? 1 : 0) + 'k';
  if (size < 999.5e6) return shortDigits(number / 1e6) + QStringLiteral(" M");
  return shortDigits(number / 1e9) + QStringLiteral(" G");
}

QString percent(double fraction) {
  const double value = fraction * 100;
  const int decimals = value == 0 ? 0 : value < 0.1 ? 2 : value < 10 ? 1 : 0;
  return QString::number(value, 'f', decimals) + QStringLiteral(" %");
}

QString bytes(qint64 count) {
  static const char* const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  double value = static_cast<double>(count);
  size_t unit = 0;
  while (value >= 999.5 && unit + 1 < std::size(units)) {
    value /= 1'000;
    ++unit;
  }
  return (unit == 0 ? QString::number(count) : shortDigits(value)) + ' ' + QLatin1String(units[unit]);
}

QString duration(Micros span) {
  const qint64 micros = std::max<qint64>(0, span.count());
  if (micros == 0) return QStringLiteral("0 s");
  if (micros < 950) return QString::number(micros) + QStringLiteral(" µs");
  if (micros < 95'000) return shortDigits(static_cast<double>(micros) / 1e3) + QStringLiteral(" ms");
  if (micros < 9'950'000) return QString::number(static_cast<double>(micros) / 1e6, 'f', 1) + QStringLiteral(" s");
  const qint64 seconds = (micros + 500'000) / 1'000'000;
  if (seconds < 60) return QStringLiteral("%1 s").arg(seconds);
  const qint64 minutes = seconds / 60;
  if (minutes < 10) return QStringLiteral("%1 m %2 s").arg(minutes).arg(seconds % 60);
  if (minutes < 60) return QStringLiteral("%1 m").arg(minutes);
  const qint64 hours = minutes / 60;
  if (hours < 24) return QStringLiteral("%1 h %2 m").arg(hours).arg(minutes % 60);
  return QStringLiteral("%1 d %2 h").arg(hours / 24).arg(hours % 24);
}

QString duration(std::optional<Micros> span) { return span ? duration(*span) : noValue; }

QString milliseconds(Micros span) {
  const double value = static_cast<double>(span.count()) / 1e3;
  return value < 1.95 ? QString::number(value, 'f', 1) : grouped(std::llround(value));
}

QString p50AndP99(Micros p50, Micros p99) {
  const auto [usual, usualUnit] = shortSpan(p50);
  const auto [worst, worstUnit] = shortSpan(p99);
  return (usualUnit == worstUnit ? usual : usual + ' ' + usualUnit) + QStringLiteral(" / ") + worst + ' ' + worstUnit;
}

QString counted(qint64 count, const QString& one, const QString& many) {
  return grouped(count) + ' ' + (count == 1 ? one : many);
}

QString cellText(const QVariant& cell) {
  if (!cell.isValid()) return QStringLiteral("NULL");
  if (cell.canConvert<Instant>()) return dateAndTime(cell.value<Instant>(), TimeZone::Utc);
  if (cell.typeId() == QMetaType::QByteArray) {
    const QByteArray raw = cell.toByteArray();
    return QStringLiteral("\\x") + QString::fromLatin1(raw.left(64).toHex()) + (raw.size() > 64 ? QStringLiteral("…") : QString());
  }
  if (cell.typeId() == QMetaType::Double) return QString::number(cell.toDouble(), 'g', QLocale::FloatingPointShortest);
  return cell.toString();
}

QString zoneName(TimeZone zone, Instant at) {
  return zone == TimeZone::Utc ? QStringLiteral("UTC") : dateTimeOf(at, zone).timeZoneAbbreviation();
}

QString timeOfDay(Instant at, TimeZone zone) {
  return isKnown(at) ? dateTimeOf(at, zone).toString(QStringLiteral("HH:mm:ss")) : noValue;
}

QString dateAndTime(Instant at, TimeZone zone) {
  if (!isKnown(at)) return noValue;
  return dateTimeOf(at, zone).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz ")) + zoneName(zone, at);
}

QString bothZones(Instant at) {
  if (!isKnown(at)) return {};
  return dateAndTime(at, TimeZone::Local) + '\n' + dateAndTime(at, TimeZone::Utc);
}

}  // namespace penstock::ui
