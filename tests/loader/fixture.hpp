// SPDX-License-Identifier: Apache-2.0
// The real program with a configuration of bad backends, run as the kubelet runs it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace regcred::testing {

inline constexpr const char *token =
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6YTpiIn0.c2lnbmF0dXJlLWJ5dGVz";

inline std::string request(const std::string &image = "reg.example.com/team/app") {
  return nlohmann::json{{"kind", "CredentialProviderRequest"},
                        {"apiVersion", "credentialprovider.kubelet.k8s.io/v1"},
                        {"image", image},
                        {"serviceAccountToken", token}}
             .dump() +
         "\n";
}

// A configuration whose entries are answered by `backends`, in order.
inline std::string config_for(const std::vector<std::string> &backends, const std::string &extra = "") {
  std::string yaml =
      "apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults:\n  deadline: 1s\n"
      "  backendDirectories: [" BAD_BACKENDS "]\nregistries:\n";
  int number = 0;
  for (const std::string &backend : backends) {
    yaml += "  - name: entry" + std::to_string(++number) +
            "\n    matchImages: [reg.example.com]\n    backend: " + backend + "\n" + extra;
  }
  return yaml;
}

// A script runs the program by `exec "$0" "$@"`.
inline ProcessOutput ask(const std::string &yaml, std::vector<std::string> options = {},
                         const std::string &script = {}) {
  const TemporaryDirectory directory;
  std::vector<std::string> argv = {REGCRED_PROGRAM, "--config", directory.write("config.yaml", yaml)};
  argv.insert(argv.end(), options.begin(), options.end());
  if (!script.empty()) argv.insert(argv.begin(), {"/bin/sh", "-c", script});
  return run_process({argv, request(), {{"HOME", "/root"}, {"NETRC", "/nowhere"}}});
}

// With --in-process, as a debugger starts it: the request is a file.
inline ProcessOutput ask_in_process(const std::string &yaml, const std::string &script = R"(exec "$0" "$@" <request)") {
  const TemporaryDirectory directory;
  directory.write("request", request());
  return run_process({{"/bin/sh", "-c", "cd " + directory.path() + "; " + script, REGCRED_PROGRAM, "--in-process",
                       "--config", directory.write("config.yaml", yaml)},
                      "",
                      {{"HOME", "/root"}, {"NETRC", "/nowhere"}, {"PATH", "/usr/bin:/bin"}}});
}

// What must hold of every failure: L1, L2, L5, L6.
inline void expect_clean_failure(const ProcessOutput &output) {
  EXPECT_EQ(output.out, "");
  EXPECT_LE(output.err.size(), 1024U);
  ASSERT_FALSE(output.err.empty());
  EXPECT_EQ(output.err.find('\n'), output.err.size() - 1) << output.err;
  EXPECT_THAT(output.err, ::testing::Not(::testing::HasSubstr("c2lnbmF0dXJl")))
      << "the token's signature is in the error";
  EXPECT_THAT(output.err, ::testing::Not(::testing::HasSubstr("eyJzdWIiOi"))) << "the token's claims are in the error";
  EXPECT_EQ(output.err.find('\x1b'), std::string::npos);
}

}  // namespace regcred::testing
