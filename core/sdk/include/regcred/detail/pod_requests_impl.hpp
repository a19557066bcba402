// SPDX-License-Identifier: Apache-2.0
// The bodies of exchange.hpp for the pod's token and for requests, whose comments say what they do. Included by it
// alone.
#pragma once

#include <chrono>
#include <regcred/detail/answer.hpp>
#include <regcred/exchange.hpp>
#include <regcred/jwt.hpp>

namespace regcred {

// ---- The pod's token ----

inline Result<PodToken> pod_token(const Request &request) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  const std::string_view text = request.service_account_token();
  if (text.empty()) {
    return failure(Code::bad_request,
                   "no service account token came with the request; set tokenAttributes in the kubelet's "
                   "CredentialProviderConfig (Kubernetes 1.33 or later), and no serviceAccountToken: never here");
  }
  std::optional<UnverifiedClaims> claims;
  if (text.find_first_not_of(alphabet) == std::string_view::npos) claims = read_unverified_claims(text);
  if (!claims) {
    return failure(Code::bad_request,
                   "the service account token is not a JWT (three base64url parts with dots), so it was not sent; a "
                   "kubelet sends one: check who started this program");
  }
  return PodToken{text, std::move(*claims)};
}

// ---- Requests ----

inline HttpRequest post_form(std::string url, const Fields &fields) {
  std::size_t bytes_max = 0;
  for (const auto &[name, value] : fields) bytes_max += 3 * (name.size() + value.size()) + 2;
  std::string form;
  form.reserve(bytes_max);  // one buffer, never moved: it is wiped
  for (const auto &[name, value] : fields) {
    if (!form.empty()) form += '&';
    detail::append_percent_encoded(form, name);
    form += '=';
    detail::append_percent_encoded(form, value);
  }
  return detail::post(std::move(url), "application/x-www-form-urlencoded", form);
}

inline HttpRequest post_json(std::string url, const Fields &fields) {
  std::size_t bytes_max = 2;
  for (const auto &[name, value] : fields) bytes_max += 6 * (name.size() + value.size()) + 6;
  std::string json;
  json.reserve(bytes_max);
  for (const auto &[name, value] : fields) {
    json += json.empty() ? '{' : ',';
    detail::append_json_text(json, name);
    json += ':';
    detail::append_json_text(json, value);
  }
  json += json.empty() ? "{}" : "}";
  return detail::post(std::move(url), "application/json", json);
}

inline HttpRequest metadata_request(std::string url, std::string header, std::string_view value) {
  HttpRequest get;
  get.url = std::move(url);
  get.headers.emplace_back(std::move(header), value);
  get.metadata_endpoint = true;
  get.timeout = std::chrono::seconds(1);
  return get;
}

inline void add_bearer(HttpRequest &request, const PodToken &token) {
  constexpr std::string_view scheme = "Bearer ";
  std::string value;
  value.reserve(scheme.size() + token.text.size());
  value += scheme;
  value += token.text;
  request.headers.emplace_back("Authorization", std::move(value));
}

}  // namespace regcred
