// SPDX-License-Identifier: Apache-2.0
#include "sigv4.hpp"

#include <map>
#include <regcred/text.hpp>
#include <regcred/time.hpp>

namespace ecr {

using regcred::Result;
using regcred::Secret;

Result<void> sign(const regcred::Crypto &crypto, regcred::HttpRequest &request, const Keys &keys,
                  std::string_view region, std::string_view service, std::chrono::seconds now) {
  std::string stamp = regcred::rfc3339_text(now.count());
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  const std::string date = stamp.substr(0, 8);
  request.headers.emplace_back("X-Amz-Date", stamp);
  if (!keys.token.empty()) request.headers.emplace_back("X-Amz-Security-Token", keys.token.reveal());

  std::map<std::string, std::string_view> headers = {{"host", regcred::url_host(request.url)}};
  for (const auto &[name, value] : request.headers) headers.emplace(regcred::lower_case(name), value);
  std::string lines, names;
  for (const auto &[name, value] : headers) {
    lines.append(name).append(":").append(value).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }
  const Result<std::string> body = crypto.sha256(request.body.reveal());
  if (!body) return tl::make_unexpected(body.error());
  std::string canonical = request.method + "\n/\n\n" + lines + "\n" + names + "\n" + regcred::hex(*body);
  const Result<std::string> digest = crypto.sha256(canonical);
  for (std::string *with_token : {&lines, &canonical}) regcred::wipe(*with_token);
  if (!digest) return tl::make_unexpected(digest.error());

  const std::string scope = date + "/" + std::string(region) + "/" + std::string(service) + "/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + regcred::hex(*digest);
  std::string first = "AWS4" + std::string(keys.secret.reveal());
  Result<Secret> key = Secret(first);
  regcred::wipe(first);
  for (const std::string_view part :
       {std::string_view(date), region, service, std::string_view("aws4_request"), std::string_view(to_sign)}) {
    key = crypto.hmac_sha256(key->reveal(), part);
    if (!key) return tl::make_unexpected(key.error());
  }
  request.headers.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=" + keys.id + "/" + scope +
                                                    ", SignedHeaders=" + names +
                                                    ", Signature=" + regcred::hex(key->reveal()));
  return {};
}

}  // namespace ecr
