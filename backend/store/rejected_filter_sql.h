#pragma once

// Turns a RejectedFilter into a WHERE clause over the table `rejected`. Private to store/.

#include <deque>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/rejected_index.h"

namespace penstock {

// The status as the table keeps it; -1: unknown name.
int code_of_rejected_status(const std::string& status);
const char* name_of_rejected_status(std::int64_t code);

class RejectedFilterSql {
 public:
  // Looks ids up in the database, whose lock the caller holds; ids that are not known match nothing.
  static Result<RejectedFilterSql> make(Database& database, const RejectedFilter& filter);

  // "1 = 1 AND …", with anonymous parameters: the same few texts again and again, so that they stay prepared.
  const std::string& where() const { return where_; }
  // The rows are so few that each is looked up by its number: no index is to be read from end to end.
  bool is_few() const { return is_few_; }
  // For where(); valid as long as this object is.
  std::vector<SqlValue> values() const;

 private:
  void also(std::string_view condition) { where_.append(" AND ").append(condition); }
  void bind(std::string text) { texts_.push_back(std::move(text)); order_.push_back(-1); }
  void bind(std::int64_t number) { order_.push_back(static_cast<int>(numbers_.size())); numbers_.push_back(number); }

  std::string where_ = "1 = 1";
  bool is_few_ = false;
  std::deque<std::string> texts_;
  std::vector<std::int64_t> numbers_;
  std::vector<int> order_;          // of the parameters: -1 the next text, else an index into numbers_
};

}  // namespace penstock
