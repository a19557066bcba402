// SPDX-License-Identifier: Apache-2.0
// The list `credentials`: which of them an image gets, and how far the answer reaches.
#include "backends/static/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// One credential per place, each with a password of its own that tells which one was chosen.
class StaticList : public Static {
 protected:
  StaticList() {
    json list = json::array();
    for (const char *place : {"harbor.example.com/team/tools", "harbor.example.com", "harbor.example.com/team",
                              "harbor.example.com/team/tools/x1", "Quay.example.com:8443",
                              "paths.example.com/only/here", "docker.io/library"}) {
      const std::string file = "file-of-" + std::to_string(list.size());
      host.add_secret_file(file, "password of " + std::string(place));
      list.push_back({{"registry", place}, {"username", "u"}, {"passwordFile", file}});
    }
    settings = json{{"credentials", list}}.dump();
  }
  std::string settings;
};

struct Choice {
  const char *image;
  const char *credential;  // the registry of the item that is chosen
  const char *registry;    // of the answer
  Scope scope;
};

TEST_F(StaticList, M2b_the_longest_path_wins_on_segment_borders) {
  const std::vector<Choice> table = {
      {"harbor.example.com/team/app", "harbor.example.com/team", "harbor.example.com/team", Scope::image},
      {"harbor.example.com/team", "harbor.example.com/team", "harbor.example.com/team", Scope::image},
      {"harbor.example.com/team/tools", "harbor.example.com/team/tools", "harbor.example.com/team/tools", Scope::image},
      {"harbor.example.com/team/tools/cc", "harbor.example.com/team/tools", "harbor.example.com/team/tools",
       Scope::image},
      {"harbor.example.com/team/tools/x1/y", "harbor.example.com/team/tools/x1", "harbor.example.com/team/tools/x1",
       Scope::image},
      {"harbor.example.com/team/tools/x12/y", "harbor.example.com/team/tools", "harbor.example.com/team/tools",
       Scope::image},
      {"harbor.example.com/team/toolset", "harbor.example.com/team", "harbor.example.com/team", Scope::image},
      // Not cached for the whole host, since other paths of it have other credentials.
      {"harbor.example.com/teams/app", "harbor.example.com", "harbor.example.com", Scope::image},
      {"harbor.example.com/x/team/app", "harbor.example.com", "harbor.example.com", Scope::image},
      // The answer is written in the letters of the question: the kubelet compares letter by letter.
      {"Harbor.Example.com/team/app", "harbor.example.com/team", "Harbor.Example.com/team", Scope::image},
      {"quay.example.com:8443/acme/app", "Quay.example.com:8443", "quay.example.com:8443", Scope::registry},
      {"docker.io/library/nginx", "docker.io/library", "docker.io/library", Scope::image},
      {"paths.example.com/only/here/app", "paths.example.com/only/here", "paths.example.com/only/here", Scope::image},
  };
  for (const Choice &row : table) {
    SCOPED_TRACE(row.image);
    const Outcome outcome = ask(settings, row.image);
    ASSERT_THAT(outcome, IsOk());
    ASSERT_EQ(outcome.auth.size(), 1U);
    EXPECT_EQ(outcome.auth[0].registry, row.registry);
    EXPECT_EQ(outcome.auth[0].password, "password of " + std::string(row.credential));
    EXPECT_EQ(outcome.scope, row.scope);
    EXPECT_EQ(outcome.lifetime, std::nullopt);
  }
}

TEST_F(StaticList, an_image_of_nobody_gets_nothing_and_no_file_is_read) {
  for (const char *image :
       {"paths.example.com/only/hereafter", "paths.example.com/only", "paths.example.com/app", "paths.example.com",
        "paths.example.com/only-here/app", "quay.example.com/acme/app", "quay.example.com:84430/acme/app",
        "harbor.example.com:443/team/app", "harbor.example.com.evil.net/team/app", "x.harbor.example.com/team/app",
        "evil.net/harbor.example.com/team/app", "docker.io/other/nginx", "[::1]:5000/app", ""}) {
    EXPECT_THAT(ask(settings, image), StatusIs(Code::no_credentials, HasSubstr("no credential"))) << image;
  }
  EXPECT_THAT(host.secret_files_read(), IsEmpty());
}

TEST_F(StaticList, only_the_files_of_the_chosen_credential_are_read) {
  EXPECT_THAT(ask(settings, "harbor.example.com/team/app"), IsOk());
  EXPECT_THAT(host.secret_files_read(), ElementsAre("file-of-2"));
}

TEST_F(StaticList, L1_a_file_that_is_unusable_is_named_by_its_item) {
  host.add_secret_file("two-lines", std::string(password) + "\n" + password);
  const auto with = [](const json &second) {
    const json first = {{"registry", "a.example.com"}, {"username", "u"}, {"passwordFile", "/p"}};
    return json{{"credentials", {first, second}}}.dump();
  };
  const std::vector<std::pair<json, const char *>> table = {
      {{{"registry", "b.example.com"}, {"username", "u"}, {"passwordFile", "missing"}},
       "settings.credentials[1].passwordFile: secret \"missing\": no such file"},
      {{{"registry", "b.example.com"}, {"username", "u"}, {"passwordFile", "two-lines"}},
       "settings.credentials[1].passwordFile: the file must hold the password"},
      {{{"registry", "b.example.com"}, {"usernameFile", "missing"}, {"passwordFile", "two-lines"}},
       "settings.credentials[1].usernameFile: secret \"missing\""},
      {{{"registry", "b.example.com"}, {"usernameFile", "two-lines"}, {"passwordFile", "two-lines"}},
       "settings.credentials[1].usernameFile: the file must hold the username"},
  };
  for (const auto &[second, words] : table) {
    const Outcome outcome = ask(with(second), "b.example.com/app");
    EXPECT_THAT(outcome, StatusIs(Code::bad_config, HasSubstr(words)));
    EXPECT_EQ(find_leak(password, outcome.text), std::nullopt) << outcome.text;
  }
}

}  // namespace
}  // namespace regcred::test
