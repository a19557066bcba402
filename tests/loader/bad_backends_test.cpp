// SPDX-License-Identifier: Apache-2.0
// What the kubelet sees when a backend is broken: run with the real program, as the kubelet runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "loader/fixture.hpp"
#include "support/orphans.hpp"
#include "support/process.hpp"

namespace regcred::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Case {
  std::string backend;
  int status;
  std::string says;  // part of the one line
};

class BadBackend : public ::testing::TestWithParam<Case> {};

TEST_P(BadBackend, I1_gives_one_clean_line_and_nothing_on_stdout) {
  const ProcessOutput output = ask(config_for({GetParam().backend}));
  EXPECT_EQ(output.status, GetParam().status) << output.err;
  EXPECT_THAT(output.err, HasSubstr(GetParam().says));
  EXPECT_THAT(output.err, HasSubstr(GetParam().backend));
  expect_clean_failure(output);
  EXPECT_LT(output.until_eof.count(), 4000);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadBackend,
    ::testing::Values(
        Case{"no-entry", 5, "exports no symbol regcred_backend_entry_v1"}, Case{"null-table", 5, "returned null"},
        Case{"wrong-major", 5, "built for backend ABI 2.7, this regcred has 1.0; install a build"},
        Case{"short-struct", 5, "its table has 16 bytes, ABI 1.0 has"},
        Case{"null-member", 5, "its table has no function get_credentials"},
        Case{"odd-version", 5, "its version is empty, too long or not printable"},
        Case{"odd-token-use", 5, "its token_use is 7, expected 0, 1 or 2"},
        Case{"endless-keys", 5, "it does not give at most 64 annotation keys of at most 512 bytes"},
        Case{"other-name", 5, "the backend calls itself \"somebody-else\""},
        Case{"missing-symbol", 5, "it needs the symbol regcred_tests_defined_nowhere"},
        Case{"missing-dependency", 5, "it needs the library libregcred-tests-gone.so, which is not on this machine"},
        Case{"does-not-exist", 5, "there is no does-not-exist.so in"},
        Case{"throws-in-create", 6, "internal fault: the backend threw an exception"},
        Case{"throws-in-get", 6, "internal fault: the backend threw something"},
        Case{"throws-raw", 6, "ended with an exception that it did not catch"},
        Case{"garbage-code", 6, "returned the unknown code 4711"},
        Case{"create-says-no-credentials", 6, "create returned no_credentials"},
        Case{"nothing-added", 6, "OK but without a credential"},
        Case{"segfaults", 6, "crashed (signal 11, Segmentation fault)"},
        Case{"aborts", 6, "crashed (signal 6, Aborted)"},
        Case{"stack-overflow", 6, "crashed (signal 11, Segmentation fault)"},
        Case{"exits", 6, "exited with status 0 without an answer"},
        Case{"dies-with-sleeper", 6, "exited with status 3 without an answer"},
        Case{"sleeps", 7, "gave no answer in time"},
        Case{"foreign-registry", 6, "a credential for \"registry.evil.example\", which is not what was asked for"},
        Case{"foreign-path", 6, "a credential for \"reg.example.com/te\", which is not"},
        Case{"forges-error", 6, "registry \"entry1\" (backend forges-error): [redacted]"},
        Case{"forges-result", 6, "damaged"}, Case{"huge-answer", 6, "larger than the host takes"},
        Case{"floods-result", 6, "damaged or too much data"},
        Case{"control-characters", 6, "a username with control characters"},
        Case{"leaks-token", 6, "denied: \\x1b[31mrefused: [redacted]"},
        Case{"throttled", 6, "throttled: too many exchanges from this address; wait until 20"}),
    [](const auto &row) {
      std::string name = row.param.backend;
      for (char &c : name) c = c == '-' ? '_' : c;
      return name;
    });

