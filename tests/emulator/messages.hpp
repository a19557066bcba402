// SPDX-License-Identifier: Apache-2.0
// What the emulated registries read out of requests and put into answers.
#pragma once

#include <httplib.h>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace regcred::emulator {

// Seconds since 1970, as the time claims of a token (RFC 7519).
[[nodiscard]] inline std::int64_t unix_now() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

inline void answer_json(httplib::Response &response, int status, const nlohmann::json &body,
                        const char *content_type = "application/json; charset=utf-8") {
  response.status = status;
  response.set_content(body.dump(), content_type);
}

// A parameter that must be there exactly once, as OAuth 2.0 wants it (RFC 6749, 3.2); else "".
[[nodiscard]] inline std::string only_field(const httplib::Request &request, const char *name) {
  return request.get_param_value_count(name) == 1 ? request.get_param_value(name) : std::string();
}

// Empty parts count.
[[nodiscard]] inline std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

}  // namespace regcred::emulator
