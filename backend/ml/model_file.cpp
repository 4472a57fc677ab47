#include "ml/model_file.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "ml/tree_check.h"

namespace penstock {
namespace {

constexpr std::size_t kDeepest = 32;
constexpr std::int64_t kMostFeatures = 100'000;
constexpr std::int64_t kMostTrees = 1'000'000;
constexpr char kLearner[] = "learner/";
constexpr char kRetrain[] = "a model trained and saved with XGBoost 3.0.5 or before (pip install 'xgboost<3.1')";

std::int64_t whole_number(std::string_view text) {
  std::int64_t value = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? value : -1;
}

// Takes the few values out of the stream that say something of the whole model. A value's path is made of the keys on the way to
// it; lists add none.
class ModelReader {
 public:
  using number_integer_t = std::int64_t;
  using number_unsigned_t = std::uint64_t;
  using number_float_t = double;
  using string_t = std::string;
  using binary_t = nlohmann::json::binary_t;

  explicit ModelReader(std::size_t bytes) : bytes_(bytes) {}

  bool null() { return true; }
  bool boolean(bool value) { return number(value ? 1 : 0); }
  bool number_integer(std::int64_t value) { return number(value); }
  bool number_unsigned(std::uint64_t value) { return number(value > std::numeric_limits<std::int64_t>::max() ? -1 : static_cast<std::int64_t>(value)); }
  bool number_float(double, const std::string&) { return number(0); }
  bool binary(binary_t&) { return false; }
  bool string(std::string& value) {
    const std::string path = path_of_value();
    if (in_tree()) {
      if (path.ends_with("/tree_param/num_nodes")) tree_.set_nodes(value);
      if (path.ends_with("/tree_param/size_leaf_vector") && value != "0" && value != "1") refuse("it has several outputs");
      return true;
    }
    if (path == "learner/learner_model_param/base_score") base_score_ = value;
    else if (path == "learner/learner_model_param/num_feature") features_ = whole_number(value);
    else if (path == "learner/learner_model_param/num_class") classes_ = whole_number(value);
    else if (path == "learner/learner_model_param/num_target") targets_ = whole_number(value);
    else if (path == "learner/objective/name") file_.objective = value;
    else if (path == "learner/gradient_booster/name") booster_ = value;
    else if (path == "learner/feature_names") file_.feature_names.push_back(value);
    else if (path == "learner/feature_types" && value == "c") categories_ = true;
    else if (path.ends_with("/gbtree_model_param/num_trees")) said_trees_ = whole_number(value);
    return true;
  }
  bool start_object(std::size_t count) { return enter(false, count); }
  bool start_array(std::size_t count) { return enter(true, count); }
  bool end_array() { return leave(); }
  bool end_object() { return leave(); }
  bool key(std::string& name) {
    key_ = name;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) { return false; }

  Result<ModelFile> result(bool whole, const std::string& name) {
    const auto unsupported = [&](const std::string& what, const std::string& action) { return Error(ErrorKind::unsupported, name + " " + what, action); };
    const auto damaged = [&](const std::string& what) { return Error(ErrorKind::data_loss, name + " is no model that can be trusted: " + what, "a file that save_model(\"" + name + "\") has written"); };
    for (const std::int64_t part : version_) file_.saved_by += (file_.saved_by.empty() ? "" : ".") + std::to_string(part);
    const bool is_later = version_.size() > 1 && (version_[0] > 3 || (version_[0] == 3 && version_[1] > 0));
    if (base_score_.starts_with("[") || (whole && is_later))
      return unsupported("was saved by XGBoost " + (file_.saved_by.empty() ? "3.1 or later" : file_.saved_by) + ", whose models load here and predict wrongly (base_score is a list)", kRetrain);
    if (categories_) return unsupported("has features that are categories, which rows do not say as numbers", "a model that was trained with a column of numbers for each category");
    if (!refused_.empty()) return damaged(refused_);
    if (!whole) return damaged("it is cut or was not written by save_model()");
    if (booster_ != "gbtree" && booster_ != "dart")
      return booster_.empty() ? damaged("it says no booster") : unsupported("is of the booster '" + booster_ + "'", "the booster gbtree or dart");
    if (targets_ > 1 || file_.objective == "multi:softprob")
      return unsupported("gives several numbers a row (" + file_.objective + ")", "a model of one output, such as binary:logistic, or multi:softmax");
    if (features_ < 1 || features_ > kMostFeatures) return damaged("the number of its features is not known");
    if (!file_.feature_names.empty() && static_cast<std::int64_t>(file_.feature_names.size()) != features_) return damaged("it does not name all of its features");
    if (asked_features_ > features_) return damaged("a tree asks for a feature that it does not have");
    if (trees_.empty() || said_trees_ != static_cast<std::int64_t>(trees_.size()) || groups_.size() != trees_.size()) return damaged("it does not have as many trees as it says");
    if (booster_ == "dart" && dropped_ != trees_.size()) return damaged("it does not have as many weights as trees");
    std::sort(trees_.begin(), trees_.end());
    for (std::size_t i = 0; i < trees_.size(); ++i)
      if (trees_[i] != static_cast<std::int64_t>(i)) return damaged("its trees are not numbered");
    for (const std::int64_t group : groups_)
      if (group < 0 || group >= std::max<std::int64_t>(classes_, 1)) return damaged("a tree belongs to no class");
    file_.features = static_cast<std::size_t>(features_);
    return std::move(file_);
  }

