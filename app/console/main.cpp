// penstock: the console. Wiring only.

#include <QApplication>

#include "console/console.h"
#include "console/options.h"
#include "serving/logging.h"
#include "viewmodels/preferences.h"

int main(int count, char** values) {
  penstock::ConsoleOptions options;
  QStringList arguments;
  for (int i = 0; i < count; ++i) arguments << QString::fromLocal8Bit(values[i]);
  if (const auto code = penstock::readOptions(arguments, options)) return *code;

  const double scale = options.scale > 0 ? options.scale : penstock::ui::Preferences().scalePercent() / 100.0;
  if (scale != 1) qputenv("QT_SCALE_FACTOR", QByteArray::number(scale));
  QApplication application(count, values);
  QApplication::setApplicationName(QStringLiteral("penstock"));
  QApplication::setApplicationDisplayName(QStringLiteral("Penstock"));

  const auto logs = penstock::log_as_engine(penstock::LogTo::nowhere);
  penstock::Console console(options, logs);
  console.start();
  return QApplication::exec();
}
