// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/granted.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regcred/base64.hpp>

namespace regcred::core {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> lines(const json &access, const DoctorReport &report = {}) {
  return granted_lines("e30." + base64url_encode(json{{"access", access}}.dump()) + ".c2ln", report);
}

TEST(Granted, L1_only_what_names_and_actions_are_made_of_is_shown) {
  EXPECT_THAT(lines({{{"name", "team/app.x"}, {"actions", {"pull", "push"}}}, 7, {{"name", "x"}}}),
              ElementsAre("the token grants on \"team/app.x\": pull,push", "the token grants on \"x\": nothing"));
  const std::string longest(60, 'a');
  const std::string longer(61, 'a');
  EXPECT_THAT(lines({{{"name", longest}, {"actions", {longest}}},
                     {{"name", longer}, {"actions", {"pull"}}},
                     {{"name", "x"}, {"actions", {std::string(31, 'a'), std::string(31, 'b')}}},
                     {{"name", "a b"}, {"actions", {"pull"}}},
                     {{"name", "x"}, {"actions", {"\x1b[31m"}}},
                     {{"name", "sixth"}}}),
              ElementsAre("the token grants on \"" + longest + "\": " + longest,
                          "not shown: the token grants something, a name of 61 characters",
                          "not shown: the token grants something, actions of 63 characters",
                          "not shown: the token grants something, a name with characters that none has",
                          "not shown: the token grants something, actions with characters that none has"));
}

TEST(Granted, L1_a_secret_in_pieces_is_not_shown) {
  DoctorReport report;
  report.hide("canary-password-of-the-pull");
  EXPECT_THAT(lines({{{"name", "x"}, {"actions", {"canary-p", "assword-", "of-the-p", "ull"}}}}, report),
              ElementsAre("not shown: what the token grants, which quotes the credential"));
  EXPECT_THAT(lines({{{"name", "canary-passw"}}, {{"name", "ord-of-the-pull"}}}, report),
              ElementsAre("not shown: what the token grants, which quotes the credential"));
}

TEST(Granted, what_has_no_such_claim_gives_no_line) {
  EXPECT_THAT(granted_lines("no-jwt", {}), IsEmpty());
  EXPECT_THAT(lines("text"), IsEmpty());
  EXPECT_THAT(lines(json::array({7, "x"})), IsEmpty());
}

}  // namespace
}  // namespace regcred::core