// L1: what the host itself gave to a backend does not come back in texts: not in errors, log lines, nor usernames.
TEST(BadBackend, L1_secrets_that_were_read_are_hidden) {
  const TemporaryDirectory directory;
  for (const std::string password : {"canary-of-a-long-password", "short"}) {
    const std::string file = directory.write("password", password);
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    const auto run = [&](std::vector<std::string> arguments) {
      const std::string config = directory.write("config.yaml", config_for({"shows-secret"}));
      arguments.insert(arguments.begin(), {REGCRED_PROGRAM, "--config", config});
      return run_process({arguments, request(), {{"CREDENTIALS_DIRECTORY", directory.path()}}});
    };
    const ProcessOutput output = run({});
    EXPECT_EQ(output.status, 6);
    EXPECT_THAT(output.err, AllOf(HasSubstr("denied: the password is [redacted]"), Not(HasSubstr(password))));
    const ProcessOutput logged = run({"--log-level", "error"});
    EXPECT_THAT(logged.err, AllOf(HasSubstr("error: the password is [redacted]"), Not(HasSubstr(password))));
    const ProcessOutput shown = run({"get", "reg.example.com/team/app", "--annotation", "answer=1"});
    EXPECT_EQ(shown.status, 0) << shown.err;
    EXPECT_THAT(shown.out, AllOf(HasSubstr("<hidden>  <hidden>"), Not(HasSubstr(password))));
  }
}

TEST(BadBackend, L1_forged_log_lines_are_redacted) {
  const ProcessOutput output =
      ask(config_for({"forges-error"}, "    serviceAccountToken: required\n"), {"--log-level", "debug"});
  EXPECT_THAT(output.err, AllOf(HasSubstr("[redacted]"), Not(HasSubstr("c2lnbmF0dXJl"))));
}

#ifndef REGCRED_SANITIZED
TEST(BadBackend, I1_eats_memory_meets_its_limit) {
  const ProcessOutput output = ask(config_for({"eats-memory"}));
  EXPECT_EQ(output.status, 6) << output.err;
  expect_clean_failure(output);
}
#endif

TEST(GoodBackend, answers_and_the_whole_document_is_as_the_kubelet_reads_it) {
  const ProcessOutput output = ask(config_for({"good"}));
  ASSERT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.out, R"({"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse",)"
                        R"("cacheKeyType":"Registry","cacheDuration":"3240s",)"
                        R"("auth":{"reg.example.com":{"username":"user","password":"password-of-good"}}})"
                        "\n");
  EXPECT_EQ(output.err, "");
}

TEST(GoodBackend, L5_a_printing_backend_cannot_corrupt_the_answer) {
  const ProcessOutput output = ask(config_for({"writes-stdout"}));
  ASSERT_EQ(output.status, 0) << output.err;
  EXPECT_TRUE(nlohmann::json::accept(output.out));
  EXPECT_THAT(output.out, Not(HasSubstr("noise")));
}

TEST(GoodBackend, a_flood_on_stderr_is_thrown_away) {
  const ProcessOutput output = ask(config_for({"floods-stderr"}));
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.err, "");
}

TEST(GoodBackend, I2_a_child_that_sleeps_cannot_delay_the_callers_eof) {
  for (const std::string backend : {"forks-sleeper", "dies-with-sleeper"}) {
    const ProcessOutput output = ask(config_for({backend}));
    EXPECT_LT(output.until_eof.count(), 3000) << backend;
  }
}

TEST(GoodBackend, I2_a_child_that_sleeps_ends_with_the_worker) {
  const Orphans orphans;
  for (const std::string backend : {"forks-sleeper", "dies-with-sleeper"}) {
    EXPECT_EQ(ask(config_for({backend})).out.empty(), backend == "dies-with-sleeper");
    EXPECT_TRUE(orphans.none_is_left()) << backend;
  }
}

TEST(GoodBackend, I2_a_daemon_that_it_started_is_gone_when_the_answer_is_there) {
  const Orphans orphans;
  const ProcessOutput output = ask(config_for({"daemonizes"}));
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_LT(output.until_eof.count(), 3000);
  EXPECT_TRUE(orphans.none_is_left());
}

TEST(GoodBackend, I2_a_child_that_regcred_did_not_start_is_left_alone) {
  const ProcessOutput output =
      ask(config_for({"daemonizes"}), {},
          R"(sleep 5 >/dev/null 2>&1 & child=$!; (sleep 0.7; kill $child && echo alive) & exec "$0" "$@")");
  EXPECT_THAT(output.out, AllOf(HasSubstr("password-of-good"), HasSubstr("alive\n")));
}

TEST(BadBackend, I1_a_crash_is_one_also_when_the_parent_of_regcred_ignores_the_end_of_children) {
  const ProcessOutput output = ask(config_for({"segfaults"}), {}, R"(exec env --ignore-signal=CHLD "$0" "$@")");
  EXPECT_EQ(output.status, 6);
  EXPECT_THAT(output.err, HasSubstr("crashed (signal 11, Segmentation fault)"));
}

