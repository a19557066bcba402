// SPDX-License-Identifier: Apache-2.0
#include "services/http/trace.hpp"

#include <algorithm>

#include "common/limits.hpp"
#include "common/text.hpp"
#include "services/http/retry.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t url_bytes_max = 300;

std::string in_ms(const PhaseTimes &times) {
  std::string phases;
  const auto add = [&phases](const char *name, std::int64_t ms) {
    if (ms >= 0) phases += (phases.empty() ? "" : ", ") + std::string(name) + ' ' + std::to_string(ms);
  };
  add("name", times.name_ms);
  add("connect", times.connect_ms);
  add("TLS", times.tls_ms);
  add("first byte", times.first_byte_ms);
  return " in " + std::to_string(std::max<std::int64_t>(0, times.whole_ms)) + " ms" +
         (phases.empty() ? "" : " (" + phases + ')');
}

// A server may write what it likes into a header's name as into its value, so only names that are in use are shown.
bool is_about_rates(std::string_view name) {
  if (name == "retry-after") return true;
  if (name.starts_with("x-")) name.remove_prefix(2);
  constexpr std::string_view names[] = {"ratelimit",       "ratelimit-limit",  "ratelimit-remaining",
                                        "ratelimit-reset", "ratelimit-policy", "ratelimit-interval"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// A number of at most 12 digits, or a word of draft-ietf-httpapi-ratelimit-headers.
bool is_rate_word(std::string_view word) {
  constexpr std::string_view words[] = {"q", "qu", "r", "t", "w", "limit", "remaining", "reset", "policy", "default"};
  constexpr std::size_t digits_max = 12;
  return std::find(std::begin(words), std::end(words), word) != std::end(words) ||
         (word.size() <= digits_max && word.find_first_not_of("0123456789") == std::string_view::npos);
}

// Numbers and policies as "100;w=60", or a date.
bool is_about_numbers(std::string_view value) {
  constexpr std::size_t value_bytes_max = 64;
  if (value.size() > value_bytes_max) return false;
  if (value.find(' ') != std::string_view::npos && parse_retry_after(value, 0)) return true;
  for (std::size_t start = 0; start <= value.size();) {
    const std::size_t end = std::min(value.find_first_of(" ,;=.\"", start), value.size());
    if (!is_rate_word(value.substr(start, end - start))) return false;
    start = end + 1;
  }
  return true;
}

}  // namespace

std::vector<std::string_view> secrets_of(const HttpRequest &request, std::string_view token) {
  std::vector<std::string_view> secrets = {token};
  for (const auto &[name, value] : request.headers) secrets.push_back(value.substr(value.rfind(' ') + 1));
  return secrets;
}

std::string rate_limit_headers(const std::vector<std::pair<std::string, std::string>> &headers) {
  constexpr std::size_t shown_max = 4;  // the more a server may write here, the more of a token it can write
  std::string text;
  std::size_t shown = 0;
  for (const bool is_wait : {true, false}) {
    for (const auto &[name, value] : headers) {
      if (!is_about_rates(name) || (name == "retry-after") != is_wait || ++shown > shown_max) continue;
      // guard: rate-limit-numbers
      text += (text.empty() ? "" : "; ") + name + ": " + (is_about_numbers(value) ? value : "(odd)");
    }
  }
  return text;
}

std::string trace_line(const HttpRequest &request, const tl::expected<HttpResponse, AttemptFailure> &outcome,
                       int attempt, std::string_view token) {
  const std::string_view url = request.url.substr(0, request.url.find('?'));
  std::string line = std::string(request.method) + ' ' + printable(url, url_bytes_max) + ": ";
  line += outcome ? "HTTP " + std::to_string(outcome->status) + in_ms(outcome->times)
                  : "no response" + in_ms(outcome.error().times);
  line += ", attempt " + std::to_string(attempt);
  if (!outcome) line += ": " + outcome.error().text;
  if (const std::string rates = outcome ? rate_limit_headers(outcome->headers) : ""; !rates.empty()) {
    line += "; " + rates;
  }
  return printable(redacted(line, secrets_of(request, token)), limits::log_line_bytes_max);  // guard: trace-redacted
}

tl::expected<HttpResponse, AttemptFailure> TracedAttempt::send(const HttpRequest &request, AttemptLimits limits) {
  tl::expected<HttpResponse, AttemptFailure> outcome = http_.send(request, limits);
  trace_.log->write(REGCRED_LOG_DEBUG, trace_line(request, outcome, ++attempts_, trace_.token));
  return outcome;
}

}  // namespace regcred::core
