// SPDX-License-Identifier: Apache-2.0
// A CurlAttempt that trusts one CA of the test's own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/http/curl_attempt.hpp"
#include "support/certificates.hpp"
#include "support/process.hpp"
#include "support/scripted_server.hpp"

namespace regcred::core {

class CurlTest : public ::testing::Test {
 protected:
  CurlTest() { config_.ca_files = {directory_.write("ca.pem", ca_.pem())}; }

  [[nodiscard]] static regcred::testing::Identity for_localhost() { return ca_.issue({"localhost", "127.0.0.1"}); }

  tl::expected<HttpResponse, AttemptFailure> post(const std::string &url, AttemptLimits limits = {5000, 5000}) {
    CurlAttempt http(config_, clock_);
    HttpRequest request{.method = "POST", .url = url, .body = R"({"oidc_token":"canary-token"})"};
    request.headers = {{"Content-Type", "application/json"}};
    return http.send(request, limits);
  }
  // What went wrong, in words; "a response" when nothing did.
  std::string failure(const std::string &url, AttemptLimits limits = {5000, 5000}) {
    const auto outcome = post(url, limits);
    return outcome ? "a response" : outcome.error().text;
  }

  static inline const regcred::testing::CertificateAuthority ca_{"regcred test CA"};
  regcred::testing::TemporaryDirectory directory_;
  HttpConfig config_;
  SystemClock clock_;
};

}  // namespace regcred::core
