// SPDX-License-Identifier: Apache-2.0
// What a registry or an issuer names decides neither who gets the credential nor which network is asked.
#include "cli/doctor/foreign_hosts.hpp"

#include <regcred/testing/fake_request.hpp>

#include "cli/doctor/issuer_steps.hpp"
#include "cli/doctor/registry_steps.hpp"
#include "scripted_network.hpp"

namespace regcred::core {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ForeignHosts : public ::testing::Test {
 protected:
  // A login at `registry`, which names `realm`.
  DoctorReport login(const std::string &registry, const std::string &realm,
                     const std::vector<std::string> &followed = {}) {
    const std::string ping = "https://" + registry + "/v2/";
    const std::string url = realm + "?scope=repository%3Aapp%3Apull";
    network_.sent.clear();
    network_.answers = {{ping, {.status = 401, .headers = {{"www-authenticate", "Bearer realm=\"" + realm + '"'}}}},
                        {url + " Basic", {.status = 200, .body = R"({"token":"canary-bearer"})"}},
                        {ping + " Bearer", {.status = 200}},
                        {ping + "app/manifests/1 Bearer", {.status = 200, .body = R"({"schemaVersion":2})"}}};
    DoctorReport report;
    examine_registry({registry, "app", "1", true}, auth_, network_, [](const std::string &) {}, report, {},
                     {followed, [](const std::string &host) { return "regcred doctor --follow-realm " + host; }});
    return report;
  }
  [[nodiscard]] bool was_sent() const {
    return std::any_of(network_.sent.begin(), network_.sent.end(),
                       [](const auto &request) { return !request.authorization.empty(); });
  }

