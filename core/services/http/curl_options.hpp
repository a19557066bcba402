// SPDX-License-Identifier: Apache-2.0
// Every libcurl option that is the same for all requests, each with its reason. No default is used that a version, a
// distribution or the environment could change.
#pragma once

#include <curl/curl.h>

namespace regcred::core {

struct CurlOption {
  CURLoption option;
  long value;
  const char *reason;
};

inline constexpr CurlOption curl_options[] = {
    // guard: verify-peer
    {CURLOPT_SSL_VERIFYPEER, 1, "H3: the server's certificate is verified; nothing switches this off"},
    {CURLOPT_SSL_VERIFYHOST, 2, "H3: and is for this host"},      // guard: verify-host
    {CURLOPT_PROXY_SSL_VERIFYPEER, 1, "H3: an https proxy too"},  // guard: verify-proxy
    {CURLOPT_PROXY_SSL_VERIFYHOST, 2, "H3"},                      // guard: verify-proxy-host
    // guard: tls-version
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2, "H3: TLS 1.2 or later; curl's default changed only in 8.16"},
    {CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2, "H3"},
    {CURLOPT_SSL_SESSIONID_CACHE, 0, "H9: nothing outlives the process; its connections are kept instead"},
    // guard: no-redirects
    {CURLOPT_FOLLOWLOCATION, 0, "H2: a redirect would carry the body, which holds the token, to another host"},
    {CURLOPT_MAXREDIRS, 0, "H2: should the above ever change"},  // guard: no-redirects-at-all
    {CURLOPT_UNRESTRICTED_AUTH, 0, "H2: credentials stay with the first host"},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED, "H9: no credentials from files"},  // guard: no-netrc
    {CURLOPT_HSTS_CTRL, 0, "H9: no HSTS file"},
    {CURLOPT_HTTP09_ALLOWED, 0, "bytes without a status line are not an answer"},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1, "one request at a time: HTTP/2 costs a library and brings nothing"},
    {CURLOPT_HTTP_TRANSFER_DECODING, 1, "chunks are decoded"},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1, "a proxy's headers are not the server's"},
    {CURLOPT_PATH_AS_IS, 1, "the URL that was checked is the one that is sent"},
    {CURLOPT_NOSIGNAL, 1, "H4: no SIGALRM; name resolution runs in a thread that the timeouts see"},
    {CURLOPT_QUICK_EXIT, 1, "H4: a resolver that hangs is not waited for at the end"},
    {CURLOPT_VERBOSE, 0, "L4: verbose output shows headers"},
    {CURLOPT_NOPROGRESS, 1, "nothing is printed"},
};

}  // namespace regcred::core
