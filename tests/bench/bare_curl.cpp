// SPDX-License-Identifier: Apache-2.0
// The least a libcurl program can cost for one token exchange: the yardstick for requests that need the network.
// usage: bare_curl URL CA_FILE CA_DIRECTORY BODY [URL BODY]    (JSON, or else a form; a second call for what takes two)
#include <curl/curl.h>

#include <iostream>
#include <string>

namespace {

std::size_t collect(char *bytes, std::size_t, std::size_t size, void *body) {
  static_cast<std::string *>(body)->append(bytes, size);
  return size;
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 5 && argc != 7) return 2;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL *easy = curl_easy_init();
  std::string body;
  curl_slist *json = curl_slist_append(nullptr, "Content-Type: application/json");
  curl_easy_setopt(easy, CURLOPT_CAINFO, argv[2]);
  curl_easy_setopt(easy, CURLOPT_CAPATH, argv[3]);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
  const auto post = [&](const char *url, const char *fields) {
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields[0] == '{' ? json : nullptr);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, fields);
    return curl_easy_perform(easy);
  };
  CURLcode code = post(argv[1], argv[4]);
  if (code == CURLE_OK && argc == 7) code = post(argv[5], argv[6]);
  curl_slist_free_all(json);
  curl_easy_cleanup(easy);
  if (code != CURLE_OK) std::cerr << curl_easy_strerror(code) << '\n';
  std::cout << body << '\n';
  return code == CURLE_OK ? 0 : 1;
}
