// SPDX-License-Identifier: Apache-2.0
// The exception firewall and the rules that the SDK keeps for every backend, seen from the C side.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <regcred/backend.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>
#include <stdexcept>

namespace regcred {
namespace {

using test::create_only;
using test::FakeHost;
using test::FakeRequest;
using test::IsOk;
using test::Outcome;
using test::run;
using test::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char *canary = "secret-in-an-exception";
constexpr std::array<std::string_view, 2> keys = {"example.com/a", "example.com/b"};

// Does in create and get_credentials what its setting tells it.
class Puppet final : public Backend {
 public:
  static constexpr BackendInfo info{.name = "puppet",
                                    .version = "1.2.3",
                                    .token = TokenNeed::optional,
                                    .settings_schema = R"({"type":"object"})",
                                    .annotation_keys = keys};

  static Result<std::unique_ptr<Puppet>> create(Host host, Settings &settings) {
    const std::string mode = settings.text("create").value_or("");
    if (mode == "throw") throw std::runtime_error(canary);
    if (mode == "throw_int") throw 7;
    if (mode == "fail") return failure(Code::bad_config, "settings.create: is no good");
    if (mode == "null") return std::unique_ptr<Puppet>();
    return std::make_unique<Puppet>(host, settings.text("get").value_or(""));
  }

  Puppet(Host host, std::string mode) : host_(host), mode_(std::move(mode)) {}
  ~Puppet() override { host_.log().info("destroyed"); }

