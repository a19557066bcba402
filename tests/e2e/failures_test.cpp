// SPDX-License-Identifier: Apache-2.0
// Everything that Cloudsmith can answer, and what the operator then reads in the kubelet's log.
#include <chrono>

#include "e2e/fixture.hpp"

namespace regcred::testing {
namespace {

using emulator::Fault;
using ::testing::HasSubstr;
using ::testing::Not;

class Failures : public EndToEnd {
 protected:
  ProcessOutput with_fault(Fault fault, const std::string &defaults = "deadline: 3s") {
    cloudsmith_.set_fault(std::move(fault));
    return ask(config("orgSlug: iduffy-demo, serviceSlug: default-v9ty", defaults), request());
  }
};

TEST_F(Failures, L6_every_fault_is_a_failure_with_the_place_to_look_at) {
  constexpr const char *html = "<!DOCTYPE html><title>canary-of-the-body</title>";
  struct Case {
    const char *name;
    Fault fault;
    const char *words;
  };
  const Case cases[] = {
      {"400", {.status = 400, .body = R"({"detail":"JWT cannot be created."})"}, "no token for this service"},
      {"401", {.status = 401, .body = R"({"detail":"canary-of-the-body"})"}, "does not fit any OIDC setting"},
      {"403", {.status = 403, .body = "{}"}, "the org forbids this exchange"},
      {"404", {.status = 404, .body = R"({"detail":"Not found."})"}, "no such organisation here"},
      {"422", {.status = 422, .body = "{}"}, "parameters missing or invalid"},
      {"429", {.status = 429, .body = "{}", .retry_after = "3304"}, "wait until 20"},
      {"500", {.status = 500, .body = "canary-of-the-body"}, " tries): it is failing"},
      {"503 as a page", {.status = 503, .body = html, .content_type = "text/html"}, " tries): it is failing"},
      {"page", {.status = 200, .body = html, .content_type = "text/html"}, "a web page (HTTP 200)"},
      {"redirect",
       {.status = 307, .location = "https://evil.example.com/?canary-of-the-body"},
       "to host \"evil.example.com\""},
      {"no JSON", {.status = 201, .body = "canary-of-the-body"}, "not a JSON object"},
      {"no token", {.status = 201, .body = R"({"tokens":"canary-of-the-body"})"}, R"(holds no "token")"},
      {"a number", {.status = 201, .body = R"({"token":1})"}, R"(a "token" that is not a text)"},
      {"empty token", {.token = ""}, R"(a "token" that is empty)"},
      {"token with a line end", {.token = "canary-of-the-body\n"}, "with blanks, control or non-ASCII characters"},
      {"expired token", {.token_lifetime = -60}, "so the clock is probably ahead"},
      {"half a body", {.truncate = true}, "no complete HTTP answer"},
      {"a body without end", {.endless = true}, "more than 1 MiB of body"},
  };
  for (const Case &row : cases) {
    const ProcessOutput output = with_fault(row.fault);
    SCOPED_TRACE(row.name);
    expect_clean_failure(output, 6, row.words);
    EXPECT_THAT(output.err, HasSubstr("registry \"cloudsmith\" (backend cloudsmith): "));
    EXPECT_THAT(output.err, Not(HasSubstr("canary-of-the-body")));
    EXPECT_THAT(output.err, HasSubstr("iduffy-demo"));
    if (row.fault.status >= 500) {
      EXPECT_THAT(output.err, HasSubstr("Cloudsmith (HTTP " + std::to_string(row.fault.status) + ", "));
    }
  }
}

TEST_F(Failures, what_the_real_check_refuses) {
  const auto denied = [&](const emulator::ServiceAccount &account, const std::string &words) {
    token_ = issuer_.token(account);
    SCOPED_TRACE(words);
    expect_clean_failure(ask(usual_config(), request()), 6, words);
    EXPECT_EQ(last_exchange().status, 401);
  };
  denied({.audience = "another"}, "audience \"another\"");
  denied({.namespace_name = "kube-system"}, "subject \"system:serviceaccount:kube-system:my-service-account\"");
  denied({.lifetime = std::chrono::seconds(-30)}, "the pod's token expired 3");
  const emulator::Issuer stranger{issuer_key_};
  token_ = stranger.token();
  expect_clean_failure(ask(usual_config(), request()), 6, "issuer \"" + stranger.url() + "\"");
  token_ = issuer_.token();
  token_.back() = token_.back() == 'A' ? 'B' : 'A';
  token_[token_.size() - 20] = token_[token_.size() - 20] == 'A' ? 'B' : 'A';
  expect_clean_failure(ask(usual_config(), request()), 6, "does not fit any OIDC setting");
}

TEST_F(Failures, a_fault_that_passes_is_tried_again_and_not_seen_by_the_pod) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504}) {
    cloudsmith_.set_fault({.times = 1, .status = status});
    credential(ask(usual_config(), request()));
  }
  cloudsmith_.set_fault({.times = 1, .status = 429, .retry_after = "1"});
  const auto begin = std::chrono::steady_clock::now();
  credential(ask(usual_config(), request()));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1)) << "Retry-After was not kept to";
}

TEST_F(Failures, one_exchange_only_when_another_cannot_help) {
  for (const int status : {400, 401, 403, 404, 409, 422, 302}) {
    const std::size_t before = cloudsmith_.received().size();
    EXPECT_EQ(with_fault({.status = status}).status, 6);
    EXPECT_EQ(cloudsmith_.received().size(), before + 1) << status;
  }
}

TEST_F(Failures, H4_the_deadline_holds_whatever_the_server_does) {
  const ProcessOutput output = with_fault({.delay_ms = 6'000, .status = 500}, "deadline: 2s");
  expect_clean_failure(output, 7, "localhost");
  EXPECT_LT(output.until_eof.count(), 3000);
}

TEST_F(Failures, H4_one_hung_try_leaves_time_for_another) {
  const ProcessOutput output = with_fault({.times = 1, .delay_ms = 8'000}, "deadline: 6s");
  credential(output);
  EXPECT_LT(output.until_eof.count(), 6000);
}

TEST_F(Failures, H3_a_server_whose_ca_nobody_named_gets_no_token) {
  std::string yaml = usual_config();
  yaml.replace(yaml.find("caFile"), yaml.find(", proxy") - yaml.find("caFile") + 2, "");
  expect_clean_failure(ask(yaml, request()), 6,
                       "is not signed by a CA that this node trusts; name its CA under defaults.caFile");
  EXPECT_TRUE(cloudsmith_.received().empty());
}

TEST_F(Failures, a_server_that_is_not_there) {
  std::string yaml = config("orgSlug: iduffy-demo", "deadline: 2s");
  const std::string own = cloudsmith_.api_host();
  yaml.replace(yaml.find(own), own.size(), "localhost:1");
  const ProcessOutput output = ask(yaml, request());
  EXPECT_THAT(
      output.err,
      HasSubstr("no connection to localhost:1 (Connection refused); check host and port, that the service runs, and "
                "the firewall"));
  EXPECT_THAT(output.status, ::testing::AnyOf(6, 7));
  EXPECT_LT(output.until_eof.count(), 3000);
}

}  // namespace
}  // namespace regcred::testing
