#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QStandardPaths>

#include "e2e/programs.h"

namespace penstock::e2e {

// The two commands: what they say before they build anything, and, where all is built, the rest. From nothing they are run
// by people and by CI, which begin with them.
class InstallerTest : public QObject {
  Q_OBJECT

 private slots:
  void without_root_it_prints_the_one_command_and_ends_with_2_data();
  void without_root_it_prints_the_one_command_and_ends_with_2();
  void a_wrong_option_ends_with_2();
  void help_says_what_it_does();
  void what_is_built_is_not_built_again();
  void with_no_display_the_demo_shows_its_states_and_pages_and_ends();

 private:
  // Runs a program of installer/ with `commands` (name → shell text) before all others in its path, for a user who has
  // never started Penstock and has no display.
  Ended run(const QString& name, const QStringList& arguments, const std::vector<std::pair<QString, QByteArray>>& commands);
  // That these tests were built with.
  static QString preset() { return QFileInfo(QFileInfo(qEnvironmentVariable("PENSTOCK_BIN")).path()).fileName(); }
};

Ended InstallerTest::run(const QString& name, const QStringList& arguments, const std::vector<std::pair<QString, QByteArray>>& commands) {
  QTemporaryDir folder;
  for (const auto& [command, text] : commands) {
    QFile file(folder.path() + "/" + command);
    if (!file.open(QIODevice::WriteOnly)) return {};
    file.write("#!/bin/sh\n" + text + "\n");
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  }
  QProcess process;
  auto environment = QProcessEnvironment::systemEnvironment();
  environment.insert("PATH", folder.path() + ":" + environment.value("PATH"));
  for (const char* kind : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"}) {
    QDir().mkpath(folder.filePath(kind));
    environment.insert(kind, folder.filePath(kind));
  }
  QFile::setPermissions(folder.filePath("XDG_RUNTIME_DIR"), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  for (const char* display : {"DISPLAY", "WAYLAND_DISPLAY"}) environment.remove(display);
  process.setProcessEnvironment(environment);
  process.start(qEnvironmentVariable("PENSTOCK_SOURCE") + "/installer/" + name, arguments);
  process.waitForFinished(300'000);
  return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput().toStdString(), process.readAllStandardError().toStdString()};
}

void InstallerTest::without_root_it_prints_the_one_command_and_ends_with_2_data() {
  QTest::addColumn<QString>("program");
  QTest::newRow("run") << "run";
  QTest::newRow("test") << "test";
}

void InstallerTest::without_root_it_prints_the_one_command_and_ends_with_2() {
  QFETCH(QString, program);
  if (QStandardPaths::findExecutable("dpkg-query").isEmpty()) return;      // another distribution: nothing is installed for the user
  // A machine on which everything but ninja is there, and a user who is not root.
  const auto ended = run(program, {}, {{"dpkg-query", "PATH=${PATH#*:} dpkg-query \"$@\" | grep -v ' ninja-build$'"}, {"id", "echo 1000"}});
  QCOMPARE(ended.exit_code, 2);
  QVERIFY2(ended.err.find("sudo apt-get update && sudo apt-get install -y --no-install-recommends ninja-build\n") != std::string::npos, ended.err.c_str());
}

void InstallerTest::a_wrong_option_ends_with_2() {
  const auto ended = run("run", {"--buld-only"}, {});
  QCOMPARE(ended.exit_code, 2);
  QVERIFY2(ended.err.find("--buld-only") != std::string::npos && ended.err.find("--help") != std::string::npos, ended.err.c_str());
}

void InstallerTest::help_says_what_it_does() {
  for (const char* program : {"run", "test"}) {
    const auto ended = run(program, {"--help"}, {});
    QCOMPARE(ended.exit_code, 0);
    QVERIFY(ended.out.find(std::string("installer/") + program) != std::string::npos);
  }
}

void InstallerTest::what_is_built_is_not_built_again() {
  QCOMPARE(run("run", {"--preset", preset(), "--build-only"}, {}).exit_code, 0);
  const auto ended = run("run", {"--preset", preset(), "--build-only"}, {});
  QVERIFY2(ended.exit_code == 0, ended.err.c_str());
  QVERIFY2(ended.err.find("no work to do") != std::string::npos, ended.err.c_str());
  QVERIFY2(ended.err.find("the programs are in build/" + preset().toStdString() + "/bin/") != std::string::npos, ended.err.c_str());
}

void InstallerTest::with_no_display_the_demo_shows_its_states_and_pages_and_ends() {
  const QDir pictures(qEnvironmentVariable("PENSTOCK_SOURCE") + "/build/pictures");
  for (const QString& old : pictures.entryList({"*.png"})) QVERIFY(QFile::remove(pictures.filePath(old)));
  const auto ended = run("run", {"--preset", preset()}, {});
  QVERIFY2(ended.exit_code == 0, ended.err.c_str());
  const QRegularExpression row("^[a-z_]+ +(running|degraded|stuck) ", QRegularExpression::MultilineOption);
  int pipelines = 0;
  for (auto rows = row.globalMatch(QString::fromStdString(ended.out)); rows.hasNext(); rows.next()) ++pipelines;
  QVERIFY2(pipelines == 12, ended.out.c_str());
  for (const char* page : {"overview", "lineage", "latency", "quality", "replay", "pods", "query", "activity", "settings"})
    QVERIFY2(pictures.exists(QString("%1-light.png").arg(page)), page);
}

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::InstallerTest)
#include "installer_test.moc"
