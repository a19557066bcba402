// SPDX-License-Identifier: Apache-2.0
// The body of aws.hpp's sign(), whose comment says what it does. Included by it alone.
#pragma once

#include <map>
#include <regcred/aws.hpp>
#include <regcred/text.hpp>
#include <regcred/time.hpp>
#include <set>
#include <utility>

namespace regcred::aws {

namespace detail {

// The path of `url` for the canonical request: each segment encoded once more, as it stands in the URL.
[[nodiscard]] inline std::string canonical_path(std::string_view path) {
  std::string canonical;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    canonical += percent_encode(path.substr(0, end));
    if (end < path.size()) canonical += '/';
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return canonical.empty() ? "/" : canonical;
}

// Sorted by name, then by value. A name without = has the empty value.
[[nodiscard]] inline std::string canonical_query(std::string_view query) {
  std::multiset<std::pair<std::string_view, std::string_view>> fields;
  while (!query.empty()) {
    const std::string_view field = query.substr(0, query.find('&'));
    const std::size_t name = std::min(field.find('='), field.size());
    if (!field.empty()) fields.emplace(field.substr(0, name), field.substr(std::min(name + 1, field.size())));
    query.remove_prefix(std::min(field.size() + 1, query.size()));
  }
  std::string canonical;
  for (const auto &[name, value] : fields) {
    canonical.append(canonical.empty() ? "" : "&").append(name).append("=").append(value);
  }
  return canonical;
}

// METHOD, path and query, a line each.
[[nodiscard]] inline std::string canonical_target(const HttpRequest &request) {
  const std::string_view host = url_host(request.url);
  std::string_view target = request.url;
  target.remove_prefix(static_cast<std::size_t>(host.data() - target.data()) + host.size());
  const std::size_t path = std::min(target.find('?'), target.size());
  return request.method + "\n" + canonical_path(target.substr(0, path)) + "\n" +
         canonical_query(target.substr(std::min(path + 1, target.size()))) + "\n";
}

}  // namespace detail

inline Result<void> sign(const Crypto &crypto, HttpRequest &request, const Keys &keys, const CredentialScope &scope,
                         std::chrono::seconds now) {
  std::string stamp = rfc3339_text(now.count());
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  const std::string date = stamp.substr(0, 8);
  request.headers.emplace_back("X-Amz-Date", stamp);
  if (!keys.token.empty()) request.headers.emplace_back("X-Amz-Security-Token", keys.token.reveal());

  std::map<std::string, std::string_view> headers = {{"host", url_host(request.url)}};
  for (const auto &[name, value] : request.headers) headers.emplace(lower_case(name), value);
  std::string lines, names;
  for (const auto &[name, value] : headers) {
    lines.append(name).append(":").append(value).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }
  const Result<std::string> body = crypto.sha256(request.body.reveal());
  if (!body) return tl::make_unexpected(body.error());
  std::string canonical = detail::canonical_target(request) + lines + "\n" + names + "\n" + hex(*body);
  const Result<std::string> digest = crypto.sha256(canonical);
  for (std::string *with_token : {&lines, &canonical}) wipe(*with_token);
  if (!digest) return tl::make_unexpected(digest.error());

  const std::string valid_for =
      date + "/" + std::string(scope.region) + "/" + std::string(scope.service) + "/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + stamp + "\n" + valid_for + "\n" + hex(*digest);
  std::string first = "AWS4" + std::string(keys.secret.reveal());
  Result<Secret> key = Secret(first);
  wipe(first);
  for (const std::string_view part : {std::string_view(date), scope.region, scope.service,
                                      std::string_view("aws4_request"), std::string_view(to_sign)}) {
    key = crypto.hmac_sha256(key->reveal(), part);
    if (!key) return tl::make_unexpected(key.error());
  }
  request.headers.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=" + keys.id + "/" + valid_for +
                                                    ", SignedHeaders=" + names + ", Signature=" + hex(key->reveal()));
  return {};
}

}  // namespace regcred::aws
