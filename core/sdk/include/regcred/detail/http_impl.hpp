// SPDX-License-Identifier: Apache-2.0
// The bodies of http.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <regcred/abi.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <regcred/detail/slice.hpp>
#include <regcred/http.hpp>
#include <regcred/json.hpp>

namespace regcred {

inline HttpRequest HttpRequest::clone() const {
  return {.method = method,
          .url = url,
          .headers = headers,
          .body = body.clone(),
          .may_repeat = may_repeat,
          .metadata_endpoint = metadata_endpoint,
          .timeout = timeout,
          .party = party};
}

inline std::string_view HttpResponse::header(std::string_view name) const noexcept {
  for (const auto &[key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

inline bool HttpResponse::ok() const noexcept { return status == 200 || status == 201; }

inline std::optional<nlohmann::json> HttpResponse::json_object() const { return parse_json_object(body.reveal()); }

namespace detail {

inline void append_percent_encoded(std::string &out, std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(hex[byte >> 4U]);
      out.push_back(hex[byte & 0xFU]);
    }
  }
}

}  // namespace detail

inline std::string percent_encode(std::string_view text) {
  std::string out;
  detail::append_percent_encoded(out, text);
  return out;
}

inline std::string_view url_host(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

inline Code code_of_status(int status) {
  if (status == 400 || status == 401 || status == 403 || status == 422) return Code::denied;
  if (status == 429) return Code::throttled;
  return status == 408 || status == 425 || status >= 500 ? Code::unavailable : Code::bad_upstream;
}

inline Failure failure_of(const HttpResponse &response, std::string text) {
  Failure failure{code_of_status(response.status), std::move(text)};
  if (failure.code == Code::throttled) failure.retry_after = response.retry_after;
  return failure;
}

namespace detail {

struct ReceivedResponse {
  HttpResponse response;
  std::string error;
  bool out_of_memory = false;
};

// Copies at once; called by the host, so no exception may leave.
inline void receive_response(void *context, const regcred_http_response_v1 *raw) noexcept {
  auto &received = *static_cast<ReceivedResponse *>(context);
  try {
    received.error = std::string(to_view(raw->error));
    HttpResponse &response = received.response;
    response.status = raw->status;
    response.attempts = raw->attempts;
    if (raw->retry_after_seconds >= 0) response.retry_after = std::chrono::seconds(raw->retry_after_seconds);
    for (std::uint64_t i = 0; i < raw->headers_count; ++i) {
      response.headers.emplace_back(to_view(raw->headers[i].name), to_view(raw->headers[i].value));
    }
    response.body = Secret(to_view(raw->body));
  } catch (...) {
    received.out_of_memory = true;
  }
}

}  // namespace detail

namespace detail {

// As abi.h has it, where 0 means without a limit: a timeout that is over is 1 ms.
[[nodiscard]] inline std::uint32_t timeout_ms(std::optional<std::chrono::milliseconds> timeout) {
  constexpr std::int64_t longest = UINT32_MAX;
  return timeout ? static_cast<std::uint32_t>(std::clamp<std::int64_t>(timeout->count(), 1, longest)) : 0U;
}

}  // namespace detail

inline Http::Http(const Host &host) noexcept : service_(host.service<regcred_http_v1>(REGCRED_SERVICE_HTTP)) {}

inline Result<HttpResponse> Http::send(const HttpRequest &request) const {
  if (service_ == nullptr) return failure(Code::internal, "this host has no service " REGCRED_SERVICE_HTTP);
  std::vector<regcred_pair> pairs;
  for (const auto &[name, value] : request.headers) {
    pairs.push_back({detail::to_slice(name), detail::to_slice(value)});
  }
  regcred_http_request_v1 raw{};
  detail::set_header(raw);
  raw.method = detail::to_slice(request.method);
  raw.url = detail::to_slice(request.url);
  raw.headers = pairs.data();
  raw.headers_count = pairs.size();
  raw.body = detail::to_slice(request.body.reveal());
  raw.flags =
      (request.may_repeat ? 0U : REGCRED_HTTP_NO_RETRY) | (request.metadata_endpoint ? REGCRED_HTTP_METADATA : 0U);
  raw.timeout_ms = detail::timeout_ms(request.timeout);
  raw.party = detail::to_slice(request.party);

  detail::ReceivedResponse received;
  regcred_http_sink_v1 sink{};
  detail::set_header(sink);
  sink.context = &received;
  sink.response = &detail::receive_response;
  const std::int32_t code = service_->send(service_->context, &raw, &sink);
  if (received.out_of_memory) return failure(Code::internal, "out of memory while reading a response");
  if (code != REGCRED_OK) return failure(static_cast<Code>(code), std::move(received.error));
  return std::move(received.response);
}

}  // namespace regcred
