// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace regcred::core {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

DoctorReport example() {
  DoctorReport report;
  report.add({"token", "token", StepState::passed, "of a pod", "a hint", {"a detail"}});
  report.add({"token", "token-expiry", StepState::failed, "expired", "make another", {}, ErrorCode::config});
  report.add({"exchange", "exchange", StepState::failed, "refused", "look", {}, ErrorCode::backend});
  report.skip("registry", {"registry-login", "registry-pull"}, "there is no credential");
  return report;
}

TEST(DoctorReport, the_text_in_full) {
  EXPECT_EQ(example().as_text("reg.io/app", {}),
            "image  reg.io/app\n"
            "\n"
            "token\n"
            "  passed   token                of a pod\n"
            "           a detail\n"
            "           hint: a hint\n"
            "  failed   token-expiry         expired\n"
            "           cure: make another\n"
            "\n"
            "exchange\n"
            "  failed   exchange             refused\n"
            "           cure: look\n"
            "\n"
            "registry\n"
            "  skipped  registry-login       there is no credential\n"
            "  skipped  registry-pull        there is no credential\n"
            "\n"
            "1 passed, 2 failed, 2 skipped\n");
}

TEST(DoctorReport, colour_only_where_it_is_shown) {
  EXPECT_THAT(example().as_text("reg.io/app", {.colour = true}), HasSubstr("\x1b[31mfailed \x1b[0m  token-expiry"));
}

TEST(DoctorReport, the_same_as_data) {
  const json document = json::parse(example().as_json("reg.io/app"));
  EXPECT_EQ(document["passed"], false);
  EXPECT_EQ(document["counts"], json::parse(R"({"passed":1,"failed":2,"skipped":2})"));
  EXPECT_EQ(document["steps"][1], json::parse(R"({"area":"token","step":"token-expiry","state":"failed",
      "what":"expired","cure":"make another","details":[]})"));
  EXPECT_EQ(document["steps"].size(), 5U);
}

TEST(DoctorReport, the_first_failure_decides_about_the_exit_status) {
  const std::optional<Error> error = example().error();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::config);
  EXPECT_EQ(error->where, "doctor: token-expiry");
  EXPECT_EQ(error->what, "expired (and 1 more failed)");
  DoctorReport sound;
  sound.add({"token", "token", StepState::passed, "of a pod", {}, {}});
  sound.skip("issuer", {"issuer-reach"}, "no token");
  EXPECT_FALSE(sound.error());
}

TEST(DoctorReport, L1_secrets_are_hidden_wherever_they_stand_and_hostile_text_is_escaped) {
  DoctorReport report;
  report.add(
      {"token", "token", StepState::failed, "what canary-secret", "cure canary-secret", {"detail canary-secret"}});
  report.add({"token", "odd", StepState::passed, "\x1b[31m\n", {}, {}});
  report.hide("canary-secret");  // after the step: what is rendered counts
  for (const std::string &text : {report.as_text("x/canary-secret", {}), report.as_json("x/canary-secret"),
                                  report.error()->what + report.error()->cure}) {
    EXPECT_THAT(text, Not(HasSubstr("canary")));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  }
}

TEST(DoctorReport, the_cure_is_told_from_a_backends_own_words) {
  const Step step = failed_step("exchange", "exchange", {ErrorCode::backend, "entry", "denied: no; ask somebody", ""});
  EXPECT_EQ(step.what, "entry: denied: no");
  EXPECT_EQ(step.cure, "ask somebody");
  EXPECT_EQ(failed_step("a", "b", {ErrorCode::backend, "entry", "x; y", "z"}).cure, "z");
}

TEST(DoctorReport, the_first_suspect_is_a_failure_before_a_hint) {
  const DoctorReport report = example();
  EXPECT_EQ(report.first_suspect({"token", "issuer"})->name, "token-expiry");
  EXPECT_EQ(report.first_suspect({"issuer"}), nullptr);
}

}  // namespace
}  // namespace regcred::core
