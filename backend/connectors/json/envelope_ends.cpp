#include "connectors/json/envelope_ends.h"

#include <charconv>

namespace penstock::json {
namespace {

bool take_front(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

bool take_back(std::string_view& text, std::string_view expected) {
  if (!text.ends_with(expected)) return false;
  text.remove_suffix(expected.size());
  return true;
}

// The letters of `allowed` at the end of the text, which are taken off; empty: there are none.
std::string_view take_back_of(std::string_view& text, std::string_view allowed) {
  const std::size_t last = text.find_last_not_of(allowed);
  const std::size_t begin = last == std::string_view::npos ? 0 : last + 1;
  const std::string_view taken = text.substr(begin);
  text.remove_suffix(taken.size());
  return taken;
}

constexpr std::string_view kDigits = "0123456789", kPlace = "0123456789ABCDEF/";

bool take_origin(std::string_view& text, std::int64_t& micros) {
  if (!take_back(text, "}}")) return false;
  if (!take_back(text, ",\"snapshot\":true")) {
    const std::string_view xid = take_back_of(text, kDigits);
    if (xid.empty() || (xid.size() > 1 && xid.front() == '0') || !take_back(text, ",\"txId\":")) return false;
  }
  if (!take_back(text, "\"") || take_back_of(text, kPlace).empty() || !take_back(text, ",\"lsn\":\"")) return false;
  const std::string_view time = take_back_of(text, kDigits);
  const auto [end, failed] = std::from_chars(time.data(), time.data() + time.size(), micros);
  return !time.empty() && time.front() != '0' && failed == std::errc() && end == time.data() + time.size() && take_back(text, ",\"source\":{\"ts_us\":");
}

bool looks_like_an_object(std::string_view text) { return text.starts_with('{') && text.ends_with('}'); }

}  // namespace

bool read_ends(std::string_view record, Envelope& envelope) {
  std::string_view text = record;
  if (!take_front(text, "{\"op\":\"")) return false;
  const std::string_view op = text.substr(0, 1);
  if (op.empty() || op == "\"" || op == "\\" || static_cast<signed char>(op.front()) < ' ') return false;
  text.remove_prefix(1);
  std::int64_t micros = 0;
  if (!take_front(text, "\",\"before\":") || !take_origin(text, micros)) return false;
  envelope = {};
  envelope.op = op;
  envelope.source_micros = micros;
  if (take_front(text, "null,\"after\":")) envelope.after = text;
  else if (take_back(text, ",\"after\":null")) envelope.before = text;
  else return false;
  return looks_like_an_object(text);
}

}  // namespace penstock::json
