// SPDX-License-Identifier: Apache-2.0
// The set-up of every libcurl handle of this module (fixed options, trust, proxy), and what is read from it at the end.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/registry_config.hpp"
#include "services/http/http_attempt.hpp"
#include "services/http/trust_roots.hpp"

namespace regcred::core {

struct CurlDeleter {
  void operator()(CURL *easy) const noexcept { curl_easy_cleanup(easy); }
  void operator()(curl_slist *list) const noexcept { curl_slist_free_all(list); }
};
using CurlHandle = std::unique_ptr<CURL, CurlDeleter>;
using CurlList = std::unique_ptr<curl_slist, CurlDeleter>;

// Once per process, before the first handle (L4). Throws std::bad_alloc.
void prepare_curl();

// Appends `line` to `list`. Throws std::bad_alloc.
void append(CurlList &list, const std::string &line);

// Calls curl_easy_setopt and keeps the first failure: an option that libcurl refuses must not be missing silently.
class CurlSetup {
 public:
  // Sets curl_options.hpp.
  explicit CurlSetup(CURL *easy);
  template <class Value>
  void set(CURLoption option, Value value) {
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(easy_, option, value);
  }
  // `roots` outlives the transfer.
  void set_trust(const TrustRoots &roots);
  // Sets `proxy` for this URL; an empty one keeps libcurl from reading the environment.
  void set_proxy(const ProxyConfig &proxy, std::string_view url);
  void set_limits(AttemptLimits limits);
  [[nodiscard]] CURLcode code() const noexcept { return code_; }

 private:
  CURL *easy_;
  CURLcode code_ = CURLE_OK;
};

// Why no attempt was made.
[[nodiscard]] AttemptFailure curl_setup_failure(CURLcode code);
[[nodiscard]] AttemptFailure trust_failure(const Error &error);

// When the phases of the finished transfer on `easy` were over.
[[nodiscard]] PhaseTimes phase_times(CURL *easy);

// "192.0.2.1 443": of a socket that libcurl asks for.
[[nodiscard]] std::string address_and_port(const curl_sockaddr &address);

// The same without the port; and as in_addr or in6_addr.
[[nodiscard]] std::string address_alone(const curl_sockaddr &address);
[[nodiscard]] const void *address_bytes(const curl_sockaddr &address) noexcept;

// To which address the transfer on `easy` had its connection; empty: to none.
[[nodiscard]] std::string primary_address(CURL *easy);

// host:port of a proxy's URL, which may hold user and password before the last '@'.
[[nodiscard]] std::string_view host_of_proxy(std::string_view url) noexcept;

}  // namespace regcred::core
