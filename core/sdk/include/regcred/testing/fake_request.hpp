// SPDX-License-Identifier: Apache-2.0
// What the kubelet would hand over: an image, a token made of chosen claims, annotations.
#pragma once

#include <regcred/abi.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <regcred/base64.hpp>
#include <regcred/detail/slice.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regcred::test {

// A token of a JWT's shape with these claims. Its signature is no signature: good for everything that only reads
// claims, and a canary, since each of its parts is found again by find_leak() wherever it should not be.
[[nodiscard]] inline std::string fake_token(const nlohmann::json &claims) {
  const std::string header = R"({"alg":"RS256","kid":"canary-key","typ":"JWT"})";
  const std::string payload = claims.dump();
  return base64url_encode(header) + "." + base64url_encode(payload) + "." +
         base64url_encode("canary: this is no signature, and nobody should ever read it " +
                          std::to_string(std::hash<std::string>{}(payload)));
}

// The claims of a pod's token as kube-apiserver writes them (aud is an array), one hour around `now`.
[[nodiscard]] inline nlohmann::json pod_claims(std::int64_t now = 1'750'000'000) {
  return {{"iss", "https://oidc.example.com/cluster-1"},
          {"sub", "system:serviceaccount:purple-team:builder"},
          {"aud", {"cloudsmith"}},
          {"iat", now - 60},
          {"nbf", now - 60},
          {"exp", now + 3540}};
}

// The token for tests that do not care for its claims. run() and find_leak() find it wherever it should not be.
[[nodiscard]] inline std::string canary_token() { return fake_token(pod_claims()); }

// A request to hand to run(). Owns its text.
class FakeRequest {
 public:
  // `image` as the kubelet writes it, host first; the registry is what stands before the first slash.
  explicit FakeRequest(std::string image) : image_(std::move(image)) {}

  FakeRequest &token(std::string token) {
    token_ = std::move(token);
    return *this;
  }
  FakeRequest &annotation(std::string key, std::string value) {
    annotations_.emplace_back(std::move(key), std::move(value));
    return *this;
  }

  [[nodiscard]] const std::string &token() const { return token_; }
  [[nodiscard]] std::string registry() const { return image_.substr(0, image_.find('/')); }

  // The ABI's struct; `pairs` carries its annotations. Both are valid as long as this object and `pairs`.
  [[nodiscard]] regcred_request_v1 raw(std::vector<regcred_pair> &pairs) const {
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

 private:
  std::string image_;
  std::string token_;
  std::vector<std::pair<std::string, std::string>> annotations_;
};

}  // namespace regcred::test
