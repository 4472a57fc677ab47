#pragma once

// How an operation answers across folders: a value, or an Error that says what happened, where, and what to do.
// Exceptions stay inside a connector or a callback; a broken invariant is a bug and asserts.

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace penstock {

enum class ErrorKind {
  invalid_argument,     // the caller asked for something that cannot be meant
  not_found,
  already_exists,
  failed_precondition,  // right in itself, but not in this state; nothing was changed
  permission_denied,
  unauthenticated,
  unavailable,          // the other side does not answer now; trying again may help
  deadline_exceeded,
  cancelled,
  resource_exhausted,   // disk, memory or a quota is full
  data_loss,            // something that should be there is gone or damaged
  io,
  unsupported,
  internal,
};

// "invalid_argument", … : the stable name that JSON output and the API carry.
const char* name_of(ErrorKind kind);

struct [[nodiscard]] Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  // one sentence for the operator, without a trailing full stop
  std::string action;   // what to do about it; empty when there is nothing to say
  std::string where;    // "file:line:column", or the object concerned; empty when unknown

  Error(ErrorKind kind, std::string message, std::string action = {}, std::string where = {})
      : kind(kind), message(std::move(message)), action(std::move(action)), where(std::move(where)) {}

  // "retail/pipelines/sales.yaml:4:3: unknown key 'form' (did you mean 'from'?)"
  std::string to_string() const;
  // The same error with "context: " before its message.
  Error within(std::string_view context) const;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { assert(ok()); return *std::get_if<0>(&state_); }
  const T& value() const& { assert(ok()); return *std::get_if<0>(&state_); }
  T&& value() && { assert(ok()); return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { assert(!ok()); return *std::get_if<1>(&state_); }
  Error&& error() && { assert(!ok()); return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return error_.index() == 0; }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { assert(!ok()); return *std::get_if<1>(&error_); }
  Error&& error() && { assert(!ok()); return std::move(*std::get_if<1>(&error_)); }

 private:
  std::variant<std::monostate, Error> error_;
};

using Status = Result<void>;

}  // namespace penstock

#define PENSTOCK_CONCAT_INNER(a, b) a##b
#define PENSTOCK_CONCAT(a, b) PENSTOCK_CONCAT_INNER(a, b)

// Returns the error of `expression` (a Result) from the enclosing function.
#define PENSTOCK_TRY(expression)                                        \
  do {                                                                  \
    if (auto penstock_status = (expression); !penstock_status.ok())     \
      return std::move(penstock_status).error();                        \
  } while (false)

// PENSTOCK_ASSIGN(auto batch, decode(raw)): takes the value or returns the error.
#define PENSTOCK_ASSIGN(target, expression)                                          \
  auto PENSTOCK_CONCAT(penstock_result_, __LINE__) = (expression);                   \
  if (!PENSTOCK_CONCAT(penstock_result_, __LINE__).ok())                             \
    return std::move(PENSTOCK_CONCAT(penstock_result_, __LINE__)).error();           \
  target = std::move(PENSTOCK_CONCAT(penstock_result_, __LINE__)).value()
