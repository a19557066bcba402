// SPDX-License-Identifier: Apache-2.0
// POST /openid/{org}/: Cloudsmith's token exchange, with the shapes, status codes and rate limits of its documentation.
#pragma once

#include <httplib.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/api_token.hpp"
#include "emulator/fault.hpp"
#include "emulator/organisations.hpp"

namespace regcred::emulator {

// One exchange as the server saw it. Holds no token.
struct ReceivedExchange {
  std::string org;
  std::optional<std::string> service_slug;
  nlohmann::json claims;    // of the token, when it could be read; unverified
  int status = 0;           // what it was answered with
  std::string why_refused;  // why the token was not accepted; not told to the client
  std::multimap<std::string, std::string> headers;
};

class ExchangeApi {
 public:
  // Refers to both.
  ExchangeApi(const Organisations &organisations, const ApiTokens &tokens)
      : organisations_(organisations), tokens_(tokens) {}

  void add_to(httplib::Server &server);

  void set_fault(Fault fault);  // Fault{} ends it
  [[nodiscard]] std::vector<ReceivedExchange> received();

 private:
  void answer(const httplib::Request &request, httplib::Response &response);
  // Gives the claims that were seen.
  void exchange(const httplib::Request &request, std::chrono::seconds lifetime, ReceivedExchange &seen,
                httplib::Response &response) const;
  [[nodiscard]] Fault next_fault();

  const Organisations &organisations_;
  const ApiTokens &tokens_;
  std::mutex mutex_;
  Fault fault_;
  std::vector<ReceivedExchange> received_;
};

}  // namespace regcred::emulator
