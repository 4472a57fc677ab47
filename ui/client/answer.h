#pragma once

// How a call ends: with a value or with a CallError. Both are delivered on the UI thread.

#include <functional>
#include <optional>
#include <QString>
#include <utility>
#include <variant>
#include <vector>

namespace penstock::ui {

struct CallError {
  QString kind;                 // "not_found", "unavailable", …: the names of the API's ErrorDetail
  QString message;              // one sentence for the operator
  QString action;               // what to do about it; may be empty
  QString where;                // "file:line:column" or the object; may be empty
};

template <typename T>
class Answer {
 public:
  Answer(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Answer(CallError error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  const T& operator*() const { return std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const CallError& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, CallError> state_;
};

template <typename T>
using Reply = std::function<void(const Answer<T>&)>;

// A call that answers more than once.
template <typename T>
struct StreamReply {
  std::function<void(std::vector<T>)> items;                    // some, in order
  std::function<void(const std::optional<CallError>&)> ended;   // last; empty: the engine was done
};

}  // namespace penstock::ui
