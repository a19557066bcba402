// SPDX-License-Identifier: Apache-2.0
#include "services/http/retry.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cmath>
#include <regcred/time.hpp>
#include <string>

#include "common/number.hpp"

namespace regcred::core {
namespace {

// Less than this is not enough for a connection, TLS and an answer.
constexpr std::int64_t useful_attempt_ms = 200;

constexpr std::int64_t retry_after_seconds_max = 366LL * 24 * 3600;

using Outcome = tl::expected<HttpResponse, AttemptFailure>;

bool is_worth_another(const Outcome &outcome) {
  return outcome ? is_transient_status(outcome->status) : outcome.error().another_may_help;
}

std::int64_t wait_ms(const Outcome &outcome, const HttpConfig &config, int next, RandomFraction random) {
  const std::int64_t backoff = backoff_ms(config, next, random());
  const std::int64_t asked = outcome ? outcome->retry_after_seconds * 1000 : -1;
  return std::max(backoff, asked);
}

tl::expected<HttpResponse, HttpFailure> concluded(Outcome outcome, int attempts, bool out_of_time) {
  if (outcome) {
    outcome->attempts = attempts;
    return std::move(*outcome);
  }
  AttemptFailure &failure = outcome.error();
  if (attempts > 1) failure.text = "after " + std::to_string(attempts) + " attempts: " + failure.text;
  const bool deadline_decided = out_of_time && failure.another_may_help;
  return tl::make_unexpected(
      HttpFailure{deadline_decided ? REGCRED_TIMEOUT : failure.code, std::move(failure.text), attempts});
}

}  // namespace

double system_random_fraction() {
  std::uint32_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) return 0.5;
  return static_cast<double>(bits) / 4294967296.0;
}

bool is_transient_status(int status) noexcept {
  return status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
}

std::optional<std::int64_t> parse_retry_after(std::string_view value, std::int64_t unix_now) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  if (!value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos) {
    return std::min(number_of<std::int64_t>(value).value_or(retry_after_seconds_max), retry_after_seconds_max);
  }
  const std::optional<std::int64_t> date = http_date(value);
  if (!date) return std::nullopt;
  return std::clamp<std::int64_t>(*date - unix_now, 0, retry_after_seconds_max);
}

std::int64_t backoff_ms(const HttpConfig &config, int next, double random_fraction) {
  const double grown = static_cast<double>(config.backoff_base_ms) * std::pow(config.backoff_factor, next - 2);
  const double longest = std::min(grown, static_cast<double>(config.backoff_cap_ms));
  return static_cast<std::int64_t>(longest * (1.0 - config.backoff_jitter * random_fraction));
}

AttemptLimits attempt_limits(const HttpConfig &config, std::int64_t timeout_ms, std::int64_t remaining_ms,
                             bool last_attempt) {
  const std::int64_t share_ms =
      // guard: time-for-retry
      last_attempt ? remaining_ms : std::max(remaining_ms / 2, std::min(remaining_ms, useful_attempt_ms));
  const std::int64_t attempt_ms_max =
      timeout_ms > 0 ? std::min(timeout_ms, config.attempt_ms_max) : config.attempt_ms_max;
  const std::int64_t whole_ms = std::min(attempt_ms_max, share_ms);
  return {whole_ms, std::min(config.connect_ms_max, whole_ms)};
}

tl::expected<HttpResponse, HttpFailure> send_with_retries(const HttpRequest &request, HttpAttempt &http,
                                                          const HttpConfig &config, Deadline deadline, Clock &clock,
                                                          RandomFraction random) {
  const int attempts_max = request.may_repeat ? config.attempts_max : 1;
  for (int attempt = 1;; ++attempt) {
    const std::int64_t left_ms = remaining_ms(deadline, clock);
    if (left_ms <= 0) {
      return tl::make_unexpected(HttpFailure{REGCRED_TIMEOUT, "no time is left for a request", attempt - 1});
    }
    Outcome outcome = http.send(request, attempt_limits(config, request.timeout_ms, left_ms, attempt == attempts_max));
    if (!is_worth_another(outcome)) return concluded(std::move(outcome), attempt, false);

    const std::int64_t left_after_ms = remaining_ms(deadline, clock);
    if (attempt == attempts_max) return concluded(std::move(outcome), attempt, left_after_ms < useful_attempt_ms);
    const std::int64_t pause_ms = wait_ms(outcome, config, attempt + 1, random);
    // guard: pause-before-deadline
    if (pause_ms + useful_attempt_ms > left_after_ms) return concluded(std::move(outcome), attempt, true);
    clock.sleep_ms(pause_ms);
  }
}

}  // namespace regcred::core
