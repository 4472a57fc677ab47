#pragma once

// A MariaDB server of a test's own, by tests/peers/mariadb, on a free loopback port; stopped and removed with the object.
// Needs the packages that installer/test installs.

#include "support/loopback_port.h"
#include "support/peer_script.h"

namespace penstock::test {

class MariadbServer {
 public:
  ~MariadbServer() { script_.run("stop"); }

  // What went wrong; empty when it runs.
  QString start() { return script_.run("start"); }

  int port() const { return script_.port(); }

  // The lines that the client prints for `sql`, columns separated by '|', NULL as nothing: read by another program than ours.
  QStringList ask(const QString& sql) const {
    QStringList lines = lines_of_program("mariadb", {"--no-defaults", "-h", "127.0.0.1", "-P", QString::number(port()), "-u", "penstock", "-ppenstock", "--default-character-set=utf8mb4",
                                                     "-N", "-B", "--init-command=SET time_zone = '+00:00', sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'", "-e", sql, "shop"});
    return lines.replaceInStrings("\t", "|").replaceInStrings("NULL", "");
  }

 private:
  const PeerScript script_{"mariadb", "MARIADB_PORT", free_loopback_port()};
};

}  // namespace penstock::test
