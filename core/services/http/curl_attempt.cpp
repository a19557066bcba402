// SPDX-License-Identifier: Apache-2.0
#include "services/http/curl_attempt.hpp"

#include <curl/curl.h>
#include <sys/socket.h>

#include <array>
#include <regcred/http.hpp>

#include "common/ascii.hpp"
#include "common/limits.hpp"
#include "services/http/curl_failure.hpp"
#include "services/http/curl_setup.hpp"
#include "services/http/proxy_route.hpp"
#include "services/http/retry.hpp"

namespace regcred::core {
namespace {

// What arrives, within its limits. Callbacks end the transfer by taking less than offered.
struct Received {
  HttpResponse response;
  std::size_t header_bytes = 0;
  bool too_large = false;
};

void add_header(HttpResponse &response, std::string_view line) {
  if (line.starts_with("HTTP/")) return response.headers.clear();  // a status line: 1xx came before
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  response.headers.emplace_back(to_lower(trimmed(line.substr(0, colon))), trimmed(line.substr(colon + 1)));
}

extern "C" std::size_t take_header(char *bytes, std::size_t, std::size_t size, void *context) {
  auto &received = *static_cast<Received *>(context);
  received.header_bytes += size;
  if (received.header_bytes > limits::http_headers_bytes_max) {  // guard: headers-limit
    received.too_large = true;
    return 0;
  }
  try {
    add_header(received.response, {bytes, size});
  } catch (...) {
    return 0;
  }
  return size;
}

extern "C" std::size_t take_body(char *bytes, std::size_t, std::size_t size, void *context) {
  auto &received = *static_cast<Received *>(context);
  if (received.response.body.size() + size > limits::http_body_bytes_max) {  // guard: body-limit
    received.too_large = true;
    return 0;
  }
  try {
    received.response.body.append(bytes, size);
  } catch (...) {
    return 0;
  }
  return size;
}

extern "C" curl_socket_t open_allowed(void *context, curlsocktype, curl_sockaddr *address) {
  auto &guard = *static_cast<AddressGuard *>(context);
  try {
    const std::string text = address_alone(*address);
    if (!guard.allows(kind_of_address(address->family, address_bytes(*address)), text)) return CURL_SOCKET_BAD;
    guard.address = text;
  } catch (...) {
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Where `guard` lets the request go. False when the name alone forbids it: a proxy would be asked for it.
bool set_guard(CurlSetup &setup, AddressGuard &guard, const ProxyConfig &proxy, const std::string &url, bool proxied) {
  if (proxied) {
    setup.set_proxy({.url = proxy.url}, url);
    return guard.allows(kind_of_name(url_host(url)), url_host(url));
  }
  setup.set_proxy({}, url);
  setup.set(CURLOPT_OPENSOCKETFUNCTION, &open_allowed);
  setup.set(CURLOPT_OPENSOCKETDATA, static_cast<void *>(&guard));
  return true;
}

AttemptFailure refused_address(std::string_view url, const AddressGuard &guard) {
  return {REGCRED_UNAVAILABLE, std::string(url_host(url)) + " is at " + guard.refused + ", where this may not go",
          false};
}

void set_request(CurlSetup &setup, const HttpRequest &request, const std::string &url, const std::string &method) {
  // guard: curl-https-only
  setup.set(CURLOPT_PROTOCOLS_STR, request.metadata_endpoint ? "http,https" : "https");  // H1
  setup.set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  setup.set(CURLOPT_URL, url.c_str());
  setup.set(CURLOPT_CUSTOMREQUEST, method.c_str());
  if (method == "GET") {
    setup.set(CURLOPT_HTTPGET, 1L);
    setup.set(CURLOPT_CUSTOMREQUEST, static_cast<const char *>(nullptr));
    return;
  }
  setup.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  setup.set(CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());  // not copied
}

// Headers as "Name: value"; one without a value as "Name;". What libcurl would add by itself is left out.
CurlList header_list(const HttpRequest &request) {
  CurlList list;
  append(list, "Expect:");
  bool has_content_type = false;
  for (const auto &[name, value] : request.headers) {
    std::string line(name);
    has_content_type = has_content_type || curl_strequal(line.c_str(), "content-type") != 0;
    append(list, value.empty() ? line + ';' : line + ": " + std::string(value));
  }
  if (!has_content_type) append(list, "Content-Type:");  // not the form type that libcurl assumes
  return list;
}

}  // namespace

CurlAttempt::CurlAttempt(const HttpConfig &config, Clock &clock) : config_(config), clock_(clock) { prepare_curl(); }

CurlAttempt::~CurlAttempt() = default;

tl::expected<HttpResponse, AttemptFailure> CurlAttempt::send(const HttpRequest &request, AttemptLimits limits) {
  const TrustRoots none;
  if (!request.metadata_endpoint) {
    if (!roots_) roots_ = find_trust_roots(config_);
    if (!*roots_) return tl::make_unexpected(trust_failure(roots_->error()));
  }
  CurlHandle easy = easy_ ? std::move(easy_) : CurlHandle(curl_easy_init());
  if (!easy) return tl::make_unexpected(curl_setup_failure(CURLE_FAILED_INIT));

  const std::string url(request.url);
  const std::string method(request.method);
  const CurlList headers = header_list(request);
  std::array<char, CURL_ERROR_SIZE> detail{};
  Received received;

  CurlSetup setup(easy.get());
  setup.set_trust(request.metadata_endpoint ? none : **roots_);
  setup.set_proxy(request.metadata_endpoint ? ProxyConfig{} : config_.proxy, url);  // guard: metadata-direct
  setup.set_limits(limits);
  set_request(setup, request, url, method);
  setup.set(CURLOPT_HTTPHEADER, headers.get());
  setup.set(CURLOPT_USERAGENT, config_.user_agent.empty() ? "regcred/" REGCRED_VERSION : config_.user_agent.c_str());
  // guard: no-compression
  setup.set<const char *>(CURLOPT_ACCEPT_ENCODING, nullptr);  // H5: nothing is decompressed
  setup.set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits::http_body_bytes_max));
  setup.set(CURLOPT_ERRORBUFFER, detail.data());
  setup.set(CURLOPT_HEADERFUNCTION, &take_header);
  setup.set(CURLOPT_HEADERDATA, static_cast<void *>(&received));
  setup.set(CURLOPT_WRITEFUNCTION, &take_body);
  setup.set(CURLOPT_WRITEDATA, static_cast<void *>(&received));
  AddressGuard *const guard = request.guard;
  // An address is judged when its connection is made, and libcurl repeats what a kept connection did not answer.
  // guard: own-connection
  const bool is_apart = guard != nullptr || request.metadata_endpoint || !request.may_repeat;
  setup.set(CURLOPT_FRESH_CONNECT, is_apart ? 1L : 0L);
  setup.set(CURLOPT_FORBID_REUSE, is_apart ? 1L : 0L);
  const auto is_proxied = [&] { return !request.metadata_endpoint && goes_through_proxy(url, config_.proxy); };
  if (guard != nullptr && !set_guard(setup, *guard, config_.proxy, url, is_proxied())) {
    return tl::make_unexpected(refused_address(url, *guard));
  }
  if (setup.code() != CURLE_OK) return tl::make_unexpected(curl_setup_failure(setup.code()));

