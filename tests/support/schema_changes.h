#pragma once

// Tables of changes to a schema, each with what keeps the new one from reading what the old one has written.

#include <QStringList>
#include <QTest>

#include "io/compatibility.h"

namespace penstock::test {

struct SchemaChange {
  const char* what;
  const char* was;
  const char* is;
  const char* incompatibilities;      // "TYPE #/path; …", in order; empty: compatible
};

// As data of a test function: the number of each.
template <std::size_t N>
void add_changes(const SchemaChange (&changes)[N]) {
  QTest::addColumn<int>("number");
  for (int i = 0; i < static_cast<int>(N); ++i) QTest::newRow(changes[i].what) << i;
}

inline QString text_of(const std::vector<Incompatibility>& incompatibilities) {
  QStringList all;
  for (const Incompatibility& one : incompatibilities) all << QString::fromStdString(one.type + " " + one.path);
  return all.join("; ");
}

}  // namespace penstock::test
