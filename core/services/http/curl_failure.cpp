// SPDX-License-Identifier: Apache-2.0
#include "services/http/curl_failure.hpp"

#include <cstring>
#include <string>

#include "common/text.hpp"
#include "services/http/curl_setup.hpp"
#include "services/http/openssl_words.hpp"

namespace regcred::core {
namespace {

// X509_V_ERR_* of OpenSSL's x509_vfy.h; libcurl hands them on as CURLINFO_SSL_VERIFYRESULT.
constexpr long not_yet_valid = 9;
constexpr long has_expired = 10;
constexpr long self_signed = 18;
constexpr long self_signed_in_chain = 19;
constexpr long unknown_issuer = 20;
constexpr long unknown_leaf_issuer = 21;

long info_long(CURL *easy, CURLINFO info) {
  long value = 0;
  curl_easy_getinfo(easy, info, &value);
  return value;
}

bool reached(CURL *easy, CURLINFO time) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, time, &microseconds);
  return microseconds > 0;
}

std::string seconds(std::int64_t ms) {
  const std::string tenths = std::to_string(ms % 1000 / 100);
  return std::to_string(ms / 1000) + (tenths == "0" ? "" : "." + tenths) + " s";
}

std::string os_error(CURL *easy) {
  const long number = info_long(easy, CURLINFO_OS_ERRNO);
  return number == 0 ? "" : std::string(" (") + std::strerror(static_cast<int>(number)) + ')';
}

std::string without_port(const std::string &host) {
  return host.ends_with(']') ? host : host.substr(0, host.rfind(':'));
}

std::string proxy_name(const Transfer &transfer) { return printable(host_of_proxy(transfer.proxy_url), 256); }

// Whether the proxy has answered CONNECT: what comes after that is between us and the host.
bool is_tunnelled(CURL *easy) { return info_long(easy, CURLINFO_HTTP_CONNECTCODE) != 0; }

bool is_https(std::string_view url) { return url.starts_with("https://"); }

// Whether there was a connection to the host over which the request could go, a new one or one that was kept.
bool is_connected(CURL *easy) { return reached(easy, CURLINFO_PRETRANSFER_TIME_T); }

// Whom the transfer had come to when it ended: the proxy until it has answered CONNECT, then the host.
bool is_at_proxy(CURL *easy, const Transfer &transfer) {
  return !transfer.proxy_url.empty() && !is_tunnelled(easy) && !is_connected(easy);
}
std::string peer_name(CURL *easy, const std::string &host, const Transfer &transfer) {
  return is_at_proxy(easy, transfer) ? "the proxy " + proxy_name(transfer) : host;
}

// Where to look when there is no connection.
std::string connection_hint(const Transfer &transfer) {
  return transfer.proxy_url.empty() ? "; check host and port, that the service runs, and the firewall"
                                    : "; correct the proxy (defaults.proxy, HTTPS_PROXY), or see whether it runs";
}

// A server that is not asked by TLS answers the first bytes of it with an error in its own protocol.
bool speaks_no_tls(std::string_view openssl) {
  for (const char *reason : {"wrong version number", "packet length too long", "http request", "unknown protocol"}) {
    if (openssl.find(reason) != std::string_view::npos) return true;
  }
  return false;
}

// The cure when there is no TLS session. Within the session with an https proxy libcurl 7.88 reports a certificate that
// is not trusted as SSL_ERROR_SYSCALL only.
std::string tls_cure(CURL *easy, const Transfer &transfer) {
  std::string cure = "; TLS 1.2 or later is needed";
  if (is_https(transfer.proxy_url) && is_tunnelled(easy)) {
    cure += ", and a certificate that this node trusts (the command doctor shows it)";
  }
  return cure;
}

std::string timeout_text(CURL *easy, const std::string &host, const Transfer &transfer) {
  const AttemptLimits limits = transfer.limits;
  std::string no_answer = host + " gave no complete answer within " + seconds(limits.whole_ms);
  if (is_connected(easy)) return no_answer;
  if (!reached(easy, CURLINFO_NAMELOOKUP_TIME_T)) {
    const bool direct = transfer.proxy_url.empty();
    return (direct ? "the name " + without_port(host) : "the name of the proxy " + proxy_name(transfer)) +
           " was not resolved within " + seconds(limits.connect_ms) + "; see the node's DNS";
  }
  const std::string peer = peer_name(easy, host, transfer);
  if (info_long(easy, CURLINFO_NUM_CONNECTS) == 0) {  // CONNECT_TIME stays 0 until TLS stands as well
    return "no connection to " + peer + " within " + seconds(limits.connect_ms) + connection_hint(transfer);
  }
  if (is_at_proxy(easy, transfer)) {
    return peer + " did not connect to " + host + " within " + seconds(limits.connect_ms) + "; see its log";
  }
  if (!reached(easy, CURLINFO_APPCONNECT_TIME_T)) {
    return "no TLS session with " + host + " within " + seconds(limits.connect_ms) +
           "; see whether it speaks TLS, and whether a proxy is in between";
  }
  return no_answer;
}

// Whether the certificate that libcurl complains of is the proxy's: it is verified before the server's, and apart.
bool is_of_proxy(CURL *easy, const std::string &host, const Transfer &transfer) {
  if (info_long(easy, CURLINFO_PROXY_SSL_VERIFYRESULT) != 0) return true;
  const std::string proxy = without_port(proxy_name(transfer));
  return !proxy.empty() && proxy != without_port(host) && !is_tunnelled(easy) &&
         transfer.detail.find('\'' + proxy + '\'') != std::string_view::npos;
}

