#pragma once

#include <QProcess>
#include <QTemporaryDir>

namespace penstock::test {

// A server that a script of tests/peers starts on a loopback port, below a folder of its own.
class PeerScript {
 public:
  // `port_variable` is what the script reads its port from.
  PeerScript(QString name, QString port_variable, int port) : name_(std::move(name)), port_variable_(std::move(port_variable)), port_(port) {}

  // What went wrong; empty when it did what `verb` says.
  QString run(const QString& verb, bool keeps_data = false) const {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PENSTOCK_PEERS_DIR", folder_.path());
    environment.insert(port_variable_, QString::number(port_));
    if (keeps_data) environment.insert("KEEP", "1");
    process.setProcessEnvironment(environment);
    process.start(qEnvironmentVariable("PENSTOCK_SOURCE") + "/tests/peers/" + name_, {verb});
    if (!process.waitForFinished(180'000)) return "tests/peers/" + name_ + " does not end";
    return process.exitCode() == 0 ? QString() : QString::fromUtf8(process.readAllStandardError());
  }

  int port() const { return port_; }

 private:
  QTemporaryDir folder_;
  const QString name_, port_variable_;
  const int port_;
};

// The lines that a client program prints; its complaint where it fails.
inline QStringList lines_of_program(const QString& program, const QStringList& arguments, const QProcessEnvironment& environment = QProcessEnvironment::systemEnvironment()) {
  QProcess process;
  process.setProcessEnvironment(environment);
  process.start(program, arguments);
  process.waitForFinished(120'000);
  const QString out = QString::fromUtf8(process.readAllStandardOutput());
  if (process.exitCode() != 0) return {program + ": " + QString::fromUtf8(process.readAllStandardError())};
  return out.split('\n', Qt::SkipEmptyParts);
}

}  // namespace penstock::test
