// SPDX-License-Identifier: Apache-2.0
// contract.serves-pure and contract.audiences-pure on more than one way to break them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/process.hpp"

namespace regcred::testing {
namespace {

TEST(Serves, each_fault_is_named) {
  const std::pair<const char *, const char *> cases[] = {
      {"serves-asks-the-host", "FAIL contract.serves-pure: calls the host: get_service(regcred.secret/1)\n"},
      {"serves-short-names", "FAIL contract.serves-pure: crashed (signal 6, Aborted) in serves_registry(\"aaa"},
      {"audiences-ask-the-host", "FAIL contract.audiences-pure: calls the host: get_service(regcred.secret/1)\n"},
      {"audiences-too-long", "gives an audience that is not 1 to 256 printable bytes\n"},
      {"serves-without-reason", "FAIL contract.serves-pure: \"\": refuses it without a reason\n"},
  };
  for (const auto &[name, verdict] : cases) {
    const std::string path = CONFORMANCE_BACKENDS + std::string("/bad/") + name + "/subject.so";
    const ProcessOutput output = run_process(
        {{CONFORMANCE_PROGRAM, path, "--include", "contract.serves-*", "--include", "contract.audiences-*"}, "", {}});
    EXPECT_EQ(output.status, 1);
    EXPECT_THAT(output.out, ::testing::HasSubstr(verdict)) << name;
    EXPECT_THAT(output.out, ::testing::HasSubstr(" 1 failed,")) << name;
  }
}

}  // namespace
}  // namespace regcred::testing
