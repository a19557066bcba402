// SPDX-License-Identifier: Apache-2.0
// Whoever may edit a service account or name an image must not choose where pods' tokens go (H7), nor form requests.
#include "backends/cloudsmith/fixture.hpp"

namespace regcred::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Values that are not a slug, each in both annotations; nothing is sent, and the message names the annotation.
TEST_F(Cloudsmith, H6_H7_annotations_that_are_no_slug_send_nothing) {
  const std::vector<std::string> evil = {"..",
                                         "../../admin",
                                         "acme/../../x",
                                         "acme/",
                                         "acme?x=y",
                                         "acme#x",
                                         "acme%2f..",
                                         "acme&service_slug=y",
                                         "acme\r\nX-Evil: 1",
                                         "acme\n",
                                         std::string("acme\0x", 6),
                                         " acme",
                                         "acme ",
                                         " ",
                                         "acme\"",
                                         "acme\\",
                                         "acme@evil.example.net",
                                         "äcme",
                                         "acme\x1b[2J",
                                         "acme.",
                                         std::string(101, 'a'),
                                         std::string(200'000, 'a')};
  for (const char *key : {"cloudsmith.io/org-slug", "cloudsmith.io/service-slug"}) {
    for (const std::string &value : evil) {
      FakeHost fake;
      const Outcome outcome = run(backend(), default_settings, image().annotation(key, value), fake);
      EXPECT_THAT(outcome, StatusIs(Code::bad_request, AllOf(HasSubstr(key), HasSubstr("is not a slug")))) << value;
      EXPECT_TRUE(fake.calls().empty()) << value;
    }
  }
}

// H7: with a list, nobody but the operator decides which organisation and service tokens are exchanged for.
TEST_F(Cloudsmith, H7_slugs_that_are_not_allowed_send_nothing) {
  struct Row {
    std::string settings;
    std::string org;
    std::string service;
    std::string image;
    const char *wrong;  // nullptr: allowed
  };
  const std::string pinned =
      R"({"orgSlug":"acme","serviceSlug":"ci-x1","allowedOrgs":["initech"],"allowedServices":["ro"]})";
  const std::string open = R"({"allowedOrgs":["acme"]})";
  const std::vector<Row> rows = {
      {pinned, "", "", own_image, nullptr},
      {pinned, "acme", "ci-x1", own_image, nullptr},
      {pinned, "initech", "ro", own_image, nullptr},
      {pinned, "evil", "", own_image, "settings.allowedOrgs"},
      {pinned, "Acme", "", own_image, "settings.allowedOrgs"},
      {pinned, "", "admin", own_image, "settings.allowedServices"},
      {pinned, "", "ro-2", own_image, "settings.allowedServices"},
      {open, "", "any", own_image, nullptr},
      {open, "", "", "docker.cloudsmith.io/evil/images/app", "settings.allowedOrgs"},
      {open, "evil", "", own_image, "settings.allowedOrgs"},
      {R"({"allowedServices":["ro"]})", "any", "ro", own_image, nullptr},
      {R"({"allowedServices":["ro"]})", "any", "rw", own_image, "settings.allowedServices"},
  };
  for (const Row &row : rows) {
    FakeHost fake;
    if (row.wrong == nullptr) {
      const std::string org = row.org.empty() ? "acme" : row.org;
      fake.expect("POST", "https://api.cloudsmith.io/openid/" + org + "/").reply(200, token_json(api_token(7200)));
    }
    const Outcome outcome = run(backend(), row.settings,
                                image(row.image)
                                    .annotation("cloudsmith.io/org-slug", row.org)
                                    .annotation("cloudsmith.io/service-slug", row.service),
                                fake);
    const std::string shown = row.settings + " org " + row.org + " service " + row.service + ' ' + row.image;
    if (row.wrong == nullptr) {
      EXPECT_EQ(fake.calls().size(), 1U) << shown;
    } else {
      EXPECT_THAT(outcome, StatusIs(Code::bad_request, HasSubstr(row.wrong))) << shown;
      EXPECT_TRUE(fake.calls().empty()) << shown;
    }
  }
}

// H7: an API host that the operator did not allow gets nothing, however it is written.
TEST_F(Cloudsmith, H7_an_annotated_api_host_that_is_not_allowed_sends_nothing) {
  const std::string settings =
      R"({"orgSlug":"acme","allowedApiHosts":["api.eu.example.com:8443","*.cs.example.net","*.p.example.net:444"]})";
  const std::vector<std::string> evil = {"evil.example.net",
                                         "EVIL.example.net",
                                         "api.cloudsmith.io.evil.example.net",
                                         "evilapi.cloudsmith.io",
                                         "x.api.cloudsmith.io",
                                         "api.cloudsmith.io.",
                                         "api.cloudsmith.io:8443",
                                         "api.cloudsmith.io:0443",
                                         "api.cloudsmith.io:",
                                         "api.cloudsmith.io:443:443",
                                         "https://api.cloudsmith.io",
                                         "api.cloudsmith.io/",
                                         "api.cloudsmith.io/../x",
                                         "api.cloudsmith.io?x",
                                         "api.cloudsmith.io#x",
                                         "api.cloudsmith.io@evil.example.net",
                                         "user:pass@api.cloudsmith.io",
                                         "api.cloudsmith.io\\@evil.example.net",
                                         "api.cloudsmith.io\r\nHost: evil.example.net",
                                         std::string("api.cloudsmith.io\0.evil.example.net", 35),
                                         " api.cloudsmith.io",
                                         "api.cloudsmith.iо",
                                         "api%2ecloudsmith.io",
                                         "[::1]",
                                         "169.254.169.254",
                                         "localhost",
                                         "*.cs.example.net",
                                         "cs.example.net",
                                         "xcs.example.net",
                                         ".cs.example.net",
                                         "a..cs.example.net",
                                         "a.cs.example.net:8443",
                                         "a.cs.example.net.evil.example.org",
                                         "a.p.example.net",
                                         "api.eu.example.com",
                                         "x.api.eu.example.com:8443",
                                         std::string(200'000, 'a')};
  for (const std::string &value : evil) {
    FakeHost fake;
    const Outcome outcome = run(backend(), settings, image().annotation("cloudsmith.io/api-host", value), fake);
    EXPECT_THAT(outcome,
                StatusIs(Code::bad_request, AllOf(HasSubstr("annotation cloudsmith.io/api-host: " + shown(value)),
                                                  HasSubstr("settings.allowedApiHosts"))));
    EXPECT_TRUE(fake.calls().empty()) << value;
    EXPECT_THAT(outcome.text, Not(HasSubstr("\r")));
  }
}

// A matchImages that is too broad must not hand tokens out: the image's host is checked before anything is sent.
TEST_F(Cloudsmith, H7_images_of_foreign_registries_send_nothing) {
  const std::string settings = R"({"orgSlug":"acme","registryHosts":["docker.example.com","r.example.com:5000"]})";
  for (const char *name : {"docker.io/library/nginx", "evilcloudsmith.io/acme/app", "cloudsmith.io.evil.net/acme/app",
                           "docker.cloudsmith.io.evil.net/acme/app", "docker.cloudsmith.io:8443/acme/app",
                           "docker-cloudsmith.io/acme/app", "docker.cloudsmith.org/acme/app",
                           "x.docker.example.com/app", "docker.example.com:5000/app", "r.example.com/app",
                           "docker.cloudsmith.io@evil.net/acme/app", ".cloudsmith.io/acme/app", "localhost/app", ""}) {
    FakeHost fake;
    const Outcome outcome = run(backend(), settings, image(name), fake);
    EXPECT_THAT(outcome, StatusIs(Code::bad_config, AllOf(HasSubstr("image host"), HasSubstr("settings.registryHosts"),
                                                          HasSubstr("matchImages"))))
        << name;
    EXPECT_TRUE(fake.calls().empty()) << name;
  }
}

TEST_F(Cloudsmith, a_custom_domain_needs_the_organisation_from_the_operator) {
  const Outcome outcome = ask(R"({"registryHosts":["docker.example.com"]})", image("docker.example.com/acme/app"));
  EXPECT_THAT(outcome,
              StatusIs(Code::bad_config, AllOf(HasSubstr("docker.example.com"), HasSubstr("settings.orgSlug"))));
}

TEST_F(Cloudsmith, an_image_path_that_names_no_organisation_sends_nothing) {
  for (const char *name : {"docker.cloudsmith.io", "docker.cloudsmith.io/", "docker.cloudsmith.io/app",
                           "docker.cloudsmith.io//app", "docker.cloudsmith.io/a.b/app", "docker.cloudsmith.io/../app",
                           "docker.cloudsmith.io/a%2fb/app", "docker.cloudsmith.io/a b/app"}) {
    FakeHost fake;
    EXPECT_THAT(run(backend(), "{}", image(name), fake),
                StatusIs(Code::bad_request, AllOf(HasSubstr("no organisation"), HasSubstr("settings.orgSlug"))))
        << name;
    EXPECT_TRUE(fake.calls().empty()) << name;
  }
}

TEST_F(Cloudsmith, a_host_without_http_is_told_apart_from_a_failing_network) {
  host.withhold(REGCRED_SERVICE_HTTP);
  EXPECT_THAT(ask(default_settings, image()), StatusIs(Code::internal, HasSubstr(REGCRED_SERVICE_HTTP)));
}

}  // namespace
}  // namespace regcred::test
