#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "connectors/simulate/dice.h"

namespace penstock::simulate {

// How the value of one field is made up.
enum class Make {
  event_id,     // "<text>-<partition>-<offset>": unique in its stream
  store,        // one of 40 stores; the same store always comes from the same partition
  sku,          // one of 200 articles, a few of them much more often
  price,        // the article's price, always the same for a sku
  whole,        // low … high
  amount,       // low … high cents, written with two decimals
  choice,       // one of the words in `text`, separated by '|'
  reference,    // "<text><low … high>"
  email,        // of one of 5,000 customers
  event_time,   // ISO 8601 with milliseconds
};

struct FieldPlan {
  std::string_view name;
  Make make;
  std::string_view text = {};
  std::int64_t low = 0;
  std::int64_t high = 0;
};

struct SystemPlan {
  std::string_view name;
  std::span<const FieldPlan> fields;
};

// The twelve systems of a retailer: pos_sales, ecommerce_orders, inventory, loyalty, …
std::span<const SystemPlan> systems();
const SystemPlan* find_system(std::string_view name);

// What makes one record differ from what its position alone says.
struct Draw {
  std::int32_t partition = 0;
  std::int32_t partitions = 1;
  std::int64_t offset = 0;
  Timestamp event_time;
  std::int64_t store = -1;                // -1: drawn
  bool till_version = false;
};

struct Drawn {
  std::string json;
  std::int64_t store = 0;                 // the record's key
};

Drawn draw_record(const SystemPlan& system, const Draw& draw, Dice dice);

}  // namespace penstock::simulate