TEST(GoodBackend, S2_F6_the_worker_is_locked_down_before_the_backend_is_loaded) {
  const auto answer = nlohmann::json::parse(ask(config_for({"tells"})).out);
  // The descriptors: 0 to 2, the result pipe, and the mapped backend.
  EXPECT_EQ(answer["auth"]["reg.example.com"]["username"],
            "dumpable=0 core=0 no_new_privs=1 environment=0 cwd=/ umask=077 descriptors=5 leader=1");
}

TEST(GoodBackend, in_process_gives_the_same_answer) {
  EXPECT_EQ(ask_in_process(config_for({"good"})).out, ask(config_for({"good"})).out);
}

TEST(Route, no_credentials_hands_on_to_the_next_entry_only) {
  const ProcessOutput output = ask(config_for({"abstains", "good", "segfaults"}));
  ASSERT_EQ(output.status, 0) << output.err;
  const auto answer = nlohmann::json::parse(output.out);
  EXPECT_EQ(answer["auth"]["reg.example.com"]["password"], "password-of-good");
  EXPECT_EQ(answer["cacheKeyType"], "Image") << "another entry could answer this host";
}

TEST(Route, F3_two_backends_in_one_process_are_two) {
  const ProcessOutput output = ask_in_process(config_for({"abstains", "good"}));
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr("password-of-good"));
}

TEST(Route, L6_M4_an_error_stops_and_never_falls_through_to_another_identity) {
  EXPECT_EQ(ask(config_for({"leaks-token", "good"})).status, 6);
  EXPECT_EQ(ask(config_for({"segfaults", "good"})).status, 6);
}

TEST(Route, L6_when_all_abstain_the_pull_goes_on_without_credentials_and_nothing_is_cached) {
  const ProcessOutput output = ask(config_for({"abstains", "abstains"}));
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.out, R"({"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse",)"
                        R"("cacheKeyType":"Image","cacheDuration":"0s","auth":{}})"
                        "\n");
}

TEST(Route, M2_a_path_scoped_credential_narrows_the_cache_key) {
  const auto answer = nlohmann::json::parse(ask(config_for({"path-scoped"})).out);
  EXPECT_EQ(answer["auth"].begin().key(), "reg.example.com/team");
  EXPECT_EQ(answer["cacheKeyType"], "Image");
  EXPECT_EQ(answer["cacheDuration"], "40s");
}

TEST(Route, M2_a_mirrors_credential_is_answered_for_the_asked_host) {
  const auto answer =
      nlohmann::json::parse(ask(config_for({"good"}, "    credentialHost: mirror.example.net:5000\n")).out);
  EXPECT_EQ(answer["auth"].begin().key(), "reg.example.com");
}

// The operator's commands ask backends without a request, each in a worker of its own.
TEST(Survey, I1_backends_lists_those_that_work_and_says_what_is_wrong_with_the_others) {
  const TemporaryDirectory directory;
  const std::string config = directory.write("config.yaml", config_for({"good"}));
  const ProcessOutput output =
      run_process({{REGCRED_PROGRAM, "backends", "--output=json", "--config", config}, "", {}});
  EXPECT_EQ(output.status, 5) << output.err;
  const auto list = nlohmann::json::parse(output.out);
  const auto entry = [&](const std::string &name) {
    for (const auto &backend : list) {
      if (backend.at("name") == name) return backend;
    }
    return nlohmann::json();
  };
  EXPECT_EQ(entry("good")["settingsSchema"], nlohmann::json({{"type", "object"}}));
  EXPECT_EQ(entry("sleeps")["version"], "1.0.0") << "what it does when it is asked for credentials is not seen here";
  EXPECT_EQ(entry("odd-schema")["settingsSchema"], nullptr);
  EXPECT_THAT(entry("forges-result")["error"].dump(), HasSubstr("the backend sent damaged or too much data"));
  EXPECT_THAT(entry("odd-token-use")["error"].dump(), HasSubstr("its token_use is 7"));
}

ProcessOutput check(const std::vector<std::string> &backends, const std::string &limit = "true") {
  const TemporaryDirectory directory;
  const std::string config = directory.write("config.yaml", config_for(backends));
  return run_process(
      {{"/bin/sh", "-c", limit + R"(; exec "$0" check --config "$1")", REGCRED_PROGRAM, config}, "", {}});
}

TEST(Survey, I1_check_says_it_of_those_that_entries_name) {
  for (const std::string backend : {"forges-result", "forges-abstention"}) {
    const ProcessOutput output = check({backend});
    EXPECT_THAT(output.out, HasSubstr("the backend sent damaged or too much data")) << backend;
    EXPECT_EQ(output.status, 3) << output.err;
  }
}

