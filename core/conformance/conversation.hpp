// SPDX-License-Identifier: Apache-2.0
// What success looks like on the network, as the author of a backend writes it.
//
// A conversation file is JSON or YAML: the list of calls that the backend makes for the test's request, in order, each
// with the reply that leads to success; or a mapping with that list, the time and the secrets:
//
//   now: 1750000000                             # the wall clock, seconds since 1970-01-01 UTC
//   secrets: { /etc/regcred/secrets/pw: s3cret } # what the secret service reads, by name
//   calls:
//     - expect: { method: POST, url: "https://api.example.com/exchange?*" }
//       reply: { status: 200, headers: { Content-Type: application/json }, body: { token: s3cret-s3cret } }
//   programs:                                   # of a backend that declares REGCRED_USES_PROCESS
//     - expect: { program: /usr/bin/helper }
//       reply: { status: 0, output: { Username: user, Secret: s3cret-s3cret } }
//
// A '*' in `url` stands for any text. An `output` is like a `body`. A `body` that is not a string is sent as JSON. Left
// out: status 200, no headers, an empty body, no calls: the backend makes none.
#pragma once

#include <regcred/abi.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <regcred/http.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace regcred::conformance {

// What the host gives to the backend for one call: a response, or its own failure.
struct Reply {
  int status = 200;
  HttpHeaders headers = {};
  std::string body = {};
  std::optional<std::chrono::seconds> retry_after = std::nullopt;
  std::int32_t code = REGCRED_OK;  // not OK: no response arrived, `error` is the host's sentence
  std::string error = {};
};

[[nodiscard]] inline Reply no_response(std::int32_t code, std::string error) {
  return {.code = code, .error = std::move(error)};
}

struct Call {
  std::string method;
  std::string url;  // '*' stands for any text
  Reply reply;
};

// One run of a program, for a backend that declares it, and what comes of it.
struct PlannedProgram {
  std::string path;
  int status = 0;  // exit status
  std::string output;
};

struct Conversation {
  std::vector<Call> calls;
  std::vector<PlannedProgram> programs;
  std::map<std::string, std::string> secrets;
  std::chrono::seconds now{1'750'000'000};
};

// Reads a conversation from the text of a file; `where` names the file in errors (ErrorCode::usage): not JSON or YAML,
// an unknown key, a wrong type, a method or status that HTTP does not have.
[[nodiscard]] core::Result<Conversation> read_conversation(std::string_view text, const std::string &where);

// Whether the call that a backend made is the one that was planned.
[[nodiscard]] bool is_planned(const Call &planned, std::string_view method, std::string_view url);

// "GET https://host/path": without the query, which may hold a secret.
[[nodiscard]] std::string call_label(std::string_view method, std::string_view url);

}  // namespace regcred::conformance