 private:
  struct Frame {
    bool is_list = false;
    std::string name;                // of the value; empty in a list
    bool is_tree = false;
  };

  bool refuse(std::string why) {
    if (refused_.empty()) refused_ = std::move(why);
    return false;
  }
  bool in_tree() const { return tree_depth_ > 0; }

  std::string path_of_value() const {
    std::string path;
    for (const Frame& frame : open_)
      if (!frame.name.empty()) path += frame.name + "/";
    if (!open_.empty() && !open_.back().is_list) return path + key_;
    if (!path.empty()) path.pop_back();
    return path;
  }

  bool enter(bool is_list, std::size_t count) {
    if (open_.size() >= kDeepest) return refuse("it is nested too deeply");
    if (count != std::numeric_limits<std::size_t>::max() && count > bytes_) return refuse("it is cut");
    const std::string path = path_of_value();
    const bool of_list = !open_.empty() && open_.back().is_list;
    Frame frame{is_list, of_list || open_.empty() ? std::string() : key_};
    frame.is_tree = of_list && !is_list && !in_tree() && path.starts_with(kLearner) && path.ends_with("/model/trees");
    open_.push_back(std::move(frame));
    if (open_.back().is_tree) {
      tree_.begin();
      tree_depth_ = open_.size();
    }
    if (is_list) path_of_list_ = path;
    return true;
  }

  bool leave() {
    const bool is_tree = open_.back().is_tree;
    open_.pop_back();
    if (!open_.empty() && open_.back().is_list) path_of_list_ = path_of_value();
    if (!is_tree) return true;
    tree_depth_ = 0;
    if (const std::string wrong = tree_.end(asked_features_); !wrong.empty()) return refuse("of tree " + std::to_string(trees_.size()) + ", " + wrong);
    trees_.push_back(tree_.id());
    return trees_.size() <= kMostTrees || refuse("it has too many trees");
  }

  bool number(std::int64_t value) {
    if (open_.empty()) return true;
    const bool in_list = open_.back().is_list;
    if (in_tree()) {
      if (in_list && open_.size() == tree_depth_ + 1) tree_.add(open_.back().name, value);
      else if (!in_list && open_.size() == tree_depth_ && key_ == "id") tree_.set_id(value);
      return true;
    }
    if (!in_list) return true;
    if (path_of_list_ == "version") version_.push_back(value);
    else if (path_of_list_.ends_with("/model/tree_info")) groups_.push_back(value);
    else if (path_of_list_ == "learner/gradient_booster/weight_drop") ++dropped_;
    else if (path_of_list_ == "learner/learner_model_param/base_score") base_score_ = "[";
    return true;
  }

  const std::size_t bytes_;
  std::vector<Frame> open_;
  std::string key_;
  std::string path_of_list_;         // of the innermost one: values of lists are many
  std::size_t tree_depth_ = 0;       // frames up to the tree that is open; 0: none
  TreeCheck tree_;

  ModelFile file_;
  std::string base_score_, booster_, refused_;
  std::vector<std::int64_t> version_, groups_, trees_;       // of the trees their ids
  std::int64_t features_ = 0, classes_ = 0, targets_ = 1, said_trees_ = -1, asked_features_ = 0;
  std::size_t dropped_ = 0;
  bool categories_ = false;
};

}  // namespace

Result<ModelFile> check_model_file(std::string_view bytes, const std::string& name) {
  if (!bytes.starts_with("{"))
    return Error(ErrorKind::unsupported, name + " is neither JSON nor UBJSON", "a file of save_model(\"fraud.json\"); the old binary format is not read");
  // In JSON a name in quotes comes next, or nothing but white space before it; in UBJSON a length or a type.
  const auto second = bytes.find_first_not_of(" \t\r\n", 1);
  const bool is_json = second != std::string_view::npos && (bytes[second] == '"' || bytes[second] == '}');
  ModelReader reader(bytes.size());
  const bool whole = nlohmann::json::sax_parse(bytes.begin(), bytes.end(), &reader, is_json ? nlohmann::json::input_format_t::json : nlohmann::json::input_format_t::ubjson);
  return reader.result(whole, name);
}

}  // namespace penstock