std::string certificate_text(CURL *easy, const std::string &host, const Transfer &transfer, const std::string &detail) {
  const bool of_proxy = is_of_proxy(easy, host, transfer);
  const std::string whose = "the certificate of " + (of_proxy ? "the proxy " + proxy_name(transfer) : host);
  switch (info_long(easy, of_proxy ? CURLINFO_PROXY_SSL_VERIFYRESULT : CURLINFO_SSL_VERIFYRESULT)) {
    case not_yet_valid:
      return whose + " is not valid yet; see the clock of this node";
    case has_expired:
      return whose + " has expired; have it renewed, and see the clock of this node";
    case self_signed:
    case self_signed_in_chain:
    case unknown_issuer:
    case unknown_leaf_issuer:
      return whose +
             " is not signed by a CA that this node trusts; name its CA under defaults.caFile (SSL_CERT_FILE in "
             "drop-in mode)";
    default:
      break;
  }
  if (detail.find("subject name") != std::string::npos) {
    return whose + " is for another name; see the " + (of_proxy ? "proxy's URL" : "host in the configuration") +
           ", and DNS";
  }
  return whose + " is not accepted: " + detail;
}

// A proxy that answered CONNECT with something else than 2xx; 0 when that was not the reason.
long proxy_refusal(CURL *easy) {
  const long status = info_long(easy, CURLINFO_HTTP_CONNECTCODE);
  return status >= 300 ? status : 0;
}

}  // namespace

AttemptFailure explain_curl_failure(CURL *easy, CURLcode code, const Transfer &transfer) {
  const std::string host = printable(transfer.authority, 256);
  const std::string words = printable(
      transfer.detail.empty() ? std::string(curl_easy_strerror(code)) : with_openssl_words(transfer.detail), 200);
  const std::string peer = peer_name(easy, host, transfer);
  if (const long status = proxy_refusal(easy)) {
    const bool is_transient = status == 429 || status >= 500;
    return {REGCRED_UNAVAILABLE,
            "the proxy " + proxy_name(transfer) + " refused to connect to " + host + " with status " +
                std::to_string(status) +
                (status == 407 ? "; give user and password in the proxy's URL" : "; see what the proxy allows"),
            is_transient};
  }
  constexpr int too_large = 100;  // CURLE_TOO_LARGE of libcurl 8.6, which 7.88 does not know
  switch (static_cast<int>(code)) {
    case CURLE_COULDNT_RESOLVE_HOST:
      if (transfer.detail.find("thread failed to start") != std::string_view::npos) {
        return {REGCRED_UNAVAILABLE,
                "no thread could be started to resolve the name " + without_port(host) +
                    "; see the limits on processes (RLIMIT_NPROC, the unit's TasksMax)",
                true};
      }
      return {REGCRED_UNAVAILABLE,
              "the name " + without_port(host) +
                  " is not known to DNS; see the host in the configuration, and the node's DNS",
              true};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {REGCRED_UNAVAILABLE,
              "the proxy's name " + without_port(proxy_name(transfer)) + " is not known to DNS; correct the proxy",
              true};
    case CURLE_COULDNT_CONNECT:
      return {REGCRED_UNAVAILABLE, "no connection to " + peer + os_error(easy) + connection_hint(transfer), true};
    case CURLE_OPERATION_TIMEDOUT:
      return {REGCRED_UNAVAILABLE, timeout_text(easy, host, transfer), true};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {REGCRED_UNAVAILABLE, certificate_text(easy, host, transfer, words), false};
    case CURLE_SSL_CONNECT_ERROR:
      if (speaks_no_tls(words)) {
        return {REGCRED_UNAVAILABLE,
                peer + " does not speak TLS, most likely plain HTTP, where everybody could read what is sent (" +
                    words + ")" +
                    (is_at_proxy(easy, transfer) ? "; write http:// into the proxy's URL"
                                                 : "; name its https port, or give it a certificate"),
                false};
      }
      return {REGCRED_UNAVAILABLE, "no TLS session with " + peer + ": " + words + tls_cure(easy, transfer), false};
    case CURLE_SSL_CACERT_BADFILE:
      return {REGCRED_UNAVAILABLE, "a CA file holds no usable certificate: " + words + "; see defaults.caFile", false};
    case CURLE_OUT_OF_MEMORY:
      if (!reached(easy, CURLINFO_STARTTRANSFER_TIME_T)) {
        return {REGCRED_INTERNAL, "not enough memory to ask " + host + "; see the memory of this node", false};
      }
      // libcurl 7.88 reports a header line that does not end like this, too.
      return {REGCRED_BAD_UPSTREAM, host + " answered a header line without end, or memory ran out", false};
    case CURLE_FILESIZE_EXCEEDED:
      return {REGCRED_BAD_UPSTREAM, host + " answered more than 1 MiB of body or 64 KiB of headers", false};
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PARTIAL_FILE:
    case CURLE_BAD_CONTENT_ENCODING:
      return {REGCRED_BAD_UPSTREAM, host + " gave no complete HTTP answer: " + words, false};
    case CURLE_RECV_ERROR:
      // Newer libcurl than 7.88 does not say CURLE_PARTIAL_FILE when TLS ends in the middle of a body.
      if (reached(easy, CURLINFO_STARTTRANSFER_TIME_T) && words.find("unexpected eof") != std::string::npos) {
        return {REGCRED_BAD_UPSTREAM, host + " gave no complete HTTP answer: " + words, false};
      }
      [[fallthrough]];
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
      return {REGCRED_UNAVAILABLE, peer + " ended the connection: " + words, false};
    case too_large:
      return {REGCRED_BAD_UPSTREAM, host + " answered a header line without end", false};
    default:
      return {REGCRED_UNAVAILABLE, peer + ": " + words, false};
  }
}

}  // namespace regcred::core
