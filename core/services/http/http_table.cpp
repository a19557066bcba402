// SPDX-License-Identifier: Apache-2.0
#include "services/http/http_table.hpp"

#include <cstddef>
#include <regcred/detail/slice.hpp>
#include <regcred/secret.hpp>
#include <string_view>

namespace regcred::core {
namespace {

constexpr std::uint64_t headers_max = 1000;  // only to keep a damaged count from being walked

HttpRequest to_request(const regcred_http_request_v1 &raw) {
  HttpRequest request;
  request.method = detail::to_view(raw.method);
  request.url = detail::to_view(raw.url);
  for (std::uint64_t i = 0; i < raw.headers_count; ++i) {
    request.headers.emplace_back(detail::to_view(raw.headers[i].name), detail::to_view(raw.headers[i].value));
  }
  request.body = detail::to_view(raw.body);
  request.may_repeat = (raw.flags & REGCRED_HTTP_NO_RETRY) == 0;
  request.metadata_endpoint = (raw.flags & REGCRED_HTTP_METADATA) != 0;
  request.timeout_ms = raw.timeout_ms;
  request.party = detail::to_view(raw.party);
  return request;
}

// What a backend of ABI 1.0 hands over: what was added later may be missing.
constexpr std::size_t request_bytes_1_0 =
    offsetof(regcred_http_request_v1, party) + sizeof(regcred_http_request_v1::party);

bool is_usable(const regcred_http_request_v1 &raw) {
  return raw.struct_size >= request_bytes_1_0 && raw.abi_major == REGCRED_ABI_MAJOR &&
         raw.headers_count <= headers_max && (raw.headers_count == 0 || raw.headers != nullptr);
}

std::vector<regcred_pair> to_pairs(const HttpResponse &response) {
  std::vector<regcred_pair> pairs;
  for (const auto &[name, value] : response.headers) pairs.push_back({detail::to_slice(name), detail::to_slice(value)});
  return pairs;
}

void hand_over(const regcred_http_sink_v1 &sink, HttpResponse &response, const std::vector<regcred_pair> &headers) {
  regcred_http_response_v1 raw{};
  detail::set_header(raw);
  raw.status = response.status;
  raw.attempts = response.attempts;
  raw.retry_after_seconds = response.retry_after_seconds;
  raw.headers = headers.data();
  raw.headers_count = headers.size();
  raw.body = detail::to_slice(response.body);
  sink.response(sink.context, &raw);
  wipe(response.body);
}

std::int32_t hand_over_failure(const regcred_http_sink_v1 &sink, std::int32_t code, std::string_view text,
                               int attempts) {
  regcred_http_response_v1 raw{};
  detail::set_header(raw);
  raw.attempts = attempts;
  raw.retry_after_seconds = -1;
  raw.error = detail::to_slice(text);
  sink.response(sink.context, &raw);
  return code;
}

}  // namespace

HttpTable::HttpTable(Http &http) : http_(http) {
  detail::set_header(table_);
  table_.context = this;
  table_.send = &HttpTable::send;
}

std::int32_t HttpTable::send(void *context, const regcred_http_request_v1 *request,
                             const regcred_http_sink_v1 *sink) noexcept {
  bool handed_over = false;
  try {
    if (!is_usable(*request)) {
      handed_over = true;
      return hand_over_failure(*sink, REGCRED_BAD_REQUEST, "the request's struct is too short or of another ABI", 0);
    }
    tl::expected<HttpResponse, HttpFailure> outcome =
        static_cast<HttpTable *>(context)->http_.send(to_request(*request));
    const std::vector<regcred_pair> headers = outcome ? to_pairs(*outcome) : std::vector<regcred_pair>{};
    handed_over = true;
    if (!outcome) {
      return hand_over_failure(*sink, outcome.error().code, outcome.error().text, outcome.error().attempts);
    }
    hand_over(*sink, *outcome, headers);
    return REGCRED_OK;
  } catch (...) {
    return handed_over ? REGCRED_INTERNAL : hand_over_failure(*sink, REGCRED_INTERNAL, "out of memory", 0);
  }
}

}  // namespace regcred::core
