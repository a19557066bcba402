// SPDX-License-Identifier: Apache-2.0
// One text that is read as everything small that comes in as text: a duration, Retry-After, a date, a proxy (in which
// CANARY stands for a password), host[:port], a registry's challenge.
#include <cmath>
#include <ctime>
#include <regcred/detail/answer.hpp>
#include <regcred/detail/http_rules.hpp>
#include <regcred/text.hpp>

#include "cli/doctor/challenge.hpp"
#include "common/duration.hpp"
#include "common/text.hpp"
#include "config/proxy.hpp"
#include "fuzz/go_duration.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"
#include "services/http/retry.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

namespace {

constexpr std::int64_t year_seconds = 366LL * 24 * 3600;

void check_duration(const std::string &text) {
  const auto ours = parse_duration(text);
  const auto go = regcred::fuzz::go_duration(text);
  if (go == INT64_MIN) return;  // refused: nobody means -292 years
  require(ours.has_value() == go.has_value(), "a duration is one to Go, too");
  if (ours) {
    const std::int64_t expected = std::chrono::floor<std::chrono::milliseconds>(std::chrono::nanoseconds(*go)).count();
    require(ours->count() == expected, "and as long", std::to_string(ours->count()) + " " + std::to_string(expected));
  }
}

// Each form of a date (RFC 9110, 5.6.7) of the moment that `text` counts in seconds.
void check_dates(std::string_view text) {
  const std::int64_t moment = regcred::fuzz::number_of(text, -1);
  if (moment < 0 || moment > 3'000'000'000) return;  // two digits of a year reach to 2068
  const std::time_t time = moment;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char written[64];
  const auto check = [&](std::string form) {
    require(parse_retry_after(form, moment - 77) == 77, "a date is the moment it names", form);
  };
  check({written, std::strftime(written, sizeof written, "%a, %d %b %Y %H:%M:%S GMT", &parts)});
  check({written, std::strftime(written, sizeof written, "%a %b %e %H:%M:%S %Y", &parts)});
  std::string rfc850(written, std::strftime(written, sizeof written, "%A, %d-%b-%Y %H:%M:%S GMT", &parts));
  check(rfc850.erase(rfc850.rfind('-') + 1, 2));  // two digits of the year
  const std::size_t bytes = std::strftime(written, sizeof written, "%Y-%m-%dT%H:%M:%SZ", &parts);
  require(regcred::rfc3339_time({written, bytes}) == moment, "and so is one of RFC 3339", written);
}

void check_retry_after(const std::string &text) {
  const auto wait = parse_retry_after(text, 1'750'000'000);
  require(!wait || (*wait >= 0 && *wait <= year_seconds), "a wait is never negative, never longer than a year");
  require(parse_retry_after("\t " + text + " ", 1'750'000'000) == wait, "white space around it does not count");
  const std::int64_t seconds = regcred::fuzz::number_of(text, -1);
  if (seconds >= 0 && text.front() != '-') require(wait == std::min(seconds, year_seconds), "seconds are seconds");
  const auto time = regcred::rfc3339_time(text);
  require(!time || std::abs(static_cast<double>(*time)) < 3e11, "a time is one of this calendar");
}

void check_proxy(const std::string &text) {
  constexpr std::string_view canary = "c_a_n_a_r_y_3_1_4_1_5_9";
  const auto url = proxy_url(regcred::fuzz::with(text, "CANARY", canary), "defaults.proxy");
  if (!url) {
    require(one_line(url.error()).find(canary) == std::string::npos, "no error shows a password");
    return;
  }
  require(url->starts_with("http://") || url->starts_with("https://"), "a proxy has its scheme");
  require(!regcred::has_control_character(*url) && url->find(' ') == std::string::npos, "a proxy is one word");
  require(proxy_url(*url, "").value_or("") == *url, "a proxy stays what it is", *url);
}

void check_challenges(std::string_view text) {
  for (const Challenge &challenge : parse_challenges(text)) {
    require(!challenge.scheme.empty(), "a challenge has a scheme");
    const auto url = token_url(challenge, "acme/app");
    if (!url) continue;
    const std::string broken = regcred::detail::broken_url_rule(*url, false);
    require(broken.empty(), "a realm is a URL that may be asked", broken + " " + *url);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string text(regcred::fuzz::text_of(data, size));
  check_duration(text);
  check_dates(text);
  check_retry_after(text);
  check_proxy(text);
  check_challenges(text);
  if (const auto host = regcred::host_and_port(text)) {
    require(regcred::host_and_port(*host) == *host, "a host stays what it is", *host);
  }
  return 0;
}
