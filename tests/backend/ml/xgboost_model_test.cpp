#include <QCryptographicHash>
#include <QFile>
#include <QTest>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "ml/xgboost_model.h"

using namespace penstock;
using Json = nlohmann::json;

namespace {

std::string path_of(const std::string& name) { return qEnvironmentVariable("PENSTOCK_SOURCE").toStdString() + "/tests/backend/ml/models/" + name; }

std::string text_of(const std::string& name) {
  QFile file(QString::fromStdString(path_of(name)));
  if (!file.open(QIODevice::ReadOnly)) qFatal("there is no fixture %s", name.c_str());
  return file.readAll().toStdString();
}

std::vector<float> values_of(const Json& rows) {
  std::vector<float> values;
  for (const Json& row : rows)
    for (const Json& value : row) values.push_back(value.is_null() ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(value.get<double>()));
  return values;
}

// Why the model is refused; "taken" where it is not.
QString refusal(const std::string& bytes) {
  const auto model = read_xgboost_model(bytes, "m.json");
  return model.ok() ? "taken" : QString::fromStdString(model.error().to_string());
}
QString refusal(const Json& model) { return refusal(model.dump()); }

}  // namespace

// Models that Python has trained (models/make.py), and such as nobody should take.
class XgboostModelTest : public QObject {
  Q_OBJECT
 private slots:
  void predictions_are_those_of_python_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("answers");
    QTest::newRow("JSON, with names") << "fraud.json" << "fraud.json";
    QTest::newRow("UBJSON") << "fraud.ubj" << "fraud.json";
    QTest::newRow("without names") << "unnamed.json" << "unnamed.json";
    QTest::newRow("dart") << "dart.json" << "dart.json";
    QTest::newRow("the likeliest of three classes") << "softmax.json" << "softmax.json";
  }
  void predictions_are_those_of_python() {
    QFETCH(QString, file);
    QFETCH(QString, answers);
    const auto model = load_xgboost_model(path_of(file.toStdString()));
    QVERIFY2(model.ok(), model.ok() ? "" : model.error().to_string().c_str());
    const Json python = Json::parse(text_of("predictions.json"));
    const std::int64_t count = static_cast<std::int64_t>(python["rows"].size());
    const auto predictions = (*model)->predict(values_of(python["rows"]), count);
    QVERIFY2(predictions.ok(), predictions.ok() ? "" : predictions.error().to_string().c_str());
    const Json& expected = python[answers.toStdString()];
    QCOMPARE(predictions->size(), expected.size());
    double lowest = 1, highest = 0;
    for (std::size_t row = 0; row < expected.size(); ++row) {
      const double wanted = expected[row].get<double>();
      QVERIFY2(std::abs((*predictions)[row] - wanted) <= 1e-6, qPrintable(QString("row %1: %2, Python says %3").arg(row).arg((*predictions)[row]).arg(wanted)));
      lowest = std::min(lowest, wanted);
      highest = std::max(highest, wanted);
    }
    QVERIFY(highest - lowest > 0.1);
    // One row by itself as well.
    const auto alone = (*model)->predict(values_of(Json::array({python["rows"][5]})), 1);
    QVERIFY(alone.ok());
    QCOMPARE(alone->front(), (*predictions)[5]);
    QVERIFY((*model)->predict({}, 0).ok());
  }

  void it_says_its_features_and_its_version() {
    const auto model = load_xgboost_model(path_of("fraud.json"));
    QVERIFY(model.ok());
    const ModelInfo& info = (*model)->info();
    QCOMPARE(info.features, std::size_t(4));
    QCOMPARE(info.feature_names, std::vector<std::string>({"amount", "age", "is_new", "drift"}));
    const QByteArray hash = QCryptographicHash::hash(QByteArray::fromStdString(text_of("fraud.json")), QCryptographicHash::Sha256).toHex();
    QCOMPARE(QString::fromStdString(info.version), "fraud.json@" + hash.left(12));
    QCOMPARE(*model_version(path_of("fraud.json")), info.version);
    const auto unnamed = load_xgboost_model(path_of("unnamed.json"));
    QVERIFY(unnamed.ok());
    QVERIFY((*unnamed)->info().feature_names.empty());
    QCOMPARE((*unnamed)->info().features, std::size_t(4));
  }

  void a_model_of_a_later_version_is_refused_by_name() {
    const auto model = load_xgboost_model(path_of("later.json"));
    QVERIFY(!model.ok());
    QCOMPARE(model.error().kind, ErrorKind::unsupported);
    QCOMPARE(model.error().message, std::string("later.json was saved by XGBoost 3.1.3, whose models load here and predict wrongly (base_score is a list)"));
    QCOMPARE(model.error().action, std::string("a model trained and saved with XGBoost 3.0.5 or before (pip install 'xgboost<3.1')"));
    // By each of the two signs alone.
    Json list = Json::parse(text_of("unnamed.json"));
    list["learner"]["learner_model_param"]["base_score"] = "[1.5E-1]";
    QVERIFY(refusal(list).contains("predict wrongly"));
    Json later = Json::parse(text_of("unnamed.json"));
    later["version"] = {4, 0, 0};
    QVERIFY(refusal(later).contains("saved by XGBoost 4.0.0"));
  }

  void what_would_be_computed_otherwise_is_refused_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("reason");
    QTest::newRow("several outputs") << "softprob.json" << "gives several numbers a row (multi:softprob)";
    QTest::newRow("linear") << "linear.json" << "is of the booster 'gblinear'";
    QTest::newRow("categories") << "categories.json" << "has features that are categories";
    QTest::newRow("not there") << "nothing.json" << "there is no model nothing.json";
  }
  void what_would_be_computed_otherwise_is_refused() {
    QFETCH(QString, file);
    QFETCH(QString, reason);
    const auto model = load_xgboost_model(path_of(file.toStdString()));
    QVERIFY(!model.ok());
    QVERIFY2(QString::fromStdString(model.error().message).contains(reason), model.error().message.c_str());
    QVERIFY(!model.error().action.empty());
  }

  void a_damaged_model_never_comes_to_the_library() {
    const std::string whole = text_of("unnamed.json");
    QCOMPARE(refusal(whole), QString("taken"));
    QVERIFY(refusal(std::string()).contains("neither JSON nor UBJSON"));
    QVERIFY(refusal(std::string("binf\x01\x02")).contains("neither JSON nor UBJSON"));
    QVERIFY(refusal(std::string("{}")).contains("says no booster"));
    for (const std::size_t cut : {std::size_t(1), std::size_t(7), whole.size() / 3, whole.size() - 1}) QVERIFY2(refusal(whole.substr(0, cut)) != "taken", std::to_string(cut).c_str());
    const std::string binary = text_of("fraud.ubj");
    for (std::size_t cut = 1; cut < binary.size(); cut += 97) QVERIFY2(refusal(binary.substr(0, cut)) != "taken", std::to_string(cut).c_str());
    QVERIFY(refusal("{\"a\":" + std::string(100000, '[')).contains("nested too deeply"));

    const Json sound = Json::parse(whole);
    const auto broken = [&](const char* place, const Json& value) {
      Json model = sound;
      model[Json::json_pointer(place)] = value;
      return refusal(model);
    };
    const QString trees = "/learner/gradient_booster/model/trees/0";
    const auto of_tree = [&](const char* array, const Json& value) { return broken(qPrintable(trees + array), value); };
    QVERIFY(of_tree("/left_children/0", 99).contains("a node leads out of it"));
    QVERIFY(of_tree("/left_children/0", -7).contains("a node leads out of it"));
    QVERIFY(of_tree("/left_children/1", 0).contains("lead in a circle"));
    QVERIFY(of_tree("/split_indices/0", 4).contains("a feature that it does not have"));
    QVERIFY(of_tree("/split_indices/0", -1).contains("asks for no feature"));
    QVERIFY(of_tree("/split_conditions", Json::array({1.0})).contains("not of one length"));
    QVERIFY(of_tree("/tree_param/num_nodes", "500").contains("not of one length"));
    QVERIFY(of_tree("/parents/2", 3080192).contains("a node has no parent"));
    QVERIFY(of_tree("/split_type/0", 1).contains("asks for categories"));
    QVERIFY(of_tree("/categories_nodes", Json::array({0})).contains("asks for categories"));
    QVERIFY(of_tree("/id", 1).contains("not numbered"));
    QVERIFY(of_tree("/categories", Json::array({1})).contains("asks for categories"));
    QVERIFY(broken("/learner/gradient_booster/model/gbtree_model_param/num_trees", "3").contains("as many trees as it says"));
    QVERIFY(broken("/learner/gradient_booster/model/tree_info/1", 1).contains("belongs to no class"));
    QVERIFY(broken("/learner/learner_model_param/num_feature", "0").contains("number of its features"));
    QVERIFY(broken("/learner/feature_names", Json::array({"a"})).contains("does not name all"));
    QVERIFY(broken("/learner/objective/name", "magic").contains("cannot be loaded: Unknown objective function: `magic`"));
    Json dart = Json::parse(text_of("dart.json"));
    dart["learner"]["gradient_booster"]["weight_drop"] = Json::array({1.0});
    QVERIFY(refusal(dart).contains("as many weights as trees"));
  }
};

QTEST_GUILESS_MAIN(XgboostModelTest)
#include "xgboost_model_test.moc"
