#include <QTest>

#include "workspace/loader.h"
#include "workspace/yaml_documents.h"

using namespace penstock;

namespace {

QStringList problems_of(const std::string& text) {
  Problems problems;
  read_yaml("f.yaml", text, problems);
  QStringList lines;
  for (const Problem& problem : problems) lines << QString::fromStdString(problem.to_string());
  return lines;
}

}  // namespace

class YamlDocumentsTest : public QObject {
  Q_OBJECT
 private slots:
  void every_value_knows_its_place() {
    Problems problems;
    const auto documents = read_yaml("f.yaml", "a: 1\nb:\n  - x\n  - { c: y }\n", problems);
    QCOMPARE(documents.size(), std::size_t{1});
    const Setting& root = documents[0].root;
    QCOMPARE(root.find("a")->at.to_string(), std::string("f.yaml:1:4"));
    QCOMPARE(root.find("b")->key_at.to_string(), std::string("f.yaml:2:1"));
    QCOMPARE(root.find("b")->items[1].find("c")->at.to_string(), std::string("f.yaml:4:10"));
  }

  void an_alias_stands_for_a_copy() {
    Problems problems;
    const auto documents = read_yaml("f.yaml", "a: &x { k: v }\nb: *x\n", problems);
    QVERIFY(problems.empty());
    QCOMPARE(documents[0].root.find("b")->find("k")->text, std::string("v"));
  }

  void a_key_twice_is_a_problem_and_the_first_counts() {
    Problems problems;
    const auto documents = read_yaml("f.yaml", "a: 1\nb: 2\na: 3\n", problems);
    QCOMPARE(problems.at(0).to_string(), std::string("f.yaml:3:1: the key 'a' stands here twice; expected each key once; the first is in line 1"));
    QCOMPARE(documents[0].root.find("a")->text, std::string("1"));
  }

  void broken_yaml_is_a_problem_with_its_place() {
    const QStringList lines = problems_of("a: [1, 2\nb: }\n");
    QCOMPARE(lines.size(), 1);
    QVERIFY2(lines[0].startsWith("f.yaml:2:"), qPrintable(lines[0]));
  }

  void a_token_that_begins_no_value_ends_the_reading() {
    const QString expected = "f.yaml:%1: something that belongs to no value; expected YAML that a person would write";
    QCOMPARE(problems_of("{a: b}, c"), QStringList(expected.arg("1:7")));
    QCOMPARE(problems_of("- a\nb: c"), QStringList(expected.arg("2:1")));
    QCOMPARE(problems_of("a: b\n--- # next\nc: d\n--- {e: f}\n"), QStringList());
  }

  void bytes_that_are_no_text_are_refused() {
    QCOMPARE(problems_of(std::string("a: 1\nb: \xC3\x28\n")), QStringList("f.yaml:2:4: a byte that is not UTF-8 text; expected a text file in UTF-8"));
    QCOMPARE(problems_of(std::string("\x7F\x45\x4C\x46\x02\xFF\xFE", 7)).size(), 1);
  }

  void deep_nesting_is_refused() {
    const QStringList lines = problems_of("a: " + std::string(10'000, '[') + std::string(10'000, ']'));
    QCOMPARE(lines, QStringList("f.yaml:1:51: more than 48 levels of nesting; expected YAML that a person would write"));
    QVERIFY(problems_of(std::string(100'000, '[')).value(0).contains("more than 48 levels of nesting"));
  }

  void aliases_that_multiply_are_refused() {
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; ++i) {
      const std::string one = "*a" + std::to_string(i - 1);
      bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + one;
      for (int k = 0; k < 9; ++k) bomb += "," + one;
      bomb += "]\n";
    }
    const QStringList lines = problems_of(bomb);
    QCOMPARE(lines.size(), 1);
    QVERIFY2(lines[0].contains("more than 100000 values in one document"), qPrintable(lines[0]));
  }

  void aliases_that_nest_are_refused() {
    std::string tower = "a0: &a0 [x]\n";
    for (int i = 1; i < 60; ++i) tower += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
    QVERIFY(problems_of(tower).value(0).contains("levels of nesting"));
  }

  void an_alias_of_itself_is_refused() { QVERIFY(problems_of("a: &a [ *a ]\n").value(0).contains("an alias inside of what it stands for")); }

  void a_huge_file_is_refused() {
    QCOMPARE(problems_of(std::string((1 << 20) + 1, 'a')), QStringList("f.yaml:1:1: the file has 1048577 bytes; expected at most 1 MiB of YAML in a file"));
  }
};

QTEST_GUILESS_MAIN(YamlDocumentsTest)
#include "yaml_documents_test.moc"
