#include <QTemporaryDir>
#include <QTest>

#include "store/operations_db.h"
#include "store/rejected_index.h"

using namespace penstock;

class RejectedIndexTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<Database> database_;

  // Row `i` of ten: even ones of sales in quarantine, odd ones of loyalty in dead letters.
  static RejectedDetail detail(int i) {
    RejectedDetail detail;
    RejectedRow& row = detail.row;
    row.stream = i % 2 ? "loyalty" : "sales";
    row.table = i % 2 ? "dead_letters" : "quarantine";
    row.step = i % 2 ? "decode" : "silver";
    row.expectation = i % 2 ? "" : i % 4 ? "known_store" : "qty_positive";
    row.reason = i % 2 ? "not JSON at byte 7" : "Store 118 is unknown";
    row.key = "order-" + std::to_string(9 - i);
    row.source = "pos/sales";               // a path may have slashes
    row.position = {i % 3, 1'000 + i};
    row.source_time = 50 + i;
    row.rejected_at = 100 + i;
    row.values = "{\"store_id\":118}";
    detail.raw = std::string("{\"i\":\0", 6) + std::to_string(i);
    detail.key = "k" + std::to_string(i);
    detail.headers = "{\"trace\":\"t\"}";
    return detail;
  }

  static std::vector<std::string> keys(const Result<std::vector<RejectedRow>>& rows) {
    std::vector<std::string> keys;
    for (const RejectedRow& row : *rows) keys.push_back(row.key);
    return keys;
  }
  using Texts = std::vector<std::string>;

 private slots:
  void init() {
    database_ = std::move(open_operations_db(folder_.filePath(QTest::currentTestFunction()).toStdString()).value());
    std::vector<RejectedDetail> rows;
    for (int i = 0; i < 10; ++i) rows.push_back(detail(i));
    QCOMPARE(*RejectedIndex(*database_).insert(rows), 10);
  }

  void a_row_comes_back_whole() {
    const RejectedIndex index(*database_);
    const auto found = index.get("sales/pos/sales/1/1004/0");
    QVERIFY(found.ok() && found->has_value());
    const RejectedDetail& got = **found;
    QCOMPARE(got.row.id, std::string("sales/pos/sales/1/1004/0"));
    QCOMPARE(got.row.expectation, std::string("qty_positive"));
    QCOMPARE(got.row.reason, std::string("Store 118 is unknown"));
    QCOMPARE(got.row.step, std::string("silver"));
    QCOMPARE(got.row.source_time, 54);
    QCOMPARE(got.row.rejected_at, 104);
    QCOMPARE(got.row.status, std::string("open"));
    QCOMPARE(got.row.values, std::string("{\"store_id\":118}"));
    QCOMPARE(got.raw, std::string("{\"i\":\0", 6) + "4");
    QCOMPARE(got.row.raw_bytes, 7);
    QCOMPARE(got.key, std::string("k4"));
    QCOMPARE(got.headers, std::string("{\"trace\":\"t\"}"));
    QVERIFY(!index.get("sales/pos/sales/1/1004/1")->has_value());
    QVERIFY(!index.get("nonsense")->has_value());
  }

  void the_same_epoch_indexed_again_changes_nothing() {
    RejectedIndex index(*database_);
    RejectedDetail again = detail(4);
    again.row.reason = "another";
    QCOMPARE(*index.insert(std::vector{again, detail(5)}), 0);
    QCOMPARE((**index.get("sales/pos/sales/1/1004/0")).row.reason, std::string("Store 118 is unknown"));
    again.row.hop = 1;
    QCOMPARE(*index.insert(std::vector{again}), 1);
    QCOMPARE(*index.count({}), 11);
  }

  void filters_narrow_alone_and_together() {
    const RejectedIndex index(*database_);
    RejectedFilter filter;
    QCOMPARE(*index.count(filter), 10);
    filter.stream = "sales";
    QCOMPARE(*index.count(filter), 5);
    filter.expectation = "known_store";
    QCOMPARE(*index.count(filter), 2);
    filter.from_time = 103;
    QCOMPARE(*index.count(filter), 1);
    filter = {};
    filter.table = "dead_letters";
    filter.to_time = 104;
    QCOMPARE(*index.count(filter), 2);
    filter = {};
    filter.text = "ORDER-3";
    QCOMPARE(*index.count(filter), 1);
    filter.text = "byte 7";
    QCOMPARE(*index.count(filter), 5);
    filter = {};
    filter.only_ids = {"sales/pos/sales/1/1004/0", "loyalty/pos/sales/2/1005/0", "unknown/x/0/0/0"};
    QCOMPARE(*index.count(filter), 2);
    filter.except_ids = {"sales/pos/sales/1/1004/0"};
    QCOMPARE(keys(index.page(filter, RejectedOrder::time, 0, 10)), Texts{"order-4"});
    filter = {};
    filter.status = "lost";
    QCOMPARE(index.count(filter).error().kind, ErrorKind::invalid_argument);
  }

  // Keys of many rows stand together: what is found there is what reading the rows finds.
  void a_text_is_found_in_the_keys_of_many_rows() {
    RejectedIndex index(*database_);
    std::vector<RejectedDetail> rows;
    std::vector<std::string> all_keys;
    for (int i = 0; i < 10; ++i) all_keys.push_back(detail(i).row.key);
    for (int i = 10; i < 30'000; ++i) {
      rows.push_back(detail(i));
      std::string& key = rows.back().row.key;
      key = "Basket " + std::to_string(i * 7919 % 30'000);
      if (i == 5'000) key = std::string("zero\0byte", 9);
      if (i == 9'000) key = "";
      all_keys.push_back(key);
    }
    QCOMPARE(*index.insert(rows), 29'990);
    const auto counted = [&](const std::string& text, std::string stream) {
      RejectedFilter filter;
      filter.text = text;
      filter.stream = std::move(stream);
      return *index.count(filter);
    };
    const auto expected = [&](const std::string& text, int remainder) {
      std::int64_t count = 0;
      for (std::size_t i = 0; i < all_keys.size(); ++i) count += (remainder < 0 || static_cast<int>(i % 2) == remainder) && all_keys[i].find(text) != std::string::npos;
      return count;
    };
    for (const char* text : {"4242", " 29999", "order-", "3", "Basket", "no such key", "t 1"}) {
      QCOMPARE(counted(text, ""), expected(text, -1));
      QCOMPARE(counted(text, "sales"), expected(text, 0));
    }
    QCOMPARE(counted("BASKET 4242", ""), expected("Basket 4242", -1));
    QCOMPARE(counted("zero", ""), 1);
    QCOMPARE(counted(std::string("o\0b", 3), ""), 1);
    QCOMPARE(counted("o\x01" "b", ""), 0);
    // As a row that is read by its number.
    RejectedFilter filter;
    filter.text = "basket 29";
    const auto by_key = index.page(filter, RejectedOrder::key, 0, 3);
    QCOMPARE(keys(by_key), (Texts{"Basket 29", "Basket 290", "Basket 2900"}));
    const auto newest = index.page(filter, RejectedOrder::time, 0, 1);
    QVERIFY(newest->front().key.starts_with("Basket 29"));
    const auto by_time = index.page(filter, RejectedOrder::time, 0, 5'000);
    for (const RejectedRow& row : *by_time) QVERIFY(row.rejected_at <= newest->front().rejected_at);
    for (const auto order : {RejectedOrder::time, RejectedOrder::key, RejectedOrder::reason})
      QCOMPARE(static_cast<std::int64_t>(index.page(filter, order, 0, 5'000)->size()), expected("Basket 29", -1));
    QCOMPARE(*index.mark(filter, "discarded", "c1"), expected("Basket 29", -1));
    QCOMPARE(*index.count(filter), 0);
  }

  // A database of before: the keys of its rows are gathered with the next row that comes.
  void keys_of_an_older_database_are_gathered_later() {
    RejectedIndex index(*database_);
    std::vector<RejectedDetail> rows;
    for (int i = 10; i < 9'000; ++i) rows.push_back(detail(i));
    QCOMPARE(*index.insert(rows), 8'990);
    const auto gathered = [&] {
      auto query = database_->query("SELECT coalesce(sum(rows), 0) FROM rejected_keys");
      return query.ok() && query->next().ok() ? query->integer(0) : -1;
    };
    QCOMPARE(gathered(), 8'192);
    QVERIFY(database_->run("DELETE FROM rejected_keys").ok());
    RejectedFilter filter;
    filter.text = "order--777";
    QCOMPARE(*index.count(filter), 11);
    rows = {detail(9'000)};
    QCOMPARE(*index.insert(rows), 1);
    QCOMPARE(gathered(), 8'192);
    QCOMPARE(*index.count(filter), 11);
  }

  void pages_have_an_order() {
    const RejectedIndex index(*database_);
    QCOMPARE(keys(index.page({}, RejectedOrder::time, 0, 3)), (Texts{"order-0", "order-1", "order-2"}));
    QCOMPARE(keys(index.page({}, RejectedOrder::time, 8, 3)), (Texts{"order-8", "order-9"}));
    QCOMPARE(keys(index.page({}, RejectedOrder::key, 2, 2)), (Texts{"order-2", "order-3"}));
    const auto by_reason = index.page({}, RejectedOrder::reason, 4, 3);
    QCOMPARE((*by_reason)[0].reason, std::string("Store 118 is unknown"));
    QCOMPARE((*by_reason)[1].reason, std::string("not JSON at byte 7"));
    QCOMPARE((*by_reason)[2].reason, std::string("not JSON at byte 7"));
    RejectedFilter sales;
    sales.stream = "sales";
    for (const auto order : {RejectedOrder::time, RejectedOrder::key, RejectedOrder::reason}) QCOMPARE(index.page(sales, order, 0, 100)->size(), std::size_t{5});
  }

  void marked_rows_are_no_longer_open_and_can_be_opened_again() {
    RejectedIndex index(*database_);
    RejectedFilter filter;
    filter.stream = "sales";
    filter.except_ids = {"sales/pos/sales/1/1004/0"};
    QCOMPARE(*index.mark(filter, "redriven", "c1"), 4);
    QCOMPARE(*index.mark(filter, "redriven", "c1"), 0);
    filter = {};
    QCOMPARE(*index.count(filter), 6);
    filter.status = "redriven";
    QCOMPARE(*index.count(filter), 4);
    QCOMPARE(index.page(filter, RejectedOrder::time, 0, 1)->front().command_id, std::string("c1"));
    QCOMPARE(*index.reopen("c1"), 4);
    filter.status = "all";
    QCOMPARE(*index.count(filter), 10);
    QCOMPARE(*index.count({}), 10);
    QCOMPARE(index.mark({}, "open", "c2").error().kind, ErrorKind::invalid_argument);
  }

  void a_redrive_reads_in_batches() {
    const RejectedIndex index(*database_);
    std::int64_t cursor = 0;
    std::vector<std::string> read;
    for (int batch = 0; batch < 4; ++batch) {
      const auto rows = index.read({}, cursor, 4);
      for (const RejectedDetail& row : *rows) read.push_back(row.key);
    }
    QCOMPARE(read, (Texts{"k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"}));
  }

  void a_row_beyond_the_limit_is_cut_and_says_its_size() {
    RejectedIndex index(*database_);
    RejectedDetail huge = detail(4);
    huge.row.hop = 9;
    huge.raw.assign(RejectedIndex::kMaxRawBytes + 5, 'x');
    QCOMPARE(*index.insert(std::vector{huge}), 1);
    const auto got = **index.get("sales/pos/sales/1/1004/9");
    QCOMPARE(static_cast<std::int64_t>(got.raw.size()), RejectedIndex::kMaxRawBytes);
    QCOMPARE(got.row.raw_bytes, RejectedIndex::kMaxRawBytes + 5);
  }
};

QTEST_APPLESS_MAIN(RejectedIndexTest)
#include "rejected_index_test.moc"
