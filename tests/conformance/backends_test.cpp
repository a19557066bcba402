// SPDX-License-Identifier: Apache-2.0
// The tool on backends whose faults are known: each bad one must fail the check it is named after, and no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "conformance/checks.hpp"
#include "support/process.hpp"

namespace regcred::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string backends = CONFORMANCE_BACKENDS;
const std::string sources = CONFORMANCE_SOURCES;

ProcessOutput conformance(const std::vector<std::string> &arguments) {
  std::vector<std::string> argv = {CONFORMANCE_PROGRAM};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_process({argv, "", {{"LD_LIBRARY_PATH", backends + "/stubs"}, {"PATH", "/usr/bin:/bin"}}});
}

enum class Base { plain, exchange };

// The conversation that a backend needs, by its own name or by its base's.
std::vector<std::string> arguments_for(const std::string &path, Base base) {
  std::vector<std::string> arguments = {backends + "/" + path + "/subject.so"};
  const std::string own = sources + "/" + path + ".conversation.yaml";
  const bool has_own = std::filesystem::exists(own);
  if (has_own || base == Base::exchange) {
    arguments.insert(arguments.end(), {"--conversation", has_own ? own : sources + "/exchange.conversation.yaml"});
  }
  return arguments;
}

std::set<std::string> names_with_status(const nlohmann::json &report, const std::string &status) {
  std::set<std::string> names;
  for (const auto &check : report.at("checks")) {
    if (check.at("status") == status) names.insert(check.at("name").get<std::string>());
  }
  return names;
}

struct Row {
  std::string check;
  Base base = Base::plain;
  std::set<std::string> further = {};  // checks that the same fault fails, too
  int status = 1;
};

void PrintTo(const Row &row, std::ostream *out) { *out << row.check; }

// A row for every check there is: one without a backend that fails it fails here.
std::vector<Row> table() {
  std::vector<Row> rows;
  for (const conformance::Check &check : conformance::all_checks()) {
    Row row{check.name};
    if (std::filesystem::exists(sources + "/bad/" + check.name + ".cpp")) row.base = Base::exchange;
    if (check.name == "versions.newer-minor") row.further = {"versions.newer-host"};  // is of a newer minor, too
    if (check.name == "contract.known-code") row.further = {"contract.settings-no-object"};
    if (check.name == "load.opens" || check.name == "load.table") row.status = 5;
    rows.push_back(row);
  }
  return rows;
}

class BadBackend : public ::testing::TestWithParam<Row> {};

TEST_P(BadBackend, fails_its_check) {
  const Row &row = GetParam();
  std::vector<std::string> arguments = arguments_for("bad/" + row.check, row.base);
  arguments.push_back("--json");
  const ProcessOutput output = conformance(arguments);
  std::set<std::string> expected = row.further;
  expected.insert(row.check);
  const auto report = nlohmann::json::parse(output.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << output.out << output.err;
  std::set<std::string> failed = names_with_status(report, "failed");
  // Since 2.41, glibc does not open a library that asks for an executable stack.
  const bool is_refused_by_glibc = row.check == "file.stack" && failed.erase("load.opens") != 0;
  EXPECT_EQ(failed, expected) << output.out;
  EXPECT_EQ(output.status, is_refused_by_glibc ? 5 : row.status);
  EXPECT_EQ(output.err, "");
}

INSTANTIATE_TEST_SUITE_P(Table, BadBackend, ::testing::ValuesIn(table()), [](const auto &row) {
  std::string name = row.param.check;
  for (char &c : name) c = c == '-' || c == '.' ? '_' : c;
  return name;
});

TEST(Conformance, a_good_backend_in_c_passes_all_but_what_needs_a_network) {
  std::vector<std::string> arguments = arguments_for("good/plain", Base::plain);
  arguments.push_back("--json");
  const ProcessOutput output = conformance(arguments);
  EXPECT_EQ(output.status, 0) << output.out;
  const auto report = nlohmann::json::parse(output.out);
  for (const std::string &name : names_with_status(report, "not applicable")) {
    const bool network =
        name.starts_with("network.") || name == "deadline.runs-out" || name == "faults.failing-registry";
    EXPECT_TRUE(network) << name;
  }
  EXPECT_THAT(output.out, HasSubstr("the backend makes no network call"));
}

TEST(Conformance, a_good_backend_in_cpp_with_a_network_passes_all) {
  const ProcessOutput output = conformance(arguments_for("good/exchange", Base::exchange));
  EXPECT_EQ(output.status, 0) << output.out;
  EXPECT_THAT(output.out, HasSubstr(" 0 failed, 0 skipped, 0 not applicable\n"));
}

TEST(Conformance, in_process_gives_the_same_verdicts) {
  for (const auto &[path, base] : {std::pair("good/exchange", Base::exchange), std::pair("good/plain", Base::plain)}) {
    std::vector<std::string> arguments = arguments_for(path, base);
    const std::string forked = conformance(arguments).out;
    arguments.push_back("--in-process");
    EXPECT_EQ(conformance(arguments).out, forked);
  }
}

TEST(Conformance, a_network_backend_without_a_conversation_fails_one_check_that_says_what_to_do) {
  const ProcessOutput output = conformance({backends + "/good/exchange/subject.so"});
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.out, HasSubstr("FAIL contract.answers: the backend calls POST https://auth.example.com/token: "
                                    "give the replies with --conversation FILE\n"));
  EXPECT_THAT(output.out, HasSubstr(" 1 failed,"));
}

