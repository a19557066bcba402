// SPDX-License-Identifier: Apache-2.0
#include "services/http/curl_probe.hpp"

#include <sys/socket.h>

#include <array>

#include "services/http/curl_failure.hpp"
#include "services/http/curl_setup.hpp"
#include "services/http/peer_chain.hpp"
#include "services/http/proxy_route.hpp"
#include "services/http/request_rules.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t addresses_max = 8;

// What is noted during one connection.
struct Watch {
  Clock &clock;
  std::int64_t started_ms;
  ProbeReport &report;
  PeerChain chain = {};
  bool tls_began = false;

  [[nodiscard]] std::int64_t elapsed_ms() const { return clock.monotonic_ms() - started_ms; }
};

extern "C" curl_socket_t open_and_note(void *context, curlsocktype, curl_sockaddr *address) {
  auto &watch = *static_cast<Watch *>(context);
  try {
    if (watch.report.addresses.empty()) watch.report.times.name_ms = watch.elapsed_ms();
    if (watch.report.addresses.size() < addresses_max) {
      watch.report.addresses.push_back(address_alone(*address));
    }
  } catch (...) {
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Called when the connection stands and TLS begins: with an https proxy, and then again with the server.
extern "C" CURLcode begin_tls(CURL *, void *tls_context, void *context) {
  auto &watch = *static_cast<Watch *>(context);
  watch.report.times.connect_ms = watch.elapsed_ms();
  watch.tls_began = true;
  watch.chain = {};
  watch_verification(static_cast<SSL_CTX *>(tls_context), watch.chain);
  return CURLE_OK;
}

std::string peer_of(CURL *easy) {
  long port = 0;
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port);
  const std::string text = primary_address(easy);
  if (text.empty()) return {};
  return (text.find(':') == std::string::npos ? text : '[' + text + ']') + ':' + std::to_string(port);
}

ProbePhase phase_of(const Watch &watch, bool done) {
  if (done) return ProbePhase::done;
  if (watch.tls_began) return ProbePhase::tls;
  return watch.report.addresses.empty() ? ProbePhase::name : ProbePhase::connection;
}

}  // namespace

CurlProber::CurlProber(const HttpConfig &config, Clock &clock) : config_(config), clock_(clock) { prepare_curl(); }

ProbeReport CurlProber::probe(std::string_view authority, AttemptLimits limits) {
  ProbeReport report;
  const std::string url = "https://" + std::string(authority) + '/';
  report.failure = broken_rule({.method = "GET", .url = url});
  if (!report.failure.empty()) return report;
  const Result<TrustRoots> roots = find_trust_roots(config_);
  if (!roots) {
    report.failure = trust_failure(roots.error()).text;
    return report;
  }
  report.through_proxy = goes_through_proxy(url, config_.proxy);
  if (report.through_proxy) report.proxy = host_of_proxy(config_.proxy.url);

  const CurlHandle easy(curl_easy_init());
  std::array<char, CURL_ERROR_SIZE> detail{};
  Watch watch{clock_, clock_.monotonic_ms(), report};
  CurlSetup setup(easy.get());
  setup.set_trust(*roots);
  setup.set_proxy(config_.proxy, url);
  setup.set_limits(limits);
  setup.set(CURLOPT_PROTOCOLS_STR, "https");  // H1
  setup.set(CURLOPT_URL, url.c_str());
  setup.set(CURLOPT_CONNECT_ONLY, 1L);
  setup.set(CURLOPT_ERRORBUFFER, detail.data());
  setup.set(CURLOPT_OPENSOCKETFUNCTION, &open_and_note);
  setup.set(CURLOPT_OPENSOCKETDATA, static_cast<void *>(&watch));
  setup.set(CURLOPT_SSL_CTX_FUNCTION, &begin_tls);
  setup.set(CURLOPT_SSL_CTX_DATA, static_cast<void *>(&watch));
  if (setup.code() != CURLE_OK) {
    report.failure = curl_setup_failure(setup.code()).text;
    return report;
  }
  const CURLcode code = curl_easy_perform(easy.get());
  report.times.whole_ms = watch.elapsed_ms();
  report.ended_in = phase_of(watch, code == CURLE_OK);
  report.connected_to = peer_of(easy.get());
  report.tls_version = watch.chain.tls_version;
  report.chain = std::move(watch.chain.certificates);
  report.verify_result = watch.chain.verify_result;
  if (code == CURLE_OK) {
    report.times.tls_ms = report.times.whole_ms;
  } else {
    const std::string_view proxy = report.through_proxy ? std::string_view(config_.proxy.url) : std::string_view{};
    report.failure = explain_curl_failure(easy.get(), code, {authority, proxy, detail.data(), limits}).text;
  }
  return report;
}

}  // namespace regcred::core
