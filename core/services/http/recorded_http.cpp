// SPDX-License-Identifier: Apache-2.0
#include "services/http/recorded_http.hpp"

#include "common/text.hpp"
#include "services/http/trace.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t party_bytes_max = 64;

}  // namespace

tl::expected<HttpResponse, HttpFailure> RecordedHttp::send(const HttpRequest &request) {
  const std::int64_t start = clock_.monotonic_ms();
  tl::expected<HttpResponse, HttpFailure> outcome = http_.send(request);
  if (calls_.size() >= recorded_calls_max) return outcome;
  const std::vector<std::string_view> secrets = secrets_of(request, token_);
  const auto shown = [&](std::string_view text, std::size_t bytes_max) {
    return printable(redacted(text, secrets), bytes_max);  // guard: calls-redacted
  };
  // A party may have the words of a header that is not a secret: X-Amz-Target: ....GetAuthorizationToken.
  HttpCall call{.party = printable(redacted(request.party, {&token_, 1}), party_bytes_max),
                .method = shown(request.method, party_bytes_max),
                .url = shown(request.url.substr(0, request.url.find('?')), recorded_text_bytes_max),
                .ms = clock_.monotonic_ms() - start};
  if (outcome) {
    call.status = outcome->status;
    call.attempts = outcome->attempts;
  } else {
    call.failure = shown(outcome.error().text, recorded_text_bytes_max);
    call.attempts = outcome.error().attempts;
  }
  calls_.push_back(std::move(call));
  return outcome;
}

}  // namespace regcred::core
