// SPDX-License-Identifier: Apache-2.0
// What the kubelet would hand over: an image, a token made of chosen claims, annotations. Everything is copied, and
// nothing is checked: a test may build a request that no kubelet sends.
#pragma once

#include <regcred/abi.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace regcred::test {

// A token of a JWT's shape (RFC 7519) with these claims, an object. It is not signed: good for everything that only
// reads claims, and a canary, since each of its parts is found again by find_leak() wherever it should not be. The same
// claims make the same token.
[[nodiscard]] inline std::string fake_token(const nlohmann::json &claims);

// The claims of a pod's token as kube-apiserver writes them (aud is an array), valid from a minute before `now` until
// an hour after that. `now` is seconds since 1970-01-01T00:00:00Z; the default is FakeHost's wall clock.
[[nodiscard]] inline nlohmann::json pod_claims(std::int64_t now = 1'750'000'000);

// fake_token() for tests to which its claims do not matter: pod_claims(). run() and find_leak() find it wherever it
// should not be.
[[nodiscard]] inline std::string canary_token();

// A request to hand to run(). Owns its text. Without token() and annotation() it has none.
class FakeRequest {
 public:
  // `image` as the kubelet writes it, host first, without tag and digest.
  explicit FakeRequest(std::string image);

  // The service account token, any text; the last call counts.
  FakeRequest &token(std::string token);

  // One more annotation of the service account. The backend sees all, whether or not it has declared their keys.
  FakeRequest &annotation(std::string key, std::string value);

  [[nodiscard]] const std::string &token() const { return token_; }

  // The part of the image before the first slash, as the backend sees it.
  [[nodiscard]] std::string registry() const;

  // The ABI's struct; `pairs` is overwritten and carries its annotations. It points into this object and `pairs`, which
  // must live, unchanged, as long as it is used.
  [[nodiscard]] regcred_request_v1 raw(std::vector<regcred_pair> &pairs) const;

 private:
  std::string image_;
  std::string token_;  // empty: none
  std::vector<std::pair<std::string, std::string>> annotations_;
};

}  // namespace regcred::test

#include <regcred/detail/fake_request_impl.hpp>
