// SPDX-License-Identifier: Apache-2.0
// When to try again, and how long to wait: pure arithmetic, and the loop that uses it.
#pragma once

#include <optional>
#include <string_view>

#include "common/registry_config.hpp"
#include "services/clock/clock.hpp"
#include "services/http/http_attempt.hpp"

namespace regcred::core {

// Where jitter comes from: a number in [0, 1). In tests: a fixed one.
using RandomFraction = double (*)();
[[nodiscard]] double system_random_fraction();

// 408, 425, 429 and 5xx: worth another attempt (RFC 9110, 15.5.9, 15.6; RFC 8470, 5.2; RFC 6585, 4).
[[nodiscard]] bool is_transient_status(int status) noexcept;

// Seconds that a Retry-After value asks for (RFC 9110, 10.2.3: seconds, or a date in any of the three forms of 5.6.7);
// never negative. Empty when it is neither.
[[nodiscard]] std::optional<std::int64_t> parse_retry_after(std::string_view value, std::int64_t unix_now);

// The wait before attempt number `next` (2, 3, ...): base x factor^(next-2), at most the cap, of which the share
// `backoff_jitter` is random ("full jitter" when it is 1).
[[nodiscard]] std::int64_t backoff_ms(const HttpConfig &config, int next, double random_fraction);

// Limits of one attempt of a request with that `timeout_ms` (0: none of its own) and `remaining_ms` left. An attempt
// that may be followed by another gets at most half of the time, so that one hung attempt never uses all of it.
[[nodiscard]] AttemptLimits attempt_limits(const HttpConfig &config, std::int64_t timeout_ms, std::int64_t remaining_ms,
                                           bool last_attempt);

// Tries until there is a response that is final, or a failure that another attempt cannot cure, or no attempt or
// no time is left. A Retry-After that fits the remaining time is obeyed. One that does not fit ends the loop at once,
// and the response tells the caller how long it would be.
[[nodiscard]] tl::expected<HttpResponse, HttpFailure> send_with_retries(const HttpRequest &request, HttpAttempt &http,
                                                                        const HttpConfig &config, Deadline deadline,
                                                                        Clock &clock, RandomFraction random);

}  // namespace regcred::core