TEST(Conformance, a_crash_says_in_which_step_and_leaks_nothing_of_the_report) {
  const ProcessOutput output =
      conformance({backends + "/bad/contract.destroy/subject.so", "--include", "contract.destroy"});
  EXPECT_EQ(output.out.find("FAIL contract.destroy: crashed (signal 6, Aborted) in destroy without a request"), 0U)
      << output.out;
}

TEST(Conformance, the_secret_that_leaked_is_not_shown_in_the_report) {
  for (const char *check : {"secrets.password", "secrets.body"}) {
    const ProcessOutput output = conformance(arguments_for(std::string("bad/") + check, Base::exchange));
    EXPECT_THAT(output.out, HasSubstr(std::string("FAIL ") + check));
    EXPECT_THAT(output.out, Not(HasSubstr("pa55-word")));
  }
}

TEST(Conformance, wrong_use_is_one_line_and_status_2) {
  const std::string good = backends + "/good/plain/subject.so";
  for (const auto &[arguments, says] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{}, "command line: no backend is named; write regcred-conformance BACKEND.so"},
           {{good, "--settings", "/none"}, "/none: cannot be opened"},
           {{good, "--settings", sources + "/exchange.conversation.yaml", "--include", "none.*"}, "matches no check"},
           {{good, "--image", "registry.example.com"}, "registry.example.com is not HOST/PATH"},
           {{good, "--image", "reg.io/team/app:1.2@sha256:" + std::string(64, 'a')},
            "without tag and digest; write reg.io/team/app"},
           {{good, "--image", "reg.io/team/app@sha256:" + std::string(64, 'a')}, "; write reg.io/team/app"},
           {{good, "--image", "reg.io:5000/team/app:1.2"}, "; write reg.io:5000/team/app"},
           {{good, "--image", "reg.io/Team/app"}, "reg.io/Team/app"},
           {{good, "--annotation", "team"}, "team is not KEY=VALUE"},
           {{good, "--conversation", good}, "is neither JSON nor YAML"}}) {
    const ProcessOutput output = conformance(arguments);
    EXPECT_EQ(output.status, 2) << says;
    EXPECT_EQ(output.out, "");
    EXPECT_THAT(output.err, HasSubstr(says));
    EXPECT_EQ(output.err.find('\n'), output.err.size() - 1);
  }
}

TEST(Conformance, skipped_and_listed_checks_are_not_run) {
  const TemporaryDirectory directory;
  const std::string skips = directory.write("skips", "load.table: known, see issue 7\n");
  const ProcessOutput output =
      conformance({backends + "/bad/load.table/subject.so", "--include", "load.[ot]*", "--skip-file", skips});
  EXPECT_EQ(output.out,
            "pass load.opens\nskip load.table: known, see issue 7\n"
            "2 checks: 1 passed, 0 failed, 1 skipped, 0 not applicable\n");
  EXPECT_EQ(output.status, 0);
  EXPECT_THAT(conformance({"--list", "--include", "file.mode"}).out, HasSubstr("file.mode  Nobody but its owner"));
}

TEST(Conformance, what_is_no_backend_ends_with_status_5) {
  const TemporaryDirectory directory;
  EXPECT_EQ(conformance({directory.path() + "/none.so"}).status, 5);
  EXPECT_EQ(conformance({directory.path()}).status, 5);
  const ProcessOutput output = conformance({directory.write("text.so", "#!/bin/sh\n")});
  EXPECT_EQ(output.status, 5);
  EXPECT_THAT(output.out, HasSubstr("FAIL file.one-symbol: this is not a shared object (no ELF header)"));
}

}  // namespace
}  // namespace regcred::testing
