#include "console/options.h"

#include <cstdio>
#include <QCommandLineParser>
#include <QRegularExpression>

namespace penstock {

std::optional<int> readOptions(const QStringList& arguments, ConsoleOptions& options) {
  QCommandLineParser parser;
  parser.setApplicationDescription(QStringLiteral("Operations console for data pipelines.\n\n"
                                                  "  penstock resources/workspaces/retail\n"
                                                  "  penstock --connect engine-1:7700 --token-file ~/.penstock-token\n"
                                                  "  penstock --demo --capture pictures --theme light --scale 2"));
  const QCommandLineOption help({"h", "help"}, QStringLiteral("Print this help."));
  const QCommandLineOption connect("connect", QStringLiteral("Show the engine at this address too; may be given several times."), "HOST:PORT");
  const QCommandLineOption token("token-file", QStringLiteral("File with the token for --connect."), "FILE");
  const QCommandLineOption capture("capture", QStringLiteral("Wait for live data, write a picture of each page there, and end."), "DIR");
  const QCommandLineOption after("after", QStringLiteral("With --capture: let so many seconds go by first."), "SECONDS");
  const QCommandLineOption size("size", QStringLiteral("With --capture: the window's size before --scale, 1600x1000 unless told."), "WxH");
  const QCommandLineOption theme("theme", QStringLiteral("dark or light."), "NAME");
  const QCommandLineOption scale("scale", QStringLiteral("Size of everything, 1 to 3."), "FACTOR");
  const QCommandLineOption demo("demo", QStringLiteral("Run the demo company."));
  const QCommandLineOption environment("env", QStringLiteral("Environment of penstock.yaml."), "NAME");
  parser.addOptions({help, connect, token, capture, after, size, theme, scale, demo, environment});
  parser.addPositionalArgument("workspace", QStringLiteral("A folder with penstock.yaml, or a penstock:// link."), "[WORKSPACE]");
  const auto wrong = [&](const QString& what) {
    std::fprintf(stderr, "penstock: %s\nTry --help.\n", qPrintable(what));
    return 2;
  };
  if (!parser.parse(arguments)) return wrong(parser.errorText());
  if (parser.isSet(help)) {
    std::fputs(qPrintable(parser.helpText()), stdout);
    return 0;
  }
  const QStringList positional = parser.positionalArguments();
  if (positional.size() > 1) return wrong(QStringLiteral("one workspace at a time"));
  if (!positional.isEmpty()) (positional.front().startsWith("penstock://") ? options.link : options.workspace) = positional.front();
  options.environment = parser.value(environment);
  options.connect = parser.values(connect);
  options.tokenFile = parser.value(token);
  options.captureFolder = parser.value(capture);
  if (parser.isSet(after)) {
    bool isNumber = false;
    options.captureAfterSeconds = parser.value(after).toInt(&isNumber);
    if (!isNumber || options.captureAfterSeconds < 0 || options.captureAfterSeconds > 3600) return wrong(QStringLiteral("--after is a number of seconds up to 3600"));
  }
  if (parser.isSet(size)) {
    const auto parts = QRegularExpression(QStringLiteral("^([0-9]{3,4})x([0-9]{3,4})$")).match(parser.value(size));
    options.captureSize = QSize(parts.captured(1).toInt(), parts.captured(2).toInt());
    if (!parts.hasMatch() || options.captureSize.width() < 800 || options.captureSize.height() < 600)
      return wrong(QStringLiteral("--size is a width and a height from 800x600 to 9999x9999, such as 1280x800"));
  }
  options.theme = parser.value(theme);
  options.demo = parser.isSet(demo);
  if (!options.theme.isEmpty() && options.theme != "dark" && options.theme != "light") return wrong(QStringLiteral("--theme is dark or light"));
  if (parser.isSet(scale)) {
    bool isNumber = false;
    options.scale = parser.value(scale).toDouble(&isNumber);
    if (!isNumber || options.scale < 1 || options.scale > 3) return wrong(QStringLiteral("--scale is a number from 1 to 3"));
  }
  return std::nullopt;
}

}  // namespace penstock
