// SPDX-License-Identifier: Apache-2.0
#include "services/http/throttle_watch.hpp"

#include <algorithm>
#include <regcred/http.hpp>

#include "common/ascii.hpp"
#include "common/limits.hpp"
#include "common/number.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

// A number above this is a unix time, below it seconds from now.
constexpr std::int64_t unix_times_begin = 1'000'000'000;

std::optional<std::int64_t> header_number(const HttpResponse &response, std::string_view name) {
  for (const auto &[header, value] : response.headers) {
    if (header != name) continue;
    const std::optional<std::int64_t> number = number_of<std::int64_t>(value);
    return number.value_or(-1) < 0 ? std::nullopt : number;
  }
  return std::nullopt;
}

HttpResponse as_the_host_would(const HeldAuthority &held) {
  HttpResponse response;
  response.status = 429;
  response.attempts = 0;
  response.retry_after_seconds = held.wait_seconds;
  response.headers.emplace_back("retry-after", std::to_string(held.wait_seconds));
  return response;
}

}  // namespace

std::string authority_of(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const std::string scheme = to_lower(url.substr(0, scheme_end));
  std::string_view host = url_host(url);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  if (host.empty()) return {};
  std::string authority = scheme + "://" + to_lower(host);
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  if (!has_port) authority += scheme == "http" ? ":80" : ":443";
  return authority.size() <= limits::authority_bytes_max && is_printable(authority) ? authority : std::string();
}

std::optional<std::int64_t> wanted_wait(const HttpResponse &response, std::int64_t unix_now) {
  if (response.retry_after_seconds >= 0) return response.retry_after_seconds;
  for (const std::string_view name : {"ratelimit-reset", "x-ratelimit-reset"}) {
    const std::optional<std::int64_t> number = header_number(response, name);
    if (!number) continue;
    return *number < unix_times_begin ? *number : std::max<std::int64_t>(0, *number - unix_now);
  }
  return std::nullopt;
}

void ThrottleWatch::note(AskedAuthority asked) {
  if (asked.authority.empty()) return;
  std::erase_if(asked_, [&](const AskedAuthority &earlier) { return earlier.authority == asked.authority; });
  if (asked_.size() >= asked_authorities_max) asked_.erase(asked_.begin());
  asked_.push_back(std::move(asked));
}

tl::expected<HttpResponse, HttpFailure> ThrottleWatch::send(const HttpRequest &request) {
  const std::string authority = authority_of(request.url);
  if (held_ != nullptr) {
    for (const HeldAuthority &held : *held_) {
      if (held.authority != authority) continue;
      note({authority, AuthorityOutcome::held_back, held.wait_seconds});
      return as_the_host_would(held);  // guard: held-back
    }
  }
  tl::expected<HttpResponse, HttpFailure> outcome = http_.send(request);
  AskedAuthority asked{authority};
  if (outcome) {
    const std::optional<std::int64_t> wait = wanted_wait(*outcome, clock_.unix_ms() / 1000);
    const bool is_throttled = outcome->status == 429 || (outcome->status == 503 && wait);
    asked.outcome = is_throttled ? AuthorityOutcome::throttled : AuthorityOutcome::answered;
    if (is_throttled) asked.wait_seconds = wait.value_or(-1);
  }
  note(std::move(asked));
  return outcome;
}

}  // namespace regcred::core
