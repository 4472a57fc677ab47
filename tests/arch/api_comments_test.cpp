#include <QTest>

#include <regex>
#include <sstream>

#include "arch/source_tree.h"

using namespace penstock::arch;

namespace {

namespace fs = std::filesystem;

// Calls, fields and values of a .proto file that no comment explains: none behind them and none on the line above.
// A comment above a message does not speak for its fields.
std::vector<std::string> uncommented(const std::string& text) {
  static const std::regex member(R"(^\s+(rpc\s+\w+|(repeated\s+|optional\s+)?[\w.<>, ]+\s+\w+\s*=\s*\d+|[A-Z0-9_]+\s*=\s*\d+).*;.*$)");
  static const std::regex comment(R"(^\s*//.*$)");
  std::vector<std::string> found;
  std::istringstream lines(text);
  std::string line, above;
  for (int number = 1; std::getline(lines, line); ++number) {
    const bool explained = line.find("//") != std::string::npos || std::regex_match(above, comment);
    if (std::regex_match(line, member) && !explained) found.push_back(std::to_string(number) + ": " + line);
    above = line;
  }
  return found;
}

}  // namespace

class ApiCommentsTest : public QObject {
  Q_OBJECT
 private slots:
  void every_call_and_field_of_the_api_is_explained() {
    const fs::path root = qEnvironmentVariable("PENSTOCK_SOURCE").toStdString();
    QStringList bare;
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(root / "backend/api")) {
      if (entry.path().extension() != ".proto") continue;
      ++files;
      for (const std::string& line : uncommented(text_of(entry.path())))
        bare << QString::fromStdString(entry.path().filename().string() + ":" + line);
    }
    QVERIFY(files > 5);
    QVERIFY2(bare.isEmpty(), qPrintable(bare.join("\n")));
  }

  void a_bare_field_is_found() {
    QCOMPARE(uncommented("message A {\n  int64 b = 1;\n  int64 c = 2;  // c\n}\n").size(), std::size_t(1));
    QCOMPARE(uncommented("service S {\n  rpc Get(A) returns (A);\n  // b\n  rpc Put(A) returns (A);\n}\n").size(), std::size_t(1));
    QCOMPARE(uncommented("enum E {\n  E_A = 0;\n  E_B = 1;  // b\n}\n").size(), std::size_t(1));
  }
};

QTEST_GUILESS_MAIN(ApiCommentsTest)
#include "api_comments_test.moc"
