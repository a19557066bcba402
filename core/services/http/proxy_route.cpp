// SPDX-License-Identifier: Apache-2.0
#include "services/http/proxy_route.hpp"

#include <regcred/http.hpp>

#include "common/image_reference.hpp"
#include "services/http/curl_setup.hpp"

namespace regcred::core {
namespace {

// Addresses for documentation (RFC 5737): nobody has them, and nothing is sent to them.
constexpr const char *stands_for_proxy = "192.0.2.1";
constexpr const char *stands_for_server = "192.0.2.2";

std::string with_port(std::string_view authority, const char *port) {
  return std::string(authority) + (split_host_port(authority).port.empty() ? port : "");
}

extern "C" curl_socket_t only_note(void *context, curlsocktype, curl_sockaddr *address) {
  try {
    *static_cast<std::string *>(context) = address_and_port(*address);
  } catch (...) {
    return CURL_SOCKET_BAD;
  }
  return CURL_SOCKET_BAD;
}

}  // namespace

// Both names get an address of their own, and libcurl is stopped when it wants a socket for one of them. An address may
// be looked up like a name, or stand for itself.
bool goes_through_proxy(const std::string &url, const ProxyConfig &proxy) {
  if (proxy.url.empty()) return false;
  const std::string server = with_port(url_host(url), ":443");
  if (proxy.no_proxy_as_go) return !spared_as_go(proxy.no_proxy, server);
  const std::string at(host_of_proxy(proxy.url));
  const CurlHandle easy(curl_easy_init());
  CurlList addresses;
  // libcurl takes no address of IPv6 here.
  if (!at.starts_with('[')) append(addresses, at + ':' + stands_for_proxy);
  if (!server.starts_with('[')) append(addresses, server + ':' + stands_for_server);
  std::string asked;
  CurlSetup setup(easy.get());
  setup.set_proxy(proxy, url);
  setup.set(CURLOPT_URL, url.c_str());
  setup.set(CURLOPT_RESOLVE, addresses.get());
  setup.set(CURLOPT_OPENSOCKETFUNCTION, &only_note);
  setup.set(CURLOPT_OPENSOCKETDATA, static_cast<void *>(&asked));
  setup.set_limits({1000, 1000});
  if (setup.code() != CURLE_OK) return true;
  static_cast<void>(curl_easy_perform(easy.get()));
  const HostPort parts = split_host_port(at);
  const std::string port = ' ' + std::string(parts.port);
  return asked == stands_for_proxy + port || asked == std::string(parts.host) + port;
}

}  // namespace regcred::core