  CURLcode code = curl_easy_perform(easy.get());
  if (code == CURLE_WRITE_ERROR && received.too_large) code = CURLE_FILESIZE_EXCEEDED;
  if (code != CURLE_OK) {
    if (guard != nullptr && guard->address.empty() && !guard->refused.empty()) {
      return tl::make_unexpected(refused_address(url, *guard));
    }
    const std::string_view proxy = is_proxied() ? std::string_view(config_.proxy.url) : std::string_view{};
    AttemptFailure failure =
        explain_curl_failure(easy.get(), code, {url_host(request.url), proxy, detail.data(), limits});
    failure.times = phase_times(easy.get());
    return tl::make_unexpected(std::move(failure));
  }
  if (guard != nullptr && !guard->address.empty()) guard->address = primary_address(easy.get());
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status > 599) {
    return tl::make_unexpected(AttemptFailure{REGCRED_BAD_UPSTREAM, "a response with status " + std::to_string(status),
                                              false, phase_times(easy.get())});
  }
  HttpResponse &response = received.response;
  response.status = static_cast<int>(status);
  response.times = phase_times(easy.get());
  for (const auto &[name, value] : response.headers) {
    if (name != "retry-after") continue;
    response.retry_after_seconds = parse_retry_after(value, clock_.unix_ms() / 1000).value_or(-1);
  }
  // Behind one name stand many servers: another connection may come to one that is well.
  if (!is_transient_status(response.status)) {  // guard: no-connection-kept-after-a-failure
    curl_easy_reset(easy.get());                // it points to what ends here; its connections stay
    easy_ = std::move(easy);
  }
  return std::move(response);
}

}  // namespace regcred::core
