#pragma once

#include <optional>
#include <QSize>
#include <QString>
#include <QStringList>

namespace penstock {

// What the command line of `penstock` asks for.
struct ConsoleOptions {
  QString workspace;            // a folder; empty: none
  QString link;                 // penstock://…; empty: none
  QString environment;
  QStringList connect;          // HOST:PORT
  QString tokenFile;            // for all of `connect`
  QString captureFolder;        // write pictures there and end
  int captureAfterSeconds = 0;  // wait so long first
  QSize captureSize{1'600, 1'000};      // of the window, before scale
  QString theme;                // dark, light; empty: as the preferences say
  double scale = 0;             // 0: as the preferences say
  bool demo = false;
};

// Reads it without a QApplication, because the scale has to be known before there is one. Prints help, or what is wrong,
// and gives the exit code where the program should end right away.
std::optional<int> readOptions(const QStringList& arguments, ConsoleOptions& options);

}  // namespace penstock
