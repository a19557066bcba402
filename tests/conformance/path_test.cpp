// SPDX-License-Identifier: Apache-2.0
// contract.path-*: a nonce in what a backend sends neither hides that it depends on the path, nor looks like it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <random>
#include <regcred/base64.hpp>
#include <regcred/http.hpp>
#include <regcred/testing/fake_request.hpp>
#include <string>
#include <vector>

#include "conformance/variation.hpp"
#include "support/process.hpp"

namespace regcred::testing {
namespace {

using conformance::differs;
using ::testing::HasSubstr;

const std::string backends = CONFORMANCE_BACKENDS;

ProcessOutput path_checks_of(const std::string &backend) {
  return run_process(
      {{CONFORMANCE_PROGRAM, backends + "/" + backend + "/subject.so", "--conversation",
        std::string(CONFORMANCE_SOURCES) + "/exchange.conversation.yaml", "--include", "contract.path-*"},
       "",
       {}});
}

TEST(Paths, M2b_a_backend_with_nonces_passes_every_time) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(path_checks_of("good/nonces").status, 0);
}

TEST(Paths, M2b_nonces_do_not_hide_the_path) {
  const ProcessOutput in_url = path_checks_of("bad/nonces-and-path");
  EXPECT_EQ(in_url.status, 1);
  EXPECT_THAT(in_url.out, HasSubstr("FAIL contract.path-request: the answer has the registry's scope, but for "
                                    "registry.example.com/teamx/appx instead of registry.example.com/team/app differs: "
                                    "the URL of POST https://auth.example.com/token; answer with the image's scope"));
  const ProcessOutput in_claim = path_checks_of("bad/nonces-and-claim");
  EXPECT_EQ(in_claim.status, 1);
  EXPECT_THAT(in_claim.out, HasSubstr("differs: the body of POST https://auth.example.com/token;"));
}

struct Row {
  std::vector<std::string> alike;
  std::string other;
  bool differs;
};

TEST(Paths, what_differs_between_identical_requests_does_not_count) {
  const auto token = [](const std::string &id, const std::string &scope) {
    return test::fake_token({{"jti", id}, {"scope", scope}});
  };
  const std::vector<Row> rows = {
      {{"a", "a"}, "a", false},
      {{"a", "a"}, "b", true},
      {{"a", "b"}, "c", false},
      {{"GET https://x/t?n=1", "GET https://x/t?n=2"}, "GET https://x/t?n=3", false},
      {{"GET https://x/t?n=1", "GET https://x/t?n=2"}, "GET https://x/u?n=3", true},
      {{"GET https://x/t?n=1", "GET https://x/t?n=2"}, "GET https://x/t?n=3&path=p", true},
      {{"n=a/b", "n=c"}, "n=d/e/f", false},  // base64 with more or fewer slashes
      {{"n=a", "n=c"}, "n=d/e", false},      // by chance none before
      {{"n=YQ%3D%3D", "n=YR%3D%3D"}, "n=YWIg", false},
      {{"n=YQ==", "n=YR=="}, "n=YWI=", false},
      {{"n=YQ=", "n=YR="}, "n=YWIg", false},
      {{"app=p n=a/b", "app=p n=c"}, "app=q n=d/e/f", true},
      {{"a/b", "a/b"}, "a/b/c", true},
      {{R"({"n":1,"p":"x"})", R"({"n":2,"p":"x"})"}, R"({"n":3,"p":"x"})", false},
      {{R"({"n":1,"p":"x"})", R"({"n":2,"p":"x"})"}, R"({"n":3,"p":"y"})", true},
      {{R"({"n":[1,{"p":"x"}]})", R"({"n":[2,{"p":"x"}]})"}, R"({"n":[3,{"p":"y"}]})", true},
      {{R"({"n":1})", R"({"n":2})"}, R"({"n":3,"q":1})", true},
      {{"Bearer " + token("1", "p"), "Bearer " + token("2", "p")}, "Bearer " + token("3", "p"), false},
      {{"Bearer " + token("1", "p"), "Bearer " + token("2", "p")}, "Bearer " + token("3", "q"), true},
  };
  for (const Row &row : rows) EXPECT_EQ(differs(row.alike, row.other), row.differs) << row.alike[0] << " " << row.other;
}

TEST(Paths, M2b_no_nonce_looks_like_the_path) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same every time
  const auto nonce = [&random] {
    std::string bytes(random() % 24 + 8, '\0');
    for (char &byte : bytes) byte = static_cast<char>(random());
    return base64_encode(bytes);
  };
  const auto texts = [&nonce] {
    return std::array{"POST https://x/t?state=" + percent_encode(nonce()) + "&app=p", "OAuth app=\"p\", n=" + nonce(),
                      nlohmann::json{{"app", "p"}, {"n", nonce()}}.dump(), nonce() + "/p/" + nonce()};
  };
  for (int i = 0; i < 1000; ++i) {
    const std::array all = {texts(), texts(), texts(), texts()};
    for (std::size_t k = 0; k < all[0].size(); ++k) {
      EXPECT_FALSE(differs({all[0][k], all[1][k], all[2][k]}, all[3][k])) << all[0][k] << " " << all[3][k];
    }
  }
}

}  // namespace
}  // namespace regcred::testing
