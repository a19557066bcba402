// SPDX-License-Identifier: Apache-2.0
// Whoever may edit a service account or name an image must neither choose a robot that the operator did not allow, nor
// where pods' tokens go (H7), nor form requests.
#include "backends/quay/fixture.hpp"

namespace regcred::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(Quay, H6_annotations_that_are_no_robot_send_nothing) {
  const std::vector<std::string> evil = {"acme",
                                         "+puller",
                                         "acme+",
                                         "+",
                                         "acme++puller",
                                         "acme+pu+ller",
                                         "acme+*",
                                         "acme+pul ler",
                                         " acme+puller",
                                         "acme+puller ",
                                         "acme+puller:x",
                                         "acme:x+puller",
                                         "acme/../x+puller",
                                         "acme+puller\r\nX-Evil: 1",
                                         "acme+puller\n",
                                         std::string("acme+pull\0er", 12),
                                         "acme+puller\"",
                                         "acme+pullér",
                                         "acme+\x1b[2J",
                                         "$oauthtoken",
                                         std::string(256, 'a') + "+b",
                                         "a+" + std::string(256, 'b'),
                                         std::string(200'000, '+')};
  for (const std::string &value : evil) {
    FakeHost fake;
    const Outcome outcome = run(backend(), R"({"robot":"acme+puller","allowedRobots":["acme+*"]})",
                                image().annotation(robot_key, value), fake);
    EXPECT_THAT(outcome, StatusIs(Code::bad_request, AllOf(HasSubstr(robot_key), HasSubstr("is not a robot"))))
        << value;
    EXPECT_THAT(fake.calls(), IsEmpty()) << value;
  }
}

TEST_F(Quay, H7_a_robot_that_is_not_allowed_sends_nothing) {
  const std::string settings = R"({"robot":"acme+puller","allowedRobots":["acme+ci","beta+*"]})";
  for (const char *value :
       {"acme+admin", "acme+ci2", "acme+c", "Acme+ci", "acme+CI", "xacme+ci", "betax+ci", "Beta+ci", "gamma+puller"}) {
    FakeHost fake;
    const Outcome outcome = run(backend(), settings, image().annotation(robot_key, value), fake);
    EXPECT_THAT(outcome, StatusIs(Code::bad_request,
                                  AllOf(HasSubstr("annotation " + std::string(robot_key) + ": " + shown(value)),
                                        HasSubstr("settings.allowedRobots"))));
    EXPECT_THAT(fake.calls(), IsEmpty()) << value;
  }
}

// Keys that other providers read, and which would send the token elsewhere or without TLS.
TEST_F(Quay, H7_annotations_for_hosts_and_tls_are_not_read) {
  host.expect("GET", default_url).reply(200, token_json(robot_token(60)));
  EXPECT_THAT(ask(default_settings, image()
                                        .annotation("quay.io/host-override", "evil.example.net")
                                        .annotation("quay.io/host", "evil.example.net")
                                        .annotation("quay.io/plain-http", "true")
                                        .annotation("quay.io/ignore-tls-verify", "true")),
              IsOk());
}

TEST_F(Quay, without_any_robot_both_ways_to_name_one_are_told) {
  for (const char *value : {"", static_cast<const char *>(nullptr)}) {
    FakeHost fake;
    FakeRequest request = image();
    if (value != nullptr) request.annotation(robot_key, value);
    EXPECT_THAT(run(backend(), R"({"allowedRobots":["acme+*"]})", request, fake),
                StatusIs(Code::bad_request, AllOf(HasSubstr(robot_key), HasSubstr("settings.robot"),
                                                  HasSubstr("requiredServiceAccountAnnotationKeys"))));
    EXPECT_THAT(fake.calls(), IsEmpty());
  }
}

// A matchImages that is too broad must not send a robot's token to every registry.
TEST_F(Quay, H7_images_of_foreign_registries_send_nothing) {
  for (const char *name :
       {"docker.io/library/nginx", "quay.io.evil.net/acme/app", "evilquay.io/acme/app", "x.quay.io/acme/app",
        "quay.io:8443/acme/app", "quay.io@evil.net/app", "[::1]:5000/app", ""}) {
    FakeHost fake;
    EXPECT_THAT(run(backend(), default_settings, image(name), fake),
                StatusIs(Code::bad_config,
                         AllOf(HasSubstr("image host"), HasSubstr("settings.registryHosts"), HasSubstr("matchImages"))))
        << name;
    EXPECT_THAT(fake.calls(), IsEmpty()) << name;
  }
}

TEST_F(Quay, a_token_that_is_none_is_never_sent) {
  for (const std::string &token : {std::string(), std::string("opaque"), std::string("a.b.c"), pod_token + "\r\nX: y",
                                   pod_token + ".x", std::string(70'000, 'a')}) {
    FakeHost fake;
    const Outcome outcome = run(backend(), default_settings, FakeRequest(own_image).token(token), fake);
    EXPECT_THAT(outcome, StatusIs(Code::bad_request, HasSubstr("service account token")));
    EXPECT_THAT(fake.calls(), IsEmpty());
    if (token.size() > 12) {
      EXPECT_EQ(find_leak(token, outcome.text), std::nullopt);
    }
  }
}

TEST_F(Quay, a_host_without_http_is_told_apart_from_a_failing_network) {
  host.withhold(REGCRED_SERVICE_HTTP);
  EXPECT_THAT(ask(default_settings, image()), StatusIs(Code::internal, HasSubstr(REGCRED_SERVICE_HTTP)));
}

}  // namespace
}  // namespace regcred::test
