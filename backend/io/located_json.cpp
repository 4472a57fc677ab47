#include "io/located_json.h"

#include <nlohmann/json.hpp>

namespace penstock {
namespace {

constexpr std::size_t kMaxDepth = 200;

// Walks over the text for the parser and counts the lines that it has passed.
struct CountingIterator {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at = nullptr;
  int* lines = nullptr;

  reference operator*() const { return *at; }
  CountingIterator& operator++() {
    if (*at == '\n') ++*lines;
    ++at;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at == other.at; }
  bool operator!=(const CountingIterator& other) const { return at != other.at; }
};

struct Builder : nlohmann::json_sax<nlohmann::json> {
  explicit Builder(const int& lines) : lines(lines) {}

  const int& lines;
  LocatedJson root;
  std::vector<LocatedJson*> open;
  std::string problem;

  bool place(LocatedJson value) {
    value.line = lines;
    if (open.empty()) {
      root = std::move(value);
      open.push_back(&root);
      return true;
    }
    LocatedJson& parent = *open.back();
    if (parent.is_array()) {
      parent.items.push_back(std::move(value));
      open.push_back(&parent.items.back());
    } else {
      parent.entries.back().second = std::move(value);
      open.push_back(&parent.entries.back().second);
    }
    return true;
  }
  bool scalar(LocatedJson::Kind kind, std::string text) {
    place({.kind = kind, .text = std::move(text)});
    open.pop_back();
    return true;
  }
  bool start(LocatedJson::Kind kind) {
    if (open.size() >= kMaxDepth) {
      problem = "nested too deeply";
      return false;
    }
    return place({.kind = kind});
  }
  bool end() {
    open.pop_back();
    return true;
  }

  bool null() override { return scalar(LocatedJson::Kind::null, "null"); }
  bool boolean(bool value) override { return scalar(LocatedJson::Kind::boolean, value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return scalar(LocatedJson::Kind::number, std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(LocatedJson::Kind::number, std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return scalar(LocatedJson::Kind::number, text); }
  bool string(string_t& text) override { return scalar(LocatedJson::Kind::string, std::move(text)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return start(LocatedJson::Kind::object); }
  bool end_object() override { return end(); }
  bool start_array(std::size_t) override { return start(LocatedJson::Kind::array); }
  bool end_array() override { return end(); }
  bool key(string_t& name) override {
    for (const auto& [known, value] : open.back()->entries) {
      if (known != name) continue;
      problem = "'" + name + "' is given twice";
      return false;
    }
    open.back()->entries.emplace_back(std::move(name), LocatedJson{});
    return true;
  }
  bool parse_error(std::size_t, const std::string& token, const nlohmann::json::exception&) override {
    problem = "not JSON near '" + token + "'";
    return false;
  }
};

}  // namespace

const LocatedJson* LocatedJson::find(std::string_view key) const {
  for (const auto& [name, value] : entries)
    if (name == key) return &value;
  return nullptr;
}

std::string LocatedJson::to_json() const {
  const auto quoted = [](const std::string& plain) {
    return nlohmann::json(plain).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  std::string out;
  switch (kind) {
    case Kind::null: return "null";
    case Kind::boolean:
    case Kind::number: return text;
    case Kind::string: return quoted(text);
    case Kind::array:
      for (const LocatedJson& item : items) out += (out.empty() ? "" : ",") + item.to_json();
      return "[" + out + "]";
    case Kind::object:
      for (const auto& [name, value] : entries) out += (out.empty() ? "" : ",") + quoted(name) + ":" + value.to_json();
      return "{" + out + "}";
  }
  return out;
}

Result<LocatedJson> parse_located_json(std::string_view text, const std::string& file) {
  int lines = 1;
  Builder builder(lines);
  const CountingIterator begin{text.data(), &lines};
  const CountingIterator end{text.data() + text.size(), &lines};
  if (nlohmann::json::sax_parse(begin, end, &builder)) return std::move(builder.root);
  return Error(ErrorKind::invalid_argument, builder.problem, "", file + ":" + std::to_string(lines));
}

}  // namespace penstock