  Result<Credentials> get_credentials(const Request &request) override {
    if (mode_ == "throw") throw std::runtime_error(canary);
    if (mode_ == "throw_int") throw 7;
    if (mode_ == "exhaust") throw std::bad_alloc();
    if (mode_ == "throttle") return tl::make_unexpected(Failure{Code::throttled, "wait", std::chrono::seconds(9)});
    if (mode_ == "none") return failure(Code::no_credentials, "not mine");
    Credentials credentials;
    credentials.username = mode_ == "no_user" ? "" : "user";
    credentials.password = Secret(mode_ == "control" ? "a\nb"
                                  : mode_ == "huge"  ? std::string(70'000, 'x')
                                                     : "password");
    if (mode_ == "path") credentials.registry = std::string(request.registry()) + "/team";
    if (mode_ == "cached") {
      credentials.scope = Scope::registry;
      credentials.lifetime = std::chrono::seconds(60);
    }
    return credentials;
  }

 private:
  Host host_;
  std::string mode_;
};

const regcred_backend_v1 &puppet() { return *backend_table<Puppet>(); }

Outcome get(const char *settings) {
  FakeHost host;
  return run(puppet(), settings, FakeRequest("r.example.com/team/app"), host);
}

TEST(Thunk, the_table_is_what_info_says) {
  EXPECT_EQ(puppet().struct_size, sizeof(regcred_backend_v1));
  EXPECT_EQ(puppet().abi_major, REGCRED_ABI_MAJOR);
  EXPECT_EQ(detail::to_view(puppet().name), "puppet");
  EXPECT_EQ(detail::to_view(puppet().version), "1.2.3");
  EXPECT_EQ(puppet().token_use, REGCRED_TOKEN_OPTIONAL);
  EXPECT_EQ(puppet().uses, 0U);
  EXPECT_EQ(test::settings_schema(puppet()), R"({"type":"object"})");
  EXPECT_THAT(test::annotation_keys(puppet()), ElementsAre("example.com/a", "example.com/b"));
  EXPECT_EQ(backend_table<Puppet>(), backend_table<Puppet>());
}

TEST(Thunk, defaults_are_the_requests_registry_image_scope_and_unknown_life) {
  const Outcome outcome = get("{}");
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).registry, "r.example.com");
  EXPECT_EQ(outcome.scope, Scope::image);
  EXPECT_EQ(outcome.lifetime, std::nullopt);
}

TEST(Thunk, registry_scope_and_lifetime_are_passed_on) {
  EXPECT_EQ(get(R"({"get":"path"})").auth.at(0).registry, "r.example.com/team");
  const Outcome cached = get(R"({"get":"cached"})");
  EXPECT_EQ(cached.scope, Scope::registry);
  EXPECT_EQ(cached.lifetime, std::chrono::seconds(60));
}

TEST(Thunk, exceptions_end_as_internal_without_their_text) {
  for (const char *settings :
       {R"({"create":"throw"})", R"({"create":"throw_int"})", R"({"get":"throw"})", R"({"get":"throw_int"})"}) {
    EXPECT_THAT(get(settings), StatusIs(Code::internal, AllOf(HasSubstr("threw"), Not(HasSubstr(canary))))) << settings;
  }
  EXPECT_THAT(get(R"({"get":"exhaust"})"), StatusIs(Code::internal, HasSubstr("ran out of memory")));
}

TEST(Thunk, failures_keep_code_text_and_wait) {
  EXPECT_THAT(get(R"({"create":"fail"})"), StatusIs(Code::bad_config, "settings.create: is no good"));
  EXPECT_THAT(get(R"({"get":"none"})"), StatusIs(Code::no_credentials, "not mine"));
  const Outcome throttled = get(R"({"get":"throttle"})");
  EXPECT_THAT(throttled, StatusIs(Code::throttled, "wait"));
  EXPECT_EQ(throttled.retry_after, std::chrono::seconds(9));
}

TEST(Thunk, settings_that_nobody_reads_or_of_a_wrong_type_fail_create) {
  EXPECT_THAT(get(R"({"get":"","gte":""})"), StatusIs(Code::bad_config, HasSubstr("settings.gte: unknown setting")));
  EXPECT_THAT(get(R"({"get":1})"), StatusIs(Code::bad_config, HasSubstr("settings.get: must be a string")));
  EXPECT_THAT(get("[]"), StatusIs(Code::bad_config, HasSubstr("must be a mapping")));
  EXPECT_THAT(get("{"), StatusIs(Code::bad_config, HasSubstr("must be a mapping")));
  // A create that fails for its own reason speaks of that, though a key is unknown as well.
  EXPECT_THAT(get(R"({"create":"fail","gte":""})"), StatusIs(Code::bad_config, HasSubstr("is no good")));
}

TEST(Thunk, a_create_without_an_instance_is_a_fault) {
  EXPECT_THAT(get(R"({"create":"null"})"), StatusIs(Code::internal, HasSubstr("no instance")));
}

TEST(Thunk, credentials_that_the_host_refuses_are_bad_upstream) {
  for (const char *settings : {R"({"get":"no_user"})", R"({"get":"control"})", R"({"get":"huge"})"}) {
    EXPECT_THAT(get(settings), StatusIs(Code::bad_upstream, HasSubstr("empty, too large or not printable")))
        << settings;
  }
}

// Once for each instance: after get_credentials, after create alone, and when an unknown setting spoils the creation.
TEST(Thunk, every_instance_is_destroyed_once) {
  for (const char *settings : {"{}", R"({"get":"throw"})", R"({"zzz":1})"}) {
    FakeHost host;
    (void)run(puppet(), settings, FakeRequest("r.example.com/app"), host);
    EXPECT_EQ(host.log().size(), 1U) << settings;
  }
  FakeHost host;
  EXPECT_THAT(create_only(puppet(), "{}", host), IsOk());
  EXPECT_EQ(host.log().size(), 1U);
}

TEST(Request, gives_the_parts_of_what_was_asked) {
  const FakeRequest fake =
      FakeRequest("r.example.com:5000/team/app").token("t.t.t").annotation("k", "v").annotation("e", "");
  std::vector<regcred_pair> pairs;
  const regcred_request_v1 raw = fake.raw(pairs);
  const Request request(&raw);
  EXPECT_EQ(request.image(), "r.example.com:5000/team/app");
  EXPECT_EQ(request.registry(), "r.example.com:5000");
  EXPECT_EQ(request.path(), "team/app");
  EXPECT_EQ(request.service_account_token(), "t.t.t");
  EXPECT_EQ(request.annotation("k"), "v");
  EXPECT_EQ(request.annotation("e"), "");
  EXPECT_EQ(request.annotation("K"), std::nullopt);

  const FakeRequest bare("localhost");
  const regcred_request_v1 bare_raw = bare.raw(pairs);
  EXPECT_EQ(Request(&bare_raw).path(), "");
  EXPECT_EQ(Request(&bare_raw).service_account_token(), "");
}

}  // namespace
}  // namespace regcred
