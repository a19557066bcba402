// SPDX-License-Identifier: Apache-2.0
// The simple form: one credential for whole registries, from files.
#include "backends/static/fixture.hpp"

namespace regcred::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(Static, answers_from_setting_and_file_for_the_whole_registry) {
  const Outcome outcome = ask(R"({"username":"robot","passwordFile":"/etc/regcred/secrets/password"})");
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, "harbor.example.com");
  EXPECT_EQ(outcome.auth[0].username, "robot");
  EXPECT_EQ(outcome.auth[0].password, password);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::nullopt);
  EXPECT_THAT(host.calls(), IsEmpty());
  EXPECT_THAT(host.log(), IsEmpty());
}

TEST_F(Static, never_wants_the_token_nor_annotations) {
  EXPECT_EQ(regcred::test::backend_name(backend()), "static");
  EXPECT_EQ(backend().token_use, REGCRED_TOKEN_NEVER);
  EXPECT_THAT(annotation_keys(backend()), IsEmpty());
}

TEST_F(Static, reads_the_username_from_a_file) {
  const Outcome outcome = ask(R"({"usernameFile":"harbor-user","passwordFile":"/etc/regcred/secrets/password"})");
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).username, "robot$ci");
  EXPECT_THAT(host.secret_files_read(), ElementsAre("harbor-user", "/etc/regcred/secrets/password"));
}

TEST_F(Static, serves_only_the_named_registries_and_leaves_the_files_alone_for_others) {
  const std::string settings =
      R"({"username":"u","passwordFile":"/etc/regcred/secrets/password","registries":["Harbor.example.com:8443"]})";
  EXPECT_THAT(ask(settings, "harbor.example.com:8443/team/app"), IsOk());
  const std::size_t reads = host.secret_files_read().size();
  for (const char *image : {"harbor.example.com/team/app", "x.harbor.example.com:8443/app",
                            "harbor.example.com:8443.evil.net/app", "harbor.example.com:84430/app"}) {
    EXPECT_THAT(ask(settings, image), StatusIs(Code::no_credentials, ::testing::_)) << image;
  }
  EXPECT_EQ(host.secret_files_read().size(), reads);
}

TEST_F(Static, L1_unusable_files_are_named_by_their_setting_and_never_quoted) {
  host.add_secret_file("two-lines", std::string(password) + "\n" + password);
  host.add_secret_file("empty", "");
  host.add_secret_file("latin-1", std::string(password) + "-\xe9");
  host.add_secret_file("colon", std::string("user:") + password);
  const std::vector<std::pair<const char *, const char *>> table = {
      {R"({"username":"u","passwordFile":"missing"})", "settings.passwordFile: secret \"missing\": no such file"},
      {R"({"username":"u","passwordFile":"two-lines"})", "settings.passwordFile: the file must hold the password"},
      {R"({"username":"u","passwordFile":"empty"})", "settings.passwordFile: the file must hold the password"},
      {R"({"username":"u","passwordFile":"latin-1"})", "settings.passwordFile: the file must hold the password"},
      {R"({"usernameFile":"latin-1","passwordFile":"empty"})",
       "settings.usernameFile: the file must hold the username"},
      {R"({"usernameFile":"missing","passwordFile":"empty"})", "settings.usernameFile: secret \"missing\""},
      {R"({"usernameFile":"colon","passwordFile":"empty"})", "settings.usernameFile: the file must hold the username"},
      {R"({"usernameFile":"empty","passwordFile":"empty"})", "settings.usernameFile: the file must hold the username"},
      {R"({"usernameFile":"two-lines","passwordFile":"empty"})", "settings.usernameFile: the file must hold"},
  };
  for (const auto &[settings, words] : table) {
    const Outcome outcome = ask(settings);
    EXPECT_THAT(outcome, StatusIs(Code::bad_config, HasSubstr(words)));
    EXPECT_EQ(find_leak(password, outcome.text), std::nullopt) << outcome.text;
  }
}

TEST_F(Static, a_host_without_secret_files_is_named) {
  host.withhold(REGCRED_SERVICE_SECRET);
  EXPECT_THAT(ask(R"({"username":"u","passwordFile":"/p"})"),
              StatusIs(Code::internal, AllOf(HasSubstr("settings.passwordFile"), HasSubstr(REGCRED_SERVICE_SECRET))));
}

}  // namespace
}  // namespace regcred::test
