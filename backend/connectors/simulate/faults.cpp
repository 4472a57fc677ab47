#include "connectors/simulate/faults.h"

#include <array>
#include <charconv>

namespace penstock::simulate {
namespace {

struct Kind {
  std::string_view name;
  FaultKind kind;
};

constexpr std::array kKinds = {Kind{"broken_json", FaultKind::broken_json}, Kind{"unknown_store", FaultKind::unknown_store},
                               Kind{"duplicate", FaultKind::duplicate},     Kind{"late", FaultKind::late},
                               Kind{"new_column", FaultKind::new_column},   Kind{"burst", FaultKind::burst},
                               Kind{"dead_source", FaultKind::dead_source}, Kind{"stuck", FaultKind::stuck}};
constexpr std::array<std::string_view, 7> kKeys = {"kind", "after", "for", "every", "rate", "by", "stores"};

Error wrong(const Setting& at, std::string message) {
  return {ErrorKind::invalid_argument, std::move(message), "", at.at.to_string()};
}

Result<FaultKind> parse_kind(const Setting& item) {
  const Setting* kind = item.find("kind");
  std::string expected;
  for (const Kind& known : kKinds) {
    if (kind && kind->text == known.name) return known.kind;
    expected += (expected.empty() ? "" : ", ") + std::string(known.name);
  }
  if (!kind) return wrong(item, "a fault needs a 'kind': one of " + expected);
  return wrong(*kind, "unknown fault '" + kind->text + "', expected one of " + expected);
}

Status parse_stores(const Setting& item, Fault& fault) {
  for (const std::string& text : Settings(item).list("stores")) {
    std::int64_t store = 0;
    const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), store);
    if (code != std::errc{} || rest != text.data() + text.size())
      return wrong(*item.find("stores"), "store '" + text + "' is not a whole number");
    fault.stores.push_back(store);
  }
  if (fault.stores.empty()) fault.stores.push_back(999);
  return {};
}

Result<Fault> parse_fault(const Setting& item, Timestamp first_start) {
  if (item.kind != Setting::Kind::map) return wrong(item, "a fault is a map like {kind: late, after: 1m, for: 30s}");
  for (const auto& [key, value] : item.entries) {
    bool known = false;
    for (const std::string_view name : kKeys) known = known || name == key;
    if (!known) return wrong(value, "unknown key '" + key + "' in a fault, expected kind, after, for, every, rate, by or stores");
  }
  const Settings settings(item);
  Fault fault;
  PENSTOCK_ASSIGN(fault.kind, parse_kind(item));
  PENSTOCK_ASSIGN(const auto after, settings.duration("after", std::chrono::seconds(0)));
  PENSTOCK_ASSIGN(const auto lasts, settings.duration("for", std::chrono::seconds(0)));
  PENSTOCK_ASSIGN(const auto every, settings.duration("every", std::chrono::seconds(0)));
  PENSTOCK_ASSIGN(const auto late_by, settings.duration("by", std::chrono::minutes(5)));
  PENSTOCK_ASSIGN(fault.rate, settings.real("rate", fault.kind == FaultKind::burst ? 10 : 0.02));
  PENSTOCK_TRY(parse_stores(item, fault));
  fault.when = {to_micros(first_start + after), lasts.count(), every.count()};
  fault.late_by_micros = late_by.count();
  if (fault.kind == FaultKind::burst) {
    if (fault.rate < 1 || fault.rate > 1000) return wrong(item, "the 'rate' of a burst is a factor from 1 to 1000");
  } else if (fault.rate < 0 || fault.rate > 1) {
    return wrong(item, "the 'rate' of a fault is a share of the rows, from 0 to 1");
  }
  if (fault.when.every_micros != 0 && fault.when.lasts_micros == 0)
    return wrong(item, "a fault with 'every' needs 'for': how long it lasts each time");
  return fault;
}

}  // namespace

Result<std::vector<Fault>> parse_faults(const Settings& settings, Timestamp first_start) {
  std::vector<Fault> faults;
  const Setting* list = settings.root().find("faults");
  if (!list || list->kind == Setting::Kind::null) return faults;
  if (list->kind != Setting::Kind::list) return wrong(*list, "'faults' is a list of maps");
  for (const Setting& item : list->items) {
    PENSTOCK_ASSIGN(Fault fault, parse_fault(item, first_start));
    faults.push_back(std::move(fault));
  }
  return faults;
}

bool any_at(const std::vector<Fault>& faults, FaultKind kind, Timestamp time) {
  for (const Fault& fault : faults)
    if (fault.kind == kind && fault.at(time)) return true;
  return false;
}

}  // namespace penstock::simulate