  AuthEntry auth_{"", "user", Secret("canary-password")};
  ScriptedNetwork network_;
};

TEST_F(ForeignHosts, H7b_the_credential_stays_in_the_registrys_own_domain) {
  const std::pair<const char *, const char *> own[] = {
      {"reg.example.com", "https://reg.example.com/t"},
      {"reg.example.com:5000", "https://REG.example.com:7/t"},
      {"reg.example.com", "https://auth.example.com/t"},
      {"example.com", "https://a.b.example.com/t"},
      {"registry-1.docker.io", "https://auth.docker.io/token"},
      {"localhost:5000", "https://localhost:5001/t"},
      {"203.0.113.9", "https://203.0.113.9:444/t"},

      {"[2a00::9]:5000", "https://[2a00::9]/t"},
  };
  for (const auto &[registry, realm] : own) {
    if (std::string_view(registry).starts_with("localhost")) network_.addresses["localhost"] = "127.0.0.1";
    const DoctorReport report = login(registry, realm);
    EXPECT_FALSE(report.error()) << registry << ' ' << realm << '\n' << report.as_text("", {});
  }
  const std::pair<const char *, const char *> foreign[] = {
      {"reg.example.com", "https://auth.example.org/t"},
      {"reg.example.com", "https://evil-example.com/t"},
      {"reg.example.co.uk", "https://auth.evil.co.uk/t"},
      {"reg.example.co.uk", "https://auth.example.co.uk/t"},
      {"reg.example.com", "https://com/t"},
      {"203.0.113.9", "https://198.51.113.9/t"},
      {"203.0.113.9", "https://x.113.9/t"},
      {"reg.example.com", "https://203.0.113.9/t"},
      {"localhost:5000", "https://127.0.0.1:5000/t"},
      {"registry", "https://auth/t"},
      {"[2a00::9]:5000", "https://[2a00::a]/t"},
      {"docker.io.evil.com", "https://auth.docker.io/t"},
      {"reg.example.com", "https://example.com.evil.org/t"},
  };
  for (const auto &[registry, realm] : foreign) {
    const DoctorReport report = login(registry, realm);
    EXPECT_STREQ(state_of(report, "registry-challenge"), "failed") << registry << ' ' << realm;
    EXPECT_THAT(step_in(report, "registry-challenge").what, HasSubstr("which is not of its own domain"));
    EXPECT_THAT(step_in(report, "registry-challenge").cure, HasSubstr(": regcred doctor --follow-realm "));
    EXPECT_EQ(network_.sent.size(), 1U) << realm;
    EXPECT_FALSE(was_sent()) << registry << ' ' << realm;
    EXPECT_FALSE(login(registry, realm, {"other.example.net", bare_host(url_host(realm))}).error()) << realm;
    EXPECT_FALSE(login(registry, realm, {std::string(url_host(realm))}).error()) << realm;
  }
}

TEST_F(ForeignHosts, H7b_a_realm_is_asked_where_the_registry_is_or_in_public) {
  struct Case {
    const char *registry;
    const char *realm;
    bool asked;
    bool with_leave;  // --follow-realm
  };
  const Case cases[] = {
      {"203.0.113.9", "203.0.113.10", true, true},
      {"203.0.113.9", "10.0.0.1", false, true},
      {"203.0.113.9", "fd12::1", false, true},
      {"203.0.113.9", "::ffff:10.0.0.1", false, true},
      {"203.0.113.9", "127.0.0.1", false, true},
      {"203.0.113.9", "::1", false, true},
      {"203.0.113.9", "169.254.169.254", false, false},
      {"203.0.113.9", "fe80::1", false, false},
      {"203.0.113.9", "fd00:ec2::254", false, false},
      {"203.0.113.9", "100.100.100.200", false, false},
      {"10.0.0.1", "192.168.0.1", true, true},
      {"10.0.0.1", "203.0.113.9", true, true},
      {"10.0.0.1", "127.0.0.1", false, true},
      {"10.0.0.1", "169.254.169.254", false, false},
      {"127.0.0.1", "::1", true, true},
      {"127.0.0.1", "10.0.0.1", false, true},
      {"169.254.0.9", "169.254.0.10", true, true},
      {"169.254.0.9", "127.0.0.1", false, true},
  };
  for (const Case &row : cases) {
    network_.addresses = {{"reg.example.com", row.registry}, {"auth.example.com", row.realm}};
    const DoctorReport report = login("reg.example.com", "https://auth.example.com/t");
    EXPECT_EQ(!report.error(), row.asked) << row.registry << ' ' << row.realm << report.as_text("", {});
    EXPECT_EQ(was_sent(), row.asked) << row.realm;
    EXPECT_EQ(!login("reg.example.com", "https://auth.example.com/t", {"Auth.example.com"}).error(), row.with_leave);
    if (row.asked) continue;
    const Step step = step_in(report, "registry-login");
    EXPECT_THAT(step.what, AllOf(StartsWith(std::string("auth.example.com is at ") + row.realm + ", a"),
                                 HasSubstr(": nothing was sent there")));
    const bool named = step.cure.ends_with("all the same: regcred doctor --follow-realm auth.example.com");
    EXPECT_EQ(named, row.with_leave) << step.cure;
  }
}

// What the proxy resolves, nobody here sees: the registry is where its name says.
TEST_F(ForeignHosts, H7b_through_a_proxy_names_count) {
  network_.through_proxy = true;
  network_.addresses = {{"auth.example.com", "10.0.0.1"}, {"auth.x.svc", "10.0.0.1"}};
  EXPECT_TRUE(login("reg.example.com", "https://auth.example.com/t").error());
  EXPECT_FALSE(login("reg.x.svc", "https://auth.x.svc/t").error());
}

TEST(PlacesFor, H7b_public_where_the_other_is_and_what_the_operator_allows) {
  const Fetched none;
  constexpr AddressKinds open = kinds(AddressKind::open);
  EXPECT_EQ(places_for("h", "reg.example.com", none, {}), open);
  EXPECT_EQ(places_for("h", "reg.svc:5000", none, {}), open | kinds(AddressKind::private_network));
  EXPECT_EQ(places_for("h", "localhost:5000", none, {}), open | kinds(AddressKind::loopback));
  EXPECT_EQ(places_for("h", "reg.svc", {.address = "203.0.113.7"}, {}), open);
  EXPECT_EQ(places_for("h:1", "reg.example.com", none, {.hosts = {"H"}}),
            open | kinds(AddressKind::private_network) | kinds(AddressKind::loopback));
}

}  // namespace
}  // namespace regcred::core
