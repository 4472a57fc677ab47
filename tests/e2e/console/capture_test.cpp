// `penstock --capture`: the shipped program, on the demo, without a display.

#include <QImage>
#include <QRegularExpression>

#include "e2e/console/console_at_work.h"
#include "shell/page_list.h"
#include "widgets/theme.h"

using namespace penstock;
using namespace penstock::e2e;

class ConsoleCaptureTest : public QObject {
  Q_OBJECT
 private slots:
  void everyPageIsWrittenFromLiveData_data();
  void everyPageIsWrittenFromLiveData();
  void whatCannotBeWrittenIsSaidAndEndsWith1();
  void aSizeThatIsNoneIsRefused();
};

namespace {

int coloursIn(const QImage& image) {
  QSet<QRgb> seen;
  for (int y = 0; y < image.height(); y += 4)
    for (int x = 0; x < image.width(); x += 4) seen.insert(image.pixel(x, y));
  return static_cast<int>(seen.size());
}

}  // namespace

void ConsoleCaptureTest::everyPageIsWrittenFromLiveData_data() {
  QTest::addColumn<QString>("theme");
  QTest::addColumn<double>("scale");
  QTest::addColumn<QSize>("size");
  QTest::newRow("dark, half as large again") << "dark" << 1.5 << QSize();
  QTest::newRow("light, twice the size") << "light" << 2.0 << QSize();
  QTest::newRow("dark, a small window") << "dark" << 1.0 << QSize(1'280, 800);
}

void ConsoleCaptureTest::everyPageIsWrittenFromLiveData() {
  QFETCH(QString, theme);
  QFETCH(double, scale);
  QFETCH(QSize, size);
  const EmptyHome home;
  const QString folder = home.path("pictures");
  QStringList arguments{"--demo", "--capture", folder, "--theme", theme, "--scale", QString::number(scale)};
  if (size.isValid()) arguments << "--size" << QString("%1x%2").arg(size.width()).arg(size.height());
  const Ended ended = run_program("penstock", arguments);
  QVERIFY2(ended.exit_code == 0, ended.err.c_str());
  // The states that no display shows.
  for (const char* pipeline : {"pos_sales", "loyalty", "web_clicks"}) {
    const QRegularExpression row(QString("^%1 +(running|starting|catching up)").arg(pipeline), QRegularExpression::MultilineOption);
    QVERIFY2(row.match(QString::fromStdString(ended.out)).hasMatch(), ended.out.c_str());
  }

  const ui::Theme& colours = theme == "dark" ? ui::Theme::darkTheme() : ui::Theme::lightTheme();
  for (const auto& page : ui::pageList()) {
    const QString name = scale == 1 ? QString("%1-%2.png").arg(page.id, theme) : QString("%1-%2-%3x.png").arg(page.id, theme).arg(scale);
    const QImage picture(folder + "/" + name);
    QVERIFY2(!picture.isNull(), qPrintable(name));
    QCOMPARE(picture.size(), (size.isValid() ? size : QSize(1'600, 1'000)) * scale);
    QCOMPARE(picture.pixelColor(20, 20), colours.panel);        // of the top bar
    QVERIFY2(coloursIn(picture) > 20, qPrintable(name));
  }
  QCOMPARE(QDir(folder).entryList({"*.png"}).size(), static_cast<qsizetype>(ui::pageList().size()));
}

void ConsoleCaptureTest::whatCannotBeWrittenIsSaidAndEndsWith1() {
  const EmptyHome home;
  QFile file(home.path("in-the-way"));
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.close();
  const Ended ended = run_program("penstock", {"--demo", "--capture", home.path("in-the-way/pictures")});
  QCOMPARE(ended.exit_code, 1);
  QVERIFY2(ended.err.find("could not be written") != std::string::npos, ended.err.c_str());
}

void ConsoleCaptureTest::aSizeThatIsNoneIsRefused() {
  const EmptyHome home;
  for (const char* size : {"big", "1280", "1280x", "100x100", "-1280x800"}) {
    const Ended ended = run_program("penstock", {"--demo", "--capture", home.path("pictures"), "--size", size});
    QCOMPARE(ended.exit_code, 2);
    QVERIFY2(ended.err.find("--size") != std::string::npos, ended.err.c_str());
  }
  QVERIFY(!QFile::exists(home.path("pictures")));
}

QTEST_GUILESS_MAIN(ConsoleCaptureTest)
#include "capture_test.moc"
