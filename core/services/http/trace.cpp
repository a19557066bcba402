// SPDX-License-Identifier: Apache-2.0
#include "services/http/trace.hpp"

#include <algorithm>

#include "common/limits.hpp"
#include "common/text.hpp"

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

bool is_about_rates(std::string_view name) {
  return name == "retry-after" || name == "ratelimit" || name.starts_with("ratelimit-") ||
         name.starts_with("x-ratelimit-");
}

// Numbers, dates and policies as "100;w=60" are made of short words; credentials are not.
bool is_short_words(std::string_view value) {
  constexpr std::size_t value_bytes_max = 64;
  constexpr std::size_t word_bytes_max = 16;
  if (value.size() > value_bytes_max) return false;
  std::size_t word = 0;
  for (const char c : value) {
    word = std::string_view(" ,;=:\"").find(c) == std::string_view::npos ? word + 1 : 0;
    if (word > word_bytes_max || c < ' ' || c > '~') return false;
  }
  return true;
}

}  // namespace

std::string rate_limit_headers(const std::vector<std::pair<std::string, std::string>> &headers) {
  std::string text;
  for (const auto &[name, value] : headers) {
    if (!is_about_rates(name)) continue;
    text += (text.empty() ? "" : "; ") + printable(name, 64) + ": " + (is_short_words(value) ? value : "(odd)");
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
  // A server may quote what it was sent: the token, or a credential in a header ("Basic ...").
  std::vector<std::string_view> secrets = {token};
  for (const auto &[name, value] : request.headers) secrets.push_back(value.substr(value.rfind(' ') + 1));
  return printable(redacted(line, secrets), limits::log_line_bytes_max);
}

tl::expected<HttpResponse, AttemptFailure> TracedAttempt::send(const HttpRequest &request, AttemptLimits limits) {
  tl::expected<HttpResponse, AttemptFailure> outcome = http_.send(request, limits);
  trace_.log->write(REGCRED_LOG_DEBUG, trace_line(request, outcome, ++attempts_, trace_.token));
  return outcome;
}

}  // namespace regcred::core
