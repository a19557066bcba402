// The static backend: fixed credentials from files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>

#include "backends/backend_under_test.hpp"
#include "backends/json_schema.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char *password = "pa55-word-canary-0123456789";

class Static : public ::testing::Test {
 protected:
  static const regcred_backend_v1 &backend() { return load_backend(BACKEND_SO); }
  Static() {
    host.add_secret_file("/etc/regcred/secrets/password", password);
    host.add_secret_file("harbor-user", "robot$ci");
  }
  Outcome ask(const std::string &settings, const char *image = "harbor.example.com/team/app") {
    return run(backend(), settings, FakeRequest(image), host);
  }
  FakeHost host;
};

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
  EXPECT_EQ(regcred::detail::to_view(backend().name), "static");
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
  host.add_secret_file("colon", std::string("user:") + password);
  const std::vector<std::pair<const char *, const char *>> table = {
      {R"({"username":"u","passwordFile":"missing"})", "settings.passwordFile: secret \"missing\": no such file"},
      {R"({"username":"u","passwordFile":"two-lines"})", "settings.passwordFile: the file must hold the password"},
      {R"({"username":"u","passwordFile":"empty"})", "settings.passwordFile: the file must hold the password"},
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

TEST_F(Static, create_takes_and_refuses_settings_as_its_schema_does) {
  struct Row {
    json settings;
    const char *word;  // in the refusal; null: accepted
    bool schema_is_coarser = false;
  };
  const std::vector<Row> table = {
      {{{"username", "u"}, {"passwordFile", "/p"}}, nullptr},
      {{{"usernameFile", "u"}, {"passwordFile", "p"}, {"registries", {"a.example.com", "b.example.com:5000"}}},
       nullptr},
      {json::object(), "exactly one"},
      {{{"username", "u"}}, "settings.passwordFile: is missing"},
      {{{"passwordFile", "/p"}}, "exactly one"},
      {{{"username", "u"}, {"usernameFile", "u"}, {"passwordFile", "/p"}}, "exactly one"},
      {{{"username", ""}, {"passwordFile", "/p"}}, "settings.username:"},
      {{{"username", "a:b"}, {"passwordFile", "/p"}}, "settings.username:"},
      {{{"username", "a\nb"}, {"passwordFile", "/p"}}, "settings.username:"},
      {{{"username", 1}, {"passwordFile", "/p"}}, "settings.username: must be a string"},
      {{{"usernameFile", ""}, {"passwordFile", "/p"}}, "settings.usernameFile"},
      {{{"username", "u"}, {"passwordFile", ""}}, "settings.passwordFile"},
      {{{"username", "u"}, {"passwordFile", nullptr}}, "settings.passwordFile: must be a string"},
      {{{"username", "u"}, {"passwordFile", std::string(4097, 'p')}}, "settings.passwordFile"},
      {{{"username", "u"}, {"passwordFile", "/p"}, {"password", "x"}}, "settings.password: unknown setting"},
      {{{"username", "u"}, {"passwordFile", "/p"}, {"registries", json::array()}}, "settings.registries"},
      {{{"username", "u"}, {"passwordFile", "/p"}, {"registries", {"*.example.com"}}}, "settings.registries"},
      {{{"username", "u"}, {"passwordFile", "/p"}, {"registries", {"a..b"}}}, "settings.registries", true},
      {{{"username", "u"}, {"passwordFile", "/p"}, {"registries", "a"}}, "settings.registries: must be a list"},
  };
  const json schema = json::parse(settings_schema(backend()));
  for (const Row &row : table) {
    SCOPED_TRACE(row.settings.dump());
    const Outcome outcome = create_only(backend(), row.settings.dump(), host);
    const std::string broken = broken_schema_rule(schema, row.settings);
    if (row.word == nullptr) {
      EXPECT_THAT(outcome, IsOk());
      EXPECT_EQ(broken, "");
    } else {
      EXPECT_THAT(outcome, StatusIs(Code::bad_config, HasSubstr(row.word)));
      EXPECT_EQ(broken.empty(), row.schema_is_coarser) << broken;
    }
  }
}

TEST_F(Static, the_schema_names_the_settings_that_create_reads) {
  const json schema = json::parse(settings_schema(backend()));
  std::string known;
  for (const auto &[key, value] : schema["properties"].items()) known += (known.empty() ? "" : ", ") + key;
  EXPECT_THAT(create_only(backend(), R"({"username":"u","passwordFile":"/p","zzz":1})", host),
              StatusIs(Code::bad_config, ::testing::EndsWith("this backend knows " + known)));
}

TEST_F(Static, a_host_without_secret_files_is_named) {
  host.withhold(REGCRED_SERVICE_SECRET);
  EXPECT_THAT(ask(R"({"username":"u","passwordFile":"/p"})"),
              StatusIs(Code::internal, AllOf(HasSubstr("settings.passwordFile"), HasSubstr(REGCRED_SERVICE_SECRET))));
}

}  // namespace
}  // namespace regcred::test
