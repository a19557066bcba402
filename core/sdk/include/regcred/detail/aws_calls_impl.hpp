// SPDX-License-Identifier: Apache-2.0
// The bodies of aws.hpp for signed calls, whose comments say what they do. Included by it alone.
#pragma once

#include <cstdlib>
#include <regcred/aws.hpp>
#include <utility>

namespace regcred::aws {

namespace detail {

[[nodiscard]] inline bool is_about_the_signature(const Refusal *refusal) {
  return refusal != nullptr && refusal->contains == signature_codes;
}

}  // namespace detail

inline HttpRequest json_request(std::string url, std::string target, std::string_view body) {
  return {.method = "POST",
          .url = std::move(url),
          .headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", std::move(target)}},
          .body = Secret(body)};
}

inline Result<SignedAnswer> send_signed(const Host &host, const std::optional<PodToken> &token, Exchange::Party party,
                                        const HttpRequest &request, const Keys &keys, const CredentialScope &scope) {
  using std::chrono::seconds;
  constexpr seconds skew_min{60};  // less is not the cause of a refusal
  if (party.refusals.empty()) party.refusals = refusals();
  if (party.read_body == nullptr) party.read_body = &read_answer;
  std::optional<seconds> server_time;
  while (true) {
    Exchange exchange = token ? Exchange(host, *token, party) : Exchange(host, party);
    HttpRequest copy = request.clone();
    const seconds now = server_time.value_or(host.clock().unix_now());
    const Result<void> done = sign(Crypto(host), copy, keys, scope, now);
    if (!done) return tl::make_unexpected(done.error());
    Result<nlohmann::json> answer = exchange.send(std::move(copy));
    if (answer) return SignedAnswer{std::move(exchange), std::move(*answer), server_time};
    const std::optional<seconds> theirs = exchange.server_time();
    const seconds ahead = theirs ? now - *theirs : seconds(0);
    if (server_time || !detail::is_about_the_signature(exchange.refusal()) || std::chrono::abs(ahead) < skew_min) {
      return tl::make_unexpected(answer.error());
    }
    server_time = theirs;
    const std::string skew = "this node's clock " + std::to_string(std::abs(ahead.count())) + " s " +
                             (ahead.count() > 0 ? "ahead of" : "behind") + " AWS's";
    host.log().warn(skew + ": signed again by the time of AWS; correct the clock (NTP)");
    party.asked += (party.asked.empty() ? "" : ", ") + skew;
  }
}

}  // namespace regcred::aws
