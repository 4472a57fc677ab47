#include "engine/seeds.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace penstock {

class SeedsTest : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void what_is_written_stands_in_the_workspace_and_in_the_copy_that_runs();
  void an_edit_of_an_older_text_is_refused();
  void a_row_with_too_few_fields_is_refused();
  void an_unknown_seed_is_not_found();

 private:
  QByteArray read(const QString& path) const {
    QFile file(folder_->filePath(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }
  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<AppliedWorkspace> applied_;
  std::unique_ptr<Seeds> seeds_;
};

void SeedsTest::init() {
  folder_ = std::make_unique<QTemporaryDir>();
  for (const char* root : {"workspace", "copy"}) {
    QDir(folder_->path()).mkpath(QString(root) + "/seeds");
    QFile file(folder_->filePath(QString(root) + "/seeds/stores.csv"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("id,name\n1,\"Leeds, north\"\n");
  }
  auto workspace = std::make_shared<Workspace>();
  workspace->seeds.push_back({"stores", "seeds/stores.csv"});
  applied_ = std::make_unique<AppliedWorkspace>();
  applied_->set({.workspace = workspace, .number = 1, .folder = folder_->filePath("copy").toStdString()});
  seeds_ = std::make_unique<Seeds>(*applied_, folder_->filePath("workspace").toStdString());
}

void SeedsTest::what_is_written_stands_in_the_workspace_and_in_the_copy_that_runs() {
  const auto before = seeds_->read("stores");
  QVERIFY(before.ok());
  QCOMPARE(before->path, std::string("seeds/stores.csv"));
  QVERIFY(seeds_->write("stores", before->csv + "2,York\n", before->revision).ok());
  QCOMPARE(read("workspace/seeds/stores.csv"), QByteArray("id,name\n1,\"Leeds, north\"\n2,York\n"));
  QCOMPARE(read("copy/seeds/stores.csv"), read("workspace/seeds/stores.csv"));
  QVERIFY(seeds_->read("stores")->revision != before->revision);
}

void SeedsTest::an_edit_of_an_older_text_is_refused() {
  const auto before = seeds_->read("stores");
  QVERIFY(seeds_->write("stores", "id,name\n3,Hull\n", before->revision).ok());
  const auto late = seeds_->write("stores", "id,name\n4,Bath\n", before->revision);
  QVERIFY(!late.ok());
  QCOMPARE(late.error().kind, ErrorKind::failed_precondition);
  QCOMPARE(read("workspace/seeds/stores.csv"), QByteArray("id,name\n3,Hull\n"));
}

void SeedsTest::a_row_with_too_few_fields_is_refused() {
  const auto before = seeds_->read("stores");
  const auto written = seeds_->write("stores", "id,name\n1,Leeds\n2\n", before->revision);
  QVERIFY(!written.ok());
  QCOMPARE(written.error().kind, ErrorKind::invalid_argument);
  QCOMPARE(written.error().message, std::string("line 3 has 1 fields, the header 2"));
  QCOMPARE(read("copy/seeds/stores.csv"), QByteArray("id,name\n1,\"Leeds, north\"\n"));
}

void SeedsTest::an_unknown_seed_is_not_found() { QCOMPARE(seeds_->read("shops").error().kind, ErrorKind::not_found); }

}  // namespace penstock

QTEST_GUILESS_MAIN(penstock::SeedsTest)
#include "seeds_test.moc"
