// Hostile text on its way to a terminal, a log, a header's number: durations, dates, redaction.
#include "common/text.hpp"

#include <array>

#include "common/duration.hpp"
#include "common/limits.hpp"
#include "config/proxy.hpp"
#include "fuzz/require.hpp"
#include "services/http/retry.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view text = regcred::fuzz::text_of(data, size);
  const std::string shown = printable(text, 200);
  require(is_utf8(shown) && shown.size() <= 203, "what is shown is UTF-8 and bounded");
  for (const char c : shown)
    require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "and has no control character");

  const std::string line = one_line({ErrorCode::backend, std::string(text), std::string(text), std::string(text)});
  require(line.size() <= limits::error_line_bytes_max && line.find('\n') == line.size() - 1, "an error is one line");

  constexpr std::string_view secret = "s3cr3t-of-the-pod";
  const std::string hidden = redacted(std::string(text) + std::string(secret) + std::string(text), {&secret, 1});
  require(hidden.find(secret) == std::string::npos, "a secret is never shown");

  const auto wait = parse_retry_after(text, 1'750'000'000);
  require(!wait || *wait >= 0, "a wait is never negative");
  static_cast<void>(parse_duration(text));
  static_cast<void>(proxy_url(text, ""));
  return 0;
}
