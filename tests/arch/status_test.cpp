#include <QTest>

#include <regex>

#include "arch/source_tree.h"

using namespace penstock::arch;

namespace {

namespace fs = std::filesystem;

// The names in the second cell of each row of docs/status.md. A name is `folder/subject.function` (a test function),
// `folder/subject` (a whole test), or a path from the root of the repository.
std::vector<std::string> named_tests(const std::string& status) {
  static const std::regex row(R"(^\|(.*)\|([^|]*)\|[ \t]*$)", std::regex::multiline);
  static const std::regex name("`([^`]+)`");
  std::vector<std::string> names;
  for (auto it = std::sregex_iterator(status.begin(), status.end(), row); it != std::sregex_iterator(); ++it) {
    const std::string cell = (*it)[2];
    for (auto found = std::sregex_iterator(cell.begin(), cell.end(), name); found != std::sregex_iterator(); ++found)
      names.push_back((*found)[1]);
  }
  return names;
}

// The rows whose second cell names no test and does not say `missing` either.
std::vector<std::string> rows_without_answer(const std::string& status) {
  static const std::regex row(R"(^\|(.*)\|([^|]*)\|[ \t]*$)", std::regex::multiline);
  std::vector<std::string> rows;
  for (auto it = std::sregex_iterator(status.begin(), status.end(), row); it != std::sregex_iterator(); ++it) {
    const std::string cell = (*it)[2];
    const bool head = cell.find("---") != std::string::npos || cell.find("test or missing") != std::string::npos;
    if (!head && cell.find("missing") == std::string::npos && cell.find('`') == std::string::npos) rows.push_back((*it)[1]);
  }
  return rows;
}

bool exists(const fs::path& root, const std::string& name) {
  if (fs::exists(root / name)) return true;
  const std::size_t dot = name.rfind('.');
  const std::string file = "tests/" + name.substr(0, dot) + "_test.cpp";
  if (!fs::exists(root / file)) return false;
  return dot == std::string::npos || text_of(root / file).find("void " + name.substr(dot + 1) + "(") != std::string::npos;
}

}  // namespace

class StatusTest : public QObject {
  Q_OBJECT
 private slots:
  void every_named_test_exists() {
    const fs::path root = qEnvironmentVariable("PENSTOCK_SOURCE").toStdString();
    const std::vector<std::string> names = named_tests(text_of(root / "docs/status.md"));
    QVERIFY(!names.empty());
    QStringList absent;
    for (const std::string& name : names)
      if (!exists(root, name)) absent << QString::fromStdString(name);
    QVERIFY2(absent.isEmpty(), qPrintable(absent.join("\n")));
  }

  void every_sentence_has_a_test_or_says_missing() {
    const fs::path root = qEnvironmentVariable("PENSTOCK_SOURCE").toStdString();
    QStringList rows;
    for (const std::string& row : rows_without_answer(text_of(root / "docs/status.md"))) rows << QString::fromStdString(row);
    QVERIFY2(rows.isEmpty(), qPrintable(rows.join("\n")));
  }

  // The check itself.
  void a_test_that_does_not_exist_is_noticed() {
    const fs::path root = qEnvironmentVariable("PENSTOCK_SOURCE").toStdString();
    QVERIFY(exists(root, "arch/status.every_named_test_exists"));
    QVERIFY(exists(root, "arch/status"));
    QVERIFY(exists(root, "installer/test"));
    QVERIFY(!exists(root, "arch/status.no_such_function"));
    QVERIFY(!exists(root, "arch/no_such_test"));
    QCOMPARE(named_tests("| a sentence | `x/y.z`, `u/v` |\n| b | missing |\n"), (std::vector<std::string>{"x/y.z", "u/v"}));
    QCOMPARE(rows_without_answer("| a | |\n| b | missing |\n| c | `x` |\n"), (std::vector<std::string>{" a "}));
  }
};

QTEST_GUILESS_MAIN(StatusTest)
#include "status_test.moc"
