#include "connectors/webhook/webhook_body.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "io/row_json.h"

namespace penstock::webhook {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

// Behind the JSON value that begins here: its brackets and quotes are counted, nothing else is. npos where it does not end.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  std::int64_t depth = 0;
  bool quoted = false;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      else if (c == '"') quoted = false;
      if (!quoted && depth == 0 && c == '"') return i + 1;
      continue;
    }
    if (c == '"') quoted = true;
    else if (c == '{' || c == '[') ++depth;
    else if (c == '}' || c == ']') {
      if (depth == 0) return i;
      if (--depth == 0) return i + 1;
    } else if (depth == 0 && (c == ',' || is_blank(c))) return i;
  }
  return depth == 0 && !quoted ? text.size() : std::string_view::npos;
}

SplitBody refused(std::string problem) { return {.problem = std::move(problem)}; }

SplitBody split_array(std::string_view body, std::size_t at) {
  SplitBody split;
  at = skip_blanks(body, at + 1);
  if (at < body.size() && body[at] == ']') return skip_blanks(body, at + 1) == body.size() ? split : refused("text follows the array");
  while (at < body.size()) {
    const std::size_t end = end_of_value(body, at);
    if (end == std::string_view::npos || end == at) break;
    split.records.push_back(body.substr(at, end - at));
    at = skip_blanks(body, end);
    if (at >= body.size()) break;
    if (body[at] == ']') return skip_blanks(body, at + 1) == body.size() ? split : refused("text follows the array");
    if (body[at] != ',') break;
    at = skip_blanks(body, at + 1);
  }
  return refused("the array does not end, or is no JSON, at byte " + std::to_string(std::min(at, body.size())));
}

SplitBody split_values(std::string_view body, std::size_t at) {
  SplitBody split;
  while (at < body.size()) {
    const std::size_t end = body[at] == '{' ? end_of_value(body, at) : std::string_view::npos;
    if (end == std::string_view::npos) return refused("expected a JSON object that ends, or an array, at byte " + std::to_string(at));
    split.records.push_back(body.substr(at, end - at));
    at = skip_blanks(body, end);
  }
  return split;
}

SplitBody split_lines(std::string_view body) {
  SplitBody split;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = std::min(body.find('\n', at), body.size());
    std::string_view line = body.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (skip_blanks(line, 0) < line.size()) split.records.push_back(line);
    at = end + 1;
  }
  return split;
}

bool equal_in_constant_time(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string hex(const unsigned char* bytes, std::size_t size) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) (text += kDigits[bytes[i] >> 4]) += kDigits[bytes[i] & 15];
  return text;
}

}  // namespace

SplitBody split_body(std::string_view body, BodyKind kind) {
  if (kind == BodyKind::lines) return split_lines(body);
  if (kind == BodyKind::whole) return body.empty() ? SplitBody() : SplitBody{.records = {body}};
  const std::size_t first = skip_blanks(body, 0);
  if (first == body.size()) return {};
  return body[first] == '[' ? split_array(body, first) : split_values(body, first);
}

bool is_bearer(std::string_view authorization, const std::string& token) {
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.size() < kScheme.size()) return false;
  const bool named = std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                                [](char a, char b) { return a == b || (b >= 'A' && b <= 'Z' && a == b + 32) || (a >= 'A' && a <= 'Z' && b == a + 32); });
  return named && !token.empty() && equal_in_constant_time(authorization.substr(kScheme.size()), token);
}

bool is_signed(std::string_view signature, std::string_view body, const std::string& secret) {
  if (secret.empty()) return false;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (!HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest, &size)) return false;
  if (signature.starts_with("sha256=")) signature.remove_prefix(7);
  std::string given(signature);
  const std::string digits = hex(digest, size), base64 = to_base64({reinterpret_cast<const char*>(digest), size});
  if (given.size() == digits.size())
    std::transform(given.begin(), given.end(), given.begin(), [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return equal_in_constant_time(given, digits) || equal_in_constant_time(signature, base64);
}

std::string sha256_hex(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  return hex(digest, size);
}

}  // namespace penstock::webhook
