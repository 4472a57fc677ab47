#include "workspace/init.h"

#include "backend/workspace/workspace_texts.h"
#include "connectors/simulate/simulate_connector.h"

#include <QTemporaryDir>

using namespace penstock;
using namespace penstock::testing;

class InitTest : public QObject {
  Q_OBJECT
 private slots:
  void a_new_workspace_has_no_problem() {
    QTemporaryDir folder;
    const std::string path = folder.filePath("it's new").toStdString();
    const auto written = write_new_workspace(path);
    QVERIFY2(written.ok(), written.ok() ? "" : written.error().to_string().c_str());
    QCOMPARE(written->size(), std::size_t{8});
    SettingCatalog catalog = small_catalog();
    catalog.connectors["simulate"] = {.source = simulate_connector().source_settings, .is_source = true};
    const LoadResult result = load_workspace(path, "prod", catalog);
    QCOMPARE(lines_of(result).join("\n"), QString());
    QCOMPARE(result.workspace.name, std::string("it's new"));
    QCOMPARE(result.workspace.streams.size(), std::size_t{1});
    QCOMPARE(result.workspace.tests.size(), std::size_t{1});
  }

  void a_folder_with_files_is_refused_and_left_alone() {
    QTemporaryDir folder;
    QFile file(folder.filePath("mine"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    const auto written = write_new_workspace(folder.path().toStdString());
    QVERIFY(!written.ok());
    QVERIFY(written.error().kind == ErrorKind::already_exists);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList("mine"));
  }

  void a_file_is_refused() {
    QTemporaryDir folder;
    QFile file(folder.filePath("mine"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    QVERIFY(write_new_workspace(file.fileName().toStdString()).error().kind == ErrorKind::already_exists);
  }
};

QTEST_GUILESS_MAIN(InitTest)
#include "init_test.moc"
