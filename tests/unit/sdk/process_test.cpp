// SPDX-License-Identifier: Apache-2.0
// regcred/process.hpp against scripted programs, and what a FakeHost finds wrong with a run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/process.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred {
namespace {

using test::FakeHost;
using test::FakeRequest;
using test::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ProcessTest, a_run_is_passed_on_whole_and_its_end_comes_back) {
  FakeHost host;
  host.expect_program("/bin/x")
      .with_arguments({"get", ""})
      .with_environment({{"A", "b"}})
      .with_input("in")
      .prints("out", 3);
  const Result<ProgramResult> end = Process(host.host())
                                        .run({.path = "/bin/x",
                                              .sha256 = std::string(64, 'a'),
                                              .arguments = {"get", ""},
                                              .environment = {{"A", "b"}},
                                              .input = Secret("in"),
                                              .timeout = std::chrono::milliseconds(1500)});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->output.reveal(), "out");
  EXPECT_EQ(end->exit_status, 3);
  EXPECT_EQ(end->signal, 0);
  EXPECT_EQ(host.programs().at(0).sha256, std::string(64, 'a'));
  EXPECT_EQ(host.programs().at(0).timeout.count(), 1500);
  EXPECT_THAT(host.problems(), IsEmpty());
}

TEST(ProcessTest, a_signal_and_a_failure_of_the_host_come_back) {
  FakeHost host;
  host.expect_program("/bin/x").dies(9);
  host.expect_program("/bin/x").fail(Code::bad_config, "no such file");
  const Process process(host.host());
  const Result<ProgramResult> killed = process.run({.path = "/bin/x"});
  ASSERT_TRUE(killed);
  EXPECT_EQ(killed->signal, 9);
  EXPECT_EQ(killed->exit_status, -1);
  const Result<ProgramResult> failed = process.run({.path = "/bin/x"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::bad_config);
  EXPECT_EQ(failed.error().text, "no such file");
}

TEST(ProcessTest, two_seconds_of_the_deadline_are_the_hosts) {
  FakeHost host;
  host.set_remaining(std::chrono::seconds(2));
  EXPECT_EQ(Process(host.host()).run({.path = "/bin/x"}).error().code, Code::timeout);
}

TEST(ProcessTest, a_host_without_the_service_is_an_error) {
  FakeHost host;
  host.withhold(REGCRED_SERVICE_PROCESS);
  const Result<ProgramResult> end = Process(host.host()).run({.path = "/bin/x"});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Code::internal);
  EXPECT_THAT(end.error().text, HasSubstr(REGCRED_SERVICE_PROCESS));
}

TEST(ProcessTest, the_fake_host_names_every_difference_from_its_script) {
  FakeHost host;
  host.expect_program("/bin/x").with_arguments({"get"}).with_environment({}).with_json_input({{"a", 1}});
  host.expect_program("/bin/z");
  const Process process(host.host());
  (void)process.run({.path = "/bin/y", .environment = {{"A", "b"}}, .input = Secret("{\"a\":1}")});
  EXPECT_THAT(host.problems(),
              ElementsAre("program: expected /bin/x, got /bin/y", HasSubstr("other arguments"),
                          HasSubstr("other variables"), HasSubstr("other input"), HasSubstr("was not run: /bin/z")));
  (void)process.run({.path = "/bin/z"});
  (void)process.run({.path = "/bin/z"});
  EXPECT_THAT(host.problems(), ::testing::Contains("unexpected program: /bin/z"));
}

TEST(ProcessTest, the_fake_host_refuses_what_the_host_refuses) {
  FakeHost host;
  host.expect_program("/bin/x");
  const Process process(host.host());
  const Result<ProgramResult> end = process.run({.path = "/bin/x", .environment = {{"A=B", "canary"}}});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Code::bad_request);
  EXPECT_THAT(end.error().text, HasSubstr("name of a variable"));
  EXPECT_THAT(host.problems(), ElementsAre(::testing::AllOf(HasSubstr("name of a variable"), HasSubstr("/bin/x")),
                                           HasSubstr("was not run: /bin/x")));
  EXPECT_TRUE(process.run({.path = "/bin/x"}));  // nothing of the script was used up
}

// Runs a program and gives two credentials.
template <bool Declares>
class Runner final : public Backend {
 public:
  static constexpr BackendInfo info{
      .name = "runner", .version = "1", .settings_schema = R"({"type":"object"})", .runs_programs = Declares};
  static Result<std::unique_ptr<Runner>> create(Host host, Settings &) { return std::make_unique<Runner>(host); }
  explicit Runner(Host host) : host_(host) {}
  Result<Credentials> get_credentials(const Request &request) override {
    Result<ProgramResult> end = Process(host_).run({.path = "/bin/x"});
    if (!end) return tl::make_unexpected(end.error());
    Credentials credentials{.username = "a", .password = std::move(end->output)};
    credentials.lifetime = std::chrono::seconds(60);
    credentials.lifetime_has_margin = true;
    for (const auto &[key, value] : request.annotations()) {
      credentials.others.push_back({std::string(request.registry()) + "/team", std::string(key), Secret(value)});
    }
    return credentials;
  }

 private:
  Host host_;
};

TEST(ProcessTest, further_credentials_and_a_lifetime_with_its_margin_reach_the_sink) {
  FakeHost host;
  host.expect_program("/bin/x").prints("password-1");
  const test::Outcome outcome =
      run(*backend_table<Runner<true>>(), "{}",
          FakeRequest("r.example.com/team/app").token("t.o.ken").annotation("b", "password-2"), host);
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 2U);
  EXPECT_EQ(outcome.auth[0].password, "password-1");
  EXPECT_EQ(outcome.auth[1].registry, "r.example.com/team");
  EXPECT_EQ(outcome.auth[1].username, "b");
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(60));
  EXPECT_TRUE(outcome.lifetime_has_margin);
}

TEST(ProcessTest, a_program_that_is_not_declared_is_a_problem) {
  FakeHost host;
  host.expect_program("/bin/x").prints("password-1");
  const test::Outcome outcome =
      run(*backend_table<Runner<false>>(), "{}", FakeRequest("r.example.com/team/app").token("t.o.ken"), host);
  EXPECT_THAT(outcome.problems, ElementsAre(HasSubstr("does not declare")));
  EXPECT_EQ(backend_table<Runner<true>>()->uses, REGCRED_USES_PROCESS);
  EXPECT_EQ(backend_table<Runner<false>>()->uses, 0U);
}

}  // namespace
}  // namespace regcred
