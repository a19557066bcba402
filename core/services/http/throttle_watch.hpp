// SPDX-License-Identifier: Apache-2.0
// Which hosts a backend asked, and whether one of them asked for fewer requests: for the node's memory of throttling
// (cache/throttle_memory.hpp). Holds back what would go to a host that is known to be throttled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/clock/clock.hpp"
#include "services/http/http.hpp"

namespace regcred::core {

inline constexpr std::size_t asked_authorities_max = 8;

// An authority is scheme, host and port of a URL in one spelling: "https://api.cloudsmith.io:443".
enum class AuthorityOutcome {
  no_answer,  // no connection, or none that ended with a response
  answered,   // with a response that does not ask to wait
  throttled,  // with 429, or with 503 and how long to wait
  held_back,  // nothing was sent: it is a HeldAuthority
};

// The last outcome for one authority.
struct AskedAuthority {
  std::string authority;
  AuthorityOutcome outcome = AuthorityOutcome::no_answer;
  std::int64_t wait_seconds = -1;  // throttled: what it asked for, 0 or more; -1: it did not say
};

// An authority that is not to be asked now.
struct HeldAuthority {
  std::string authority;
  std::int64_t wait_seconds = 0;  // 1 or more
};

// "https://host:443" of a URL; empty when it has no host, or more than limits::authority_bytes_max bytes.
[[nodiscard]] std::string authority_of(std::string_view url);

// How long a response asks to wait: Retry-After, else RateLimit-Reset (seconds) or X-RateLimit-Reset (seconds, or a
// unix time). Never negative; empty when it does not say.
[[nodiscard]] std::optional<std::int64_t> wanted_wait(const HttpResponse &response, std::int64_t unix_now);

// Passes every request on and notes what came back, the last asked authority at the end, at most asked_authorities_max.
// A request to one of `held` is not sent: it gets what the host would say, a response 429 with Retry-After.
class ThrottleWatch final : public Http {
 public:
  ThrottleWatch(Http &http, Clock &clock, const std::vector<HeldAuthority> *held)
      : http_(http), clock_(clock), held_(held) {}

  [[nodiscard]] tl::expected<HttpResponse, HttpFailure> send(const HttpRequest &request) override;
  [[nodiscard]] std::vector<AskedAuthority> take() { return std::move(asked_); }

 private:
  void note(AskedAuthority asked);

  Http &http_;
  Clock &clock_;
  const std::vector<HeldAuthority> *held_;
  std::vector<AskedAuthority> asked_;
};

}  // namespace regcred::core
