// SPDX-License-Identifier: Apache-2.0
#include "record/tenant_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(TenantMessage, paths_of_files_are_taken_out_and_nothing_else) {
  struct Case {
    std::string text;
    std::string left;
  };
  const std::string file = "(a file of the node)";
  const Case table[] = {
      {"", ""},
      {"denied: Cloudsmith (HTTP 400)", "denied: Cloudsmith (HTTP 400)"},
      {"/etc/regcred/config.yaml:3:5: is wrong", file + ": is wrong"},
      {"cannot open /etc/regcred/x.password: no such file", "cannot open " + file + ": no such file"},
      {"the file \"/etc/my dir/x\" is missing", "the file \"" + file + "\" is missing"},
      {"(/run/x), '/run/y' and=/run/z.", "(" + file + "), '" + file + "' and=" + file + "."},
      {"at file:///etc/x", "at file://" + file},
      {"in ../x and ./y and ~/z", "in .." + file + " and ." + file + " and ~" + file},
      {"x:/etc/passwd", "x:" + file},
      // What is not a file of the node.
      {"https://api.example.com/v1/x", "https://api.example.com/v1/x"},
      {"docker.cloudsmith.io/acme/app", "docker.cloudsmith.io/acme/app"},
      {"team-a/default and 3 / 4 and/or", "team-a/default and 3 / 4 and/or"},
      {"arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x"},
      {"/", "/"},
  };
  for (const auto &[text, left] : table) EXPECT_EQ(without_node_paths(text), left) << text;
}

SpoolEntry entry(const std::string &where, const std::string &what, const std::string &cure) {
  return {1, {"team-a", "app", "1"}, "team-a/default", "a.io/b", "x", "backend", where, what, cure};
}

TEST(TenantMessage, has_place_and_cure_where_they_name_no_file) {
  EXPECT_EQ(tenant_message(entry("registry \"x\" (backend oidc)", "denied", "correct the slug")),
            "a.io/b: registry \"x\" (backend oidc): denied; correct the slug");
  EXPECT_EQ(tenant_message(entry("/etc/regcred/config.yaml:3:5", "has no audience", "chmod 600 /etc/regcred/x")),
            "a.io/b: has no audience");
  EXPECT_EQ(tenant_message(entry("", "/etc/x is missing", "")), "a.io/b: (a file of the node) is missing");
}

TEST(TenantMessage, L1_is_bounded_and_shows_no_token) {
  const std::string token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl";
  const std::string message = tenant_message(entry("x", "sent " + token, "do not send " + token));
  EXPECT_THAT(message, Not(HasSubstr("eyJ")));
  const std::string longest =
      tenant_message(entry(std::string(500, 'w'), std::string(1000, 'x'), std::string(500, 'c')));
  EXPECT_LE(longest.size(), tenant_message_bytes_max);
  EXPECT_THAT(longest, HasSubstr("; ccc"));
}

}  // namespace
}  // namespace regcred::core
