#pragma once

// What a request says, taken apart. Everything here is outside data. Thread-safe.

#include <string>
#include <string_view>
#include <vector>

namespace penstock::webhook {

enum class BodyKind {
  json,       // an object, an array of records, or objects one after the other
  lines,      // a record a line
  whole,      // one record, whatever it is
};

struct SplitBody {
  std::vector<std::string_view> records;      // of the body, as they stand there
  std::string problem;                        // why it cannot be split; empty: it can
};

// Finds where records begin and end; what lies between is not looked at, since its decoder does that. An empty body, or an empty
// array, has no record.
SplitBody split_body(std::string_view body, BodyKind kind);

// What a sender has to show.
struct Credentials {
  std::string bearer;                         // empty: none is asked for
  std::string hmac_secret;                    // empty: no signature is asked for
  std::string hmac_header = "X-Hub-Signature-256";
};

// Whether `authorization` is `Bearer <token>`. Takes as long whatever differs.
bool is_bearer(std::string_view authorization, const std::string& token);
// Whether `signature` is the HMAC-SHA256 (RFC 2104) of the body, in hexadecimal or base64, with `sha256=` before it or not.
bool is_signed(std::string_view signature, std::string_view body, const std::string& secret);

// "0a1b…", 64 digits.
std::string sha256_hex(std::string_view text);

}  // namespace penstock::webhook