TEST(Survey, check_takes_many_entries_in_seconds_with_few_descriptors) {
  const ProcessOutput output = check(std::vector<std::string>(10'000, "good"), "ulimit -n 64");
  EXPECT_TRUE(output.out.find("10000 entries") != std::string::npos) << output.err;
  EXPECT_TRUE(output.out.find("[settings]") == std::string::npos) << "the backend did not take every entry";
  EXPECT_LT(output.until_eof.count(), 20'000);
}

TEST(Deadline, I3_killing_the_parent_ends_the_worker) {
  const TemporaryDirectory directory;
  std::string yaml = config_for({"sleeps"});
  yaml.replace(yaml.find("1s"), 2, "30s");
  const std::string config = directory.write("config.yaml", yaml);
  const std::string input = directory.write("request.json", request());
  // The shell prints the worker's pid, found as the child of the plugin, after it has killed the plugin.
  const std::string script =
      std::string(REGCRED_PROGRAM) + " --config " + config + " < " + input +
      " & parent=$!; for i in $(seq 100); do worker=$(pgrep -P $parent) && break; sleep 0.02; done;"
      " kill -9 $parent; wait $parent; for i in $(seq 100); do kill -0 $worker || break; sleep 0.02; done;"
      " [ -n \"$worker\" ] && ! kill -0 $worker && echo gone";
  const ProcessOutput output = run_process({{"/bin/bash", "-c", script}, "", {{"PATH", "/usr/bin:/bin"}}});
  EXPECT_EQ(output.out, "gone\n") << output.err;
}

TEST(FileTrust, F1_a_backend_that_others_may_write_is_not_loaded) {
  const TemporaryDirectory directory;
  std::filesystem::copy_file(BAD_BACKENDS "/good.so", directory.path() + "/good.so");
  std::string yaml = config_for({"good"});
  const std::string shipped = BAD_BACKENDS;
  yaml.replace(yaml.find(shipped), shipped.size(), directory.path());
  ::chmod((directory.path() + "/good.so").c_str(), 0755);
  EXPECT_EQ(ask(yaml).status, 0);
  ::chmod((directory.path() + "/good.so").c_str(), 0775);
  const ProcessOutput refused = ask(yaml);
  EXPECT_EQ(refused.status, 5);
  EXPECT_THAT(refused.err, HasSubstr("chmod go-w"));
}

TEST(FileTrust, F4_a_symbolic_link_in_the_backend_directory_is_refused) {
  const TemporaryDirectory directory;
  std::filesystem::create_symlink(BAD_BACKENDS "/good.so", directory.path() + "/good.so");
  std::string yaml = config_for({"good"});
  const std::string shipped = BAD_BACKENDS;
  yaml.replace(yaml.find(shipped), shipped.size(), directory.path());
  const ProcessOutput refused = ask(yaml);
  EXPECT_EQ(refused.status, 5);
  EXPECT_THAT(refused.err, HasSubstr("is a symbolic link"));
}

TEST(FileTrust, F5_a_wrong_sha256_is_fatal_and_prints_both) {
  const std::string wrong(64, 'a');
  const ProcessOutput output = ask(config_for({"good"}, "    backendSha256: " + wrong + "\n"));
  EXPECT_EQ(output.status, 5);
  EXPECT_THAT(output.err, HasSubstr("its SHA-256 is "));
  EXPECT_THAT(output.err, HasSubstr(wrong));
}

TEST(FileTrust, F7_a_file_for_another_machine_names_both) {
  const TemporaryDirectory directory;
  std::ifstream in(BAD_BACKENDS "/good.so", std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  bytes[18] = static_cast<char>(0xF3);  // e_machine: RISC-V
  bytes[19] = 0;
  directory.write("good.so", bytes, 0755);
  std::string yaml = config_for({"good"});
  yaml.replace(yaml.find(BAD_BACKENDS), std::string(BAD_BACKENDS).size(), directory.path());
  const ProcessOutput output = ask(yaml);
  EXPECT_EQ(output.status, 5);
  EXPECT_THAT(output.err, HasSubstr("built for 64-bit riscv, this regcred is 64-bit "));
  directory.write("good.so", "#!/bin/sh\n", 0755);
  EXPECT_THAT(ask(yaml).err, HasSubstr("this is not a shared object"));
}

}  // namespace
}  // namespace regcred::testing
