// SPDX-License-Identifier: Apache-2.0
// How the emulated Cloudsmith can be told to misbehave.
#pragma once

#include <httplib.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace regcred::emulator {

// What happens to an exchange instead of, or besides, the right answer. As JSON: the members' names.
struct Fault {
  int times = -1;    // how many requests; -1: until another fault is set
  int delay_ms = 0;  // before anything is answered
  int status = 0;    // 0: none of the following four
  std::string body;  // for `status`
  std::string content_type = "application/json";
  std::string retry_after;            // header
  std::string location;               // header: a redirect
  bool truncate = false;              // the connection ends in the middle of the body
  bool endless = false;               // a body without an end
  std::optional<std::string> token;   // an answer 201 with this token
  std::optional<int> token_lifetime;  // seconds; the right answer, but with a token that lives so long
};

// Throws std::exception for an unknown member or a wrong type.
[[nodiscard]] Fault read_fault(const nlohmann::json &from);

// Answers by `fault`; false when the right answer is still to be given.
[[nodiscard]] bool misbehave(const Fault &fault, httplib::Response &response);

}  // namespace regcred::emulator
