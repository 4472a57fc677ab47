#include "workspace/yaml_documents.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <map>
#include <sstream>

#include "workspace/utf8.h"

namespace penstock {
namespace {

// Far above what people write, far below what hurts: a file, its nesting, and its values after aliases are expanded.
constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr std::size_t kMaxDepth = 48;
constexpr std::size_t kMaxValues = 100'000;
constexpr std::size_t kMaxKeys = 5'000;   // of one map

// Ends the reading of a file.
struct Refused {
  YAML::Mark mark;
  std::string what;
};

// Builds Settings from the parser's events; aliases are copied, so that what comes out is a plain tree.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& file, Problems& problems) : file_(file), problems_(problems) {}

  bool has_document() const { return has_root_; }
  const YAML::Mark& document_start() const { return document_start_; }
  Setting take_document() {
    has_root_ = false;
    return std::move(root_);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    document_start_ = mark;
    open_.clear();
    anchored_.clear();
    has_root_ = false;
    values_ = 0;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(value(Setting::Kind::null, mark), {1, 1}, anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string& text) override {
    Setting scalar = value(Setting::Kind::text, mark);
    scalar.text = text;
    add(std::move(scalar), {1, 1}, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) throw Refused{mark, "an alias inside of what it stands for"};
    Setting copy = found->second.first;
    copy.at = place(mark);
    add(std::move(copy), found->second.second, YAML::NullAnchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(Setting::Kind::list, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(Setting::Kind::map, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Extent {
    std::size_t values = 1;
    std::size_t depth = 1;
  };
  struct Open {
    Setting setting;
    YAML::anchor_t anchor = YAML::NullAnchor;
    Extent extent;
    bool has_key = false;     // a map whose next value belongs to `key`
    bool keep_value = true;   // false: its key stood there before, or is no text
    Setting key;
  };

  Location place(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }
  Setting value(Setting::Kind kind, const YAML::Mark& mark) const {
    Setting setting;
    setting.kind = kind;
    setting.at = place(mark);
    return setting;
  }

  void open(Setting::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= kMaxDepth) throw Refused{mark, "more than " + std::to_string(kMaxDepth) + " levels of nesting"};
    open_.push_back({value(kind, mark), anchor, {1, 1}, false, true, {}});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.setting), done.extent, done.anchor);
  }

  void add(Setting setting, Extent extent, YAML::anchor_t anchor) {
    const YAML::Mark mark = mark_of(setting);
    values_ += extent.values;
    if (values_ > kMaxValues) throw Refused{mark, "more than " + std::to_string(kMaxValues) + " values in one document"};
    if (open_.size() + extent.depth > kMaxDepth + 1)
      throw Refused{mark, "more than " + std::to_string(kMaxDepth) + " levels of nesting"};
    if (anchor != YAML::NullAnchor) anchored_[anchor] = {setting, extent};
    if (open_.empty()) {
      root_ = std::move(setting);
      has_root_ = root_.kind != Setting::Kind::null;
      return;
    }
    Open& parent = open_.back();
    parent.extent.values += extent.values;
    parent.extent.depth = std::max(parent.extent.depth, extent.depth + 1);
    if (parent.setting.kind == Setting::Kind::list) {
      parent.setting.items.push_back(std::move(setting));
    } else if (!parent.has_key) {
      if (parent.setting.entries.size() >= kMaxKeys) throw Refused{mark, "more than " + std::to_string(kMaxKeys) + " keys in one map"};
      begin_entry(parent, std::move(setting));
    } else {
      parent.has_key = false;
      if (!parent.keep_value) return;
      setting.key_at = parent.key.at;
      parent.setting.entries.emplace_back(std::move(parent.key.text), std::move(setting));
    }
  }

  void begin_entry(Open& parent, Setting key) {
    parent.has_key = true;
    parent.keep_value = false;
    if (key.kind != Setting::Kind::text) {
      problems_.push_back({key.at, "a key that is not a name", "one word before ':'", {}});
    } else if (const Setting* first = parent.setting.find(key.text)) {
      problems_.push_back({key.at, "the key " + quote(key.text) + " stands here twice", 
                           "each key once; the first is in line " + std::to_string(first->key_at.line), {}});
    } else {
      parent.keep_value = true;
    }
    parent.key = std::move(key);
  }

  static YAML::Mark mark_of(const Setting& setting) {
    YAML::Mark mark;
    mark.line = setting.at.line - 1;
    mark.column = setting.at.column - 1;
    return mark;
  }

  const std::string& file_;
  Problems& problems_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::pair<Setting, Extent>> anchored_;
  YAML::Mark document_start_;
  Setting root_;
  bool has_root_ = false;
  std::size_t values_ = 0;
};

bool separates_documents(std::string_view line) {
  return line.starts_with("---") && (line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r');
}

// True when a separator stands after the line `from` and not after the line `to` (from 1).
bool separated(const std::vector<std::string_view>& lines, int from, int to) {
  for (int line = from + 1; line <= to && line <= static_cast<int>(lines.size()); ++line)
    if (separates_documents(lines[static_cast<std::size_t>(line - 1)])) return true;
  return false;
}

// The lines around `line` (from 1) up to the separators before and after it.
std::string document_text(const std::vector<std::string_view>& lines, int line) {
  const std::size_t inside = std::min(static_cast<std::size_t>(line - 1), lines.size() - 1);
  std::size_t begin = inside;
  while (begin > 0 && !separates_documents(lines[begin])) --begin;
  if (separates_documents(lines[begin]) && begin < inside) ++begin;
  std::size_t end = inside + 1;
  while (end < lines.size() && !separates_documents(lines[end])) ++end;
  std::string text;
  for (std::size_t i = begin; i < end; ++i) text.append(lines[i]).append("\n");
  return text;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

std::vector<YamlDocument> read_yaml(const std::string& file, std::string_view text, Problems& problems) {
  std::vector<YamlDocument> documents;
  if (text.size() > kMaxFileBytes) {
    problems.push_back({{file, 1, 1}, "the file has " + std::to_string(text.size()) + " bytes", "at most 1 MiB of YAML in a file", {}});
    return documents;
  }
  if (const auto broken = first_invalid_utf8(text)) {
    problems.push_back({place_in(file, text, *broken), "a byte that is not UTF-8 text", "a text file in UTF-8", {}});
    return documents;
  }
  const std::vector<std::string_view> lines = lines_of(text);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(file, problems);
    int last_start = -1;
    while (parser.HandleNextDocument(builder)) {
      const YAML::Mark& start = builder.document_start();
      // At a token that begins no value (a lone '}') yaml-cpp gives empty documents for ever.
      if (start.pos == last_start) throw Refused{start, "something that belongs to no value"};
      last_start = start.pos;
      if (!builder.has_document()) continue;
      Setting root = builder.take_document();
      // It also takes what follows a value as the next document, with no '---' between.
      if (!documents.empty() && !separated(lines, documents.back().root.at.line, root.at.line))
        throw Refused{start, "something that belongs to no value"};
      std::string own_text = document_text(lines, root.at.line);
      documents.push_back({std::move(root), std::move(own_text)});
    }
  } catch (const Refused& error) {
    problems.push_back({{file, error.mark.line + 1, error.mark.column + 1}, error.what, "YAML that a person would write", {}});
  } catch (const YAML::Exception& error) {
    problems.push_back({{file, error.mark.line + 1, error.mark.column + 1}, "this is not YAML: " + error.msg, {}, {}});
  }
  return documents;
}

}  // namespace penstock
