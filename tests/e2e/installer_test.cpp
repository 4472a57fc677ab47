#include <QStandardPaths>

#include "e2e/programs.h"

namespace penstock::e2e {

// What the two commands say before they build anything.
class InstallerTest : public QObject {
  Q_OBJECT

 private slots:
  void without_root_it_prints_the_one_command_and_ends_with_2_data();
  void without_root_it_prints_the_one_command_and_ends_with_2();
  void a_wrong_option_ends_with_2();
  void help_says_what_it_does();

 private:
  // Runs a program of installer/ with `commands` (name → shell text) before all others in its path.
  Ended run(const QString& name, const QStringList& arguments, const std::vector<std::pair<QString, QByteArray>>& commands);
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
  process.setProcessEnvironment(environment);
  process.start(qEnvironmentVariable("PENSTOCK_SOURCE") + "/installer/" + name, arguments);
  process.waitForFinished(60'000);
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

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::InstallerTest)
#include "installer_test.moc"
