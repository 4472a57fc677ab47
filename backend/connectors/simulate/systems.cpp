#include "connectors/simulate/systems.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace penstock::simulate {
namespace {

constexpr std::int64_t kStores = 40;
constexpr std::int64_t kSkus = 200;
constexpr std::int64_t kCustomers = 5'000;

using enum Make;

constexpr FieldPlan kPosSales[] = {
    {"event_id", event_id, "pos"}, {"store_id", store}, {"register", whole, "", 1, 12},
    {"cashier_id", reference, "C-", 1000, 1399}, {"sku", sku}, {"qty", whole, "", 1, 6}, {"unit_price", price},
    {"discount", amount, "", 0, 299}, {"currency", choice, "GBP|EUR"},
    {"payment_method", choice, "card|card|card|contactless|cash|voucher"}, {"customer_email", email},
    {"sold_at", event_time}};
constexpr FieldPlan kOrders[] = {
    {"event_id", event_id, "ord"}, {"order_id", reference, "WEB-", 100'000, 999'999}, {"store_id", store},
    {"customer_email", email}, {"sku", sku}, {"qty", whole, "", 1, 4}, {"unit_price", price},
    {"shipping", amount, "", 0, 1299}, {"status", choice, "placed|placed|placed|paid|cancelled"},
    {"device", choice, "phone|phone|desktop|tablet"}, {"country", choice, "GB|FR|DE|IE|ES"}, {"ordered_at", event_time}};
constexpr FieldPlan kInventory[] = {
    {"event_id", event_id, "inv"}, {"store_id", store}, {"sku", sku}, {"delta", whole, "", -12, 24},
    {"on_hand", whole, "", 0, 480}, {"reason", choice, "sale|sale|sale|delivery|count|damage"},
    {"bin", reference, "B-", 1, 240}, {"counted_by", reference, "C-", 1000, 1399}, {"changed_at", event_time}};
constexpr FieldPlan kLoyalty[] = {
    {"event_id", event_id, "loy"}, {"member_id", reference, "M-", 10'000, 14'999}, {"store_id", store},
    {"customer_email", email}, {"points", whole, "", -500, 400}, {"balance", whole, "", 0, 25'000},
    {"tier", choice, "blue|blue|blue|silver|silver|gold"}, {"campaign", choice, "none|none|spring|double_points"},
    {"earned_at", event_time}};
constexpr FieldPlan kReturns[] = {
    {"event_id", event_id, "ret"}, {"sale_id", reference, "pos-0-", 0, 99'999}, {"store_id", store}, {"sku", sku},
    {"qty", whole, "", 1, 3}, {"refund", price}, {"reason", choice, "size|faulty|late|changed_mind"},
    {"returned_at", event_time}};
constexpr FieldPlan kFulfilment[] = {
    {"event_id", event_id, "ful"}, {"order_id", reference, "WEB-", 100'000, 999'999}, {"store_id", store},
    {"carrier", choice, "north|parcelo|swift"}, {"step", choice, "picked|packed|handed_over|delivered"},
    {"parcels", whole, "", 1, 4}, {"weight_kg", amount, "", 20, 2500}, {"happened_at", event_time}};
constexpr FieldPlan kPriceChanges[] = {
    {"event_id", event_id, "prc"}, {"store_id", store}, {"sku", sku}, {"old_price", price}, {"new_price", amount, "", 49, 19'999},
    {"reason", choice, "promotion|cost|markdown|competitor"}, {"approved_by", reference, "U-", 10, 60},
    {"changed_at", event_time}};
constexpr FieldPlan kWebClicks[] = {
    {"event_id", event_id, "clk"}, {"session_id", reference, "S-", 1'000'000, 1'099'999}, {"store_id", store}, {"sku", sku},
    {"page", choice, "home|search|product|product|product|basket|checkout"}, {"dwell_ms", whole, "", 200, 90'000},
    {"device", choice, "phone|phone|desktop|tablet"}, {"clicked_at", event_time}};
constexpr FieldPlan kSupplierEdi[] = {
    {"event_id", event_id, "edi"}, {"message", choice, "ORDRSP|DESADV|INVOIC"}, {"supplier", reference, "SUP-", 100, 180},
    {"store_id", store}, {"sku", sku}, {"qty", whole, "", 6, 600}, {"unit_cost", amount, "", 20, 9'999},
    {"sent_at", event_time}};
constexpr FieldPlan kPayments[] = {
    {"event_id", event_id, "pay"}, {"store_id", store}, {"amount", amount, "", 49, 45'000}, {"currency", choice, "GBP|EUR"},
    {"scheme", choice, "visa|visa|mastercard|amex"}, {"result", choice, "approved|approved|approved|approved|declined"},
    {"terminal", reference, "T-", 1, 480}, {"authorised_at", event_time}};
constexpr FieldPlan kCustomerService[] = {
    {"event_id", event_id, "csv"}, {"case_id", reference, "CASE-", 10'000, 19'999}, {"store_id", store},
    {"customer_email", email}, {"channel", choice, "chat|phone|mail"}, {"topic", choice, "delivery|refund|product|account"},
    {"priority", whole, "", 1, 4}, {"opened_at", event_time}};
constexpr FieldPlan kMarketing[] = {
    {"event_id", event_id, "mkt"}, {"campaign", choice, "spring|double_points|newsletter|win_back"}, {"store_id", store},
    {"customer_email", email}, {"channel", choice, "mail|push|sms"}, {"action", choice, "sent|sent|sent|opened|clicked"},
    {"cost", amount, "", 1, 40}, {"happened_at", event_time}};

constexpr std::array<SystemPlan, 12> kSystems = {
    {{"pos_sales", kPosSales},         {"ecommerce_orders", kOrders},     {"inventory", kInventory},
     {"loyalty", kLoyalty},            {"returns", kReturns},             {"fulfilment", kFulfilment},
     {"price_changes", kPriceChanges}, {"web_clicks", kWebClicks},        {"supplier_edi", kSupplierEdi},
     {"payments", kPayments},          {"customer_service", kCustomerService}, {"marketing", kMarketing}}};

void append_number(std::string& out, std::int64_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_cents(std::string& out, std::int64_t cents) {
  append_number(out, cents / 100);
  out += '.';
  out += static_cast<char>('0' + cents % 100 / 10);
  out += static_cast<char>('0' + cents % 10);
}

// The words are few, so they are counted each time.
std::string_view nth_word(std::string_view words, std::int64_t n) {
  while (n-- > 0) words.remove_prefix(words.find('|') + 1);
  return words.substr(0, words.find('|'));
}

std::int64_t draw_store(const Draw& draw, Dice& dice) {
  const std::int64_t own = (kStores - draw.partition + draw.partitions - 1) / draw.partitions;
  const std::int64_t drawn = dice.below(std::max<std::int64_t>(own, 1));
  if (draw.store >= 0) return draw.store;
  return (draw.partition + drawn * draw.partitions) % kStores + 1;
}

// Of three draws the smallest: a few articles sell most.
std::int64_t draw_sku(Dice& dice) {
  return std::min({dice.below(kSkus), dice.below(kSkus), dice.below(kSkus)});
}

std::int64_t price_cents(std::int64_t sku) {
  return 49 + static_cast<std::int64_t>(Dice::mix(static_cast<std::uint64_t>(sku) + 1) % 7'950);
}

void append_value(std::string& out, const FieldPlan& field, const Draw& draw, std::int64_t store_id, std::int64_t sku_id, Dice& dice) {
  const std::int64_t drawn = field.high > field.low ? field.low + dice.below(field.high - field.low + 1) : field.low;
  switch (field.make) {
    case event_id:
      out.append("\"").append(field.text).append("-");
      append_number(out, draw.partition);
      out += '-';
      append_number(out, draw.offset);
      out += '"';
      return;
    case store: append_number(out, store_id); return;
    case sku:
      out += "\"SKU-";
      append_number(out, 10'000 + sku_id);
      out += '"';
      return;
    case price: append_cents(out, price_cents(sku_id)); return;
    case whole: append_number(out, drawn); return;
    case amount: append_cents(out, drawn); return;
    case choice:
      out += '"';
      out += nth_word(field.text, dice.below(std::count(field.text.begin(), field.text.end(), '|') + 1));
      out += '"';
      return;
    case reference:
      out.append("\"").append(field.text);
      append_number(out, drawn);
      out += '"';
      return;
    case email:
      out += "\"customer";
      append_number(out, dice.below(kCustomers));
      out += "@example.com\"";
      return;
    case event_time:
      out += '"';
      out += to_iso8601(draw.event_time);
      out += '"';
      return;
  }
}

}  // namespace

std::span<const SystemPlan> systems() { return kSystems; }

const SystemPlan* find_system(std::string_view name) {
  for (const SystemPlan& system : kSystems)
    if (system.name == name) return &system;
  return nullptr;
}

Drawn draw_record(const SystemPlan& system, const Draw& draw, Dice dice) {
  Drawn drawn;
  drawn.store = draw_store(draw, dice);
  const std::int64_t sku_id = draw_sku(dice);
  drawn.json.reserve(320);
  char separator = '{';
  for (const FieldPlan& field : system.fields) {
    drawn.json += separator;
    drawn.json.append("\"").append(field.name).append("\":");
    append_value(drawn.json, field, draw, drawn.store, sku_id, dice);
    separator = ',';
  }
  if (draw.till_version) drawn.json += ",\"till_version\":\"7.2.1\"";
  drawn.json += '}';
  return drawn;
}

}  // namespace penstock::simulate
