// SPDX-License-Identifier: Apache-2.0
#include "services/http/curl_setup.hpp"

#include <arpa/inet.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <regcred/http.hpp>

#include "services/http/curl_options.hpp"
#include "services/http/proxy_route.hpp"

namespace regcred::core {
namespace {

std::int64_t phase_ms(CURL *easy, CURLINFO phase) {
  curl_off_t microseconds = 0;
  if (curl_easy_getinfo(easy, phase, &microseconds) != CURLE_OK || microseconds <= 0) return -1;
  return microseconds / 1000;
}

#ifdef REGCRED_BUNDLE
// The node's openssl.cnf is for the node's OpenSSL: it may name providers that are linked to another one. What OpenSSL
// would fill besides takes a sixth of an exchange: a table of ciphers for functions that nobody here calls, and the
// words of errors, which openssl_words.hpp asks for when there is one. No backend uses this copy of OpenSSL.
constexpr std::uint64_t ssl_options = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
                                      OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_NO_LOAD_SSL_STRINGS;
#else
constexpr std::uint64_t ssl_options = 0;
#endif

// libcurl and OpenSSL take some 400 KiB of heap in small pieces. This gets its pages by one system call instead of a
// hundred page faults. Linux before 5.14 does not know the call: then the pages come one by one.
void populate_heap() {
  constexpr std::size_t size = 384U << 10U;
  ::mallopt(M_MMAP_THRESHOLD, 2 * size);  // the piece is of the heap, not a mapping of its own,
  ::mallopt(M_TRIM_THRESHOLD, 4 * size);  // and the heap keeps it
  void *const piece = std::malloc(size);
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void *start = piece;
  std::size_t room = size;
  if (piece != nullptr && std::align(page, size - page, start, room) != nullptr) {
    ::madvise(start, size - page, MADV_POPULATE_WRITE);
  }
  std::free(piece);
}

}  // namespace

void prepare_curl() {
  populate_heap();
  // guard: no-keylog
  ::unsetenv("SSLKEYLOGFILE");  // L4: libcurl would write the sessions' keys there
  // libcurl does not look whether OpenSSL could be set up, and then crashes in it.
  const bool ready = OSSL_LIB_CTX_get0_global_default() != nullptr && OPENSSL_init_ssl(ssl_options, nullptr) == 1 &&
                     curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!ready) throw std::bad_alloc();  // nothing else can be missing
}

void append(CurlList &list, const std::string &line) {
  curl_slist *const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

CurlSetup::CurlSetup(CURL *easy) : easy_(easy) {
  for (const CurlOption &fixed : curl_options) set(fixed.option, fixed.value);
}

void CurlSetup::set_trust(const TrustRoots &roots) {
  // NULL first: libcurl's default is the system's whole bundle.
  set<const char *>(CURLOPT_CAINFO, nullptr);
  set<const char *>(CURLOPT_PROXY_CAINFO, nullptr);
  const char *const directories = roots.hashed_directories.empty() ? nullptr : roots.hashed_directories.c_str();
  set(CURLOPT_CAPATH, directories);
  set(CURLOPT_PROXY_CAPATH, directories);
  if (roots.pem.empty()) return;
  // libcurl only reads it; the interface is older than const.
  curl_blob blob{const_cast<char *>(roots.pem.data()), roots.pem.size(), CURL_BLOB_NOCOPY};
  set(CURLOPT_CAINFO_BLOB, &blob);
  set(CURLOPT_PROXY_CAINFO_BLOB, &blob);
}

void CurlSetup::set_proxy(const ProxyConfig &proxy, std::string_view url) {
  const bool direct = proxy.url.empty() || (proxy.no_proxy_as_go && spared_as_go(proxy.no_proxy, url_host(url)));
  set(CURLOPT_PROXY, direct ? "" : proxy.url.c_str());  // guard: no-proxy
  set(CURLOPT_NOPROXY, direct ? "*" : proxy.no_proxy_as_go ? "" : proxy.no_proxy.c_str());
  set<const char *>(CURLOPT_PRE_PROXY, nullptr);
}

void CurlSetup::set_limits(AttemptLimits limits) {
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(1, limits.whole_ms)));  // guard: try-time
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(1, limits.connect_ms)));
}

AttemptFailure curl_setup_failure(CURLcode code) {
  return {REGCRED_INTERNAL, std::string("libcurl cannot be set up: ") + curl_easy_strerror(code), false};
}

AttemptFailure trust_failure(const Error &error) {
  return {REGCRED_UNAVAILABLE, error.where + ": " + error.what + "; " + error.cure, false};
}

PhaseTimes phase_times(CURL *easy) {
  return {phase_ms(easy, CURLINFO_NAMELOOKUP_TIME_T), phase_ms(easy, CURLINFO_CONNECT_TIME_T),
          phase_ms(easy, CURLINFO_APPCONNECT_TIME_T), phase_ms(easy, CURLINFO_STARTTRANSFER_TIME_T),
          phase_ms(easy, CURLINFO_TOTAL_TIME_T)};
}

const void *address_bytes(const curl_sockaddr &address) noexcept {
  if (address.family == AF_INET) return &reinterpret_cast<const sockaddr_in &>(address.addr).sin_addr;
  return &reinterpret_cast<const sockaddr_in6 &>(address.addr).sin6_addr;
}

std::string address_alone(const curl_sockaddr &address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(address.family, address_bytes(address), text.data(), text.size()) == nullptr ? "" : text.data();
}

std::string address_and_port(const curl_sockaddr &address) {
  const auto &four = reinterpret_cast<const sockaddr_in &>(address.addr);
  const auto &six = reinterpret_cast<const sockaddr_in6 &>(address.addr);
  return address_alone(address) + ' ' +
         std::to_string(ntohs(address.family == AF_INET ? four.sin_port : six.sin6_port));
}

std::string primary_address(CURL *easy) {
  const char *address = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
  return address == nullptr ? "" : address;
}

std::string_view host_of_proxy(std::string_view url) noexcept {
  const std::string_view authority = url_host(url);
  const std::size_t at = authority.rfind('@');
  return at == std::string_view::npos ? authority : authority.substr(at + 1);  // guard: proxy-password
}

}  // namespace regcred::core
