#pragma once

// A scenario file as values; README.md says what its sections mean.

#include <QFile>
#include <QMap>
#include <QStringList>

#include <vector>

namespace penstock::test {

struct ScenarioRecord {
  QString source;
  std::int32_t partition = 0;
  QByteArray bytes;
};

struct Scenario {
  QMap<QString, QByteArray> files;                        // of the workspace
  std::vector<std::vector<ScenarioRecord>> lives;         // records in the order in which they come, from restart to restart
  QMap<QString, QStringList> expected;                    // by table; JSON objects
  QStringList problems;                                   // what the file itself gets wrong
};

// The records of the sections of one life: one of each in turn, in the order in which the sections stand.
inline std::vector<ScenarioRecord> in_turn(const std::vector<std::vector<ScenarioRecord>>& sections) {
  std::vector<ScenarioRecord> records;
  bool more = true;
  for (std::size_t row = 0; more; ++row) {
    more = false;
    for (const auto& section : sections) {
      if (row >= section.size()) continue;
      records.push_back(section[row]);
      more = true;
    }
  }
  return records;
}

inline Scenario read_scenario(const QString& path) {
  Scenario scenario;
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) {
    scenario.problems << path + " cannot be read";
    return scenario;
  }
  QByteArray text = file.readAll();
  if (text.endsWith('\n')) text.chop(1);

  std::vector<std::vector<ScenarioRecord>> sections;      // of this life
  QStringList section;                                    // words of its heading
  ScenarioRecord record;
  for (const QByteArray& line : text.split('\n')) {
    if (!line.startsWith("--- ")) {
      if (section.isEmpty()) continue;
      if (section[0] == "file") scenario.files[section[1]] += line + '\n';
      if (section[0] == "expect" && !line.isEmpty()) scenario.expected[section[1]] << QString::fromUtf8(line);
      if (section[0] == "input") {
        record.bytes = line;
        sections.back().push_back(record);
      }
      continue;
    }
    section = QString::fromUtf8(line.mid(4)).split(' ', Qt::SkipEmptyParts);
    if (section == QStringList("restart")) {
      scenario.lives.push_back(in_turn(sections));
      sections.clear();
    } else if (section.size() == 2 && section[0] == "file") {
      scenario.files[section[1]];
    } else if (section.size() == 2 && section[0] == "expect") {
      scenario.expected[section[1]];
    } else if (section[0] == "input" && (section.size() == 2 || (section.size() == 4 && section[2] == "partition"))) {
      record = {section[1], section.size() == 4 ? section[3].toInt() : 0, {}};
      sections.emplace_back();
    } else {
      scenario.problems << "no such section: " + QString::fromUtf8(line);
      section.clear();
    }
  }
  scenario.lives.push_back(in_turn(sections));
  if (!scenario.files.contains("penstock.yaml")) scenario.files["penstock.yaml"] = "workspace: scenario\ndefaults: { shards: 1 }\n";
  return scenario;
}

}  // namespace penstock::test
