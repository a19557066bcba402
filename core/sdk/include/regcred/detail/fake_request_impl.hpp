// SPDX-License-Identifier: Apache-2.0
// The bodies of testing/fake_request.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <functional>
#include <regcred/base64.hpp>
#include <regcred/detail/slice.hpp>
#include <regcred/testing/fake_request.hpp>

namespace regcred::test {

inline std::string fake_token(const nlohmann::json &claims) {
  const std::string header = R"({"alg":"RS256","kid":"canary-key","typ":"JWT"})";
  const std::string payload = claims.dump();
  return base64url_encode(header) + "." + base64url_encode(payload) + "." +
         base64url_encode("canary: this is not a signature, and nobody should ever read it " +
                          std::to_string(std::hash<std::string>{}(payload)));
}

inline nlohmann::json pod_claims(std::int64_t now) {
  return {{"iss", "https://oidc.example.com/cluster-1"},
          {"sub", "system:serviceaccount:purple-team:builder"},
          {"aud", {"cloudsmith"}},
          {"iat", now - 60},
          {"nbf", now - 60},
          {"exp", now + 3540}};
}

inline std::string canary_token() { return fake_token(pod_claims()); }

inline FakeRequest::FakeRequest(std::string image) : image_(std::move(image)) {}

inline FakeRequest &FakeRequest::token(std::string token) {
  token_ = std::move(token);
  return *this;
}

inline FakeRequest &FakeRequest::annotation(std::string key, std::string value) {
  annotations_.emplace_back(std::move(key), std::move(value));
  return *this;
}

inline std::string FakeRequest::registry() const { return image_.substr(0, image_.find('/')); }

inline regcred_request_v1 FakeRequest::raw(std::vector<regcred_pair> &pairs) const {
  using regcred::detail::to_slice;
  pairs.clear();
  for (const auto &[key, value] : annotations_) pairs.push_back({to_slice(key), to_slice(value)});
  regcred_request_v1 request{};
  regcred::detail::set_header(request);
  request.image = to_slice(image_);
  request.registry = to_slice(std::string_view(image_).substr(0, image_.find('/')));
  request.service_account_token = to_slice(token_);
  request.annotations = pairs.data();
  request.annotations_count = pairs.size();
  return request;
}

}  // namespace regcred::test
