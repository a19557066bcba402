// SPDX-License-Identifier: Apache-2.0
#include "services/secret/secret_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SecretFile : public ::testing::Test {
 protected:
  std::string refusal(std::string_view name, const std::string &credentials_directory = "") {
    const Result<Secret> secret = read_secret_file(name, credentials_directory);
    if (secret) return "accepted";
    EXPECT_EQ(secret.error().code, ErrorCode::config);
    EXPECT_FALSE(secret.error().cure.empty()) << name;
    return secret.error().what;
  }

  regcred::testing::TemporaryDirectory directory_;
};

TEST_F(SecretFile, S4_mode_0600_and_0400_are_read_and_line_ends_dropped) {
  EXPECT_EQ(read_secret_file(directory_.write("a", "hunter2\r\n\n", 0600), "")->reveal(), "hunter2");
  EXPECT_EQ(read_secret_file(directory_.write("b", " spaced ", 0400), "")->reveal(), " spaced ");
}

TEST_F(SecretFile, S4_every_wider_mode_is_refused) {
  for (const unsigned mode : {0640U, 0604U, 0644U, 0660U, 0606U, 0700U, 0777U}) {
    EXPECT_NE(refusal(directory_.write("wide", "x", mode)), "accepted") << std::oct << mode;
  }
}

TEST_F(SecretFile, S4_a_bare_name_is_looked_up_in_the_credentials_directory) {
  directory_.write("registry", "hunter2", 0400);
  EXPECT_EQ(read_secret_file("registry", directory_.path())->reveal(), "hunter2");
  EXPECT_THAT(refusal("registry"), HasSubstr("CREDENTIALS_DIRECTORY is not set"));
  EXPECT_THAT(refusal("hunter2"), Not(HasSubstr("hunter2"))) << "L1: it may be the password itself";
  EXPECT_THAT(refusal("hunter 2"), Not(HasSubstr("hunter")));
}

TEST_F(SecretFile, S4_names_that_could_leave_the_directory_are_refused) {
  for (const std::string_view name : {"", ".", "..", "../x", "a/b", "a b", "a\nb", "~/x"}) {
    EXPECT_THAT(refusal(name, directory_.path()), HasSubstr("neither an absolute path nor a name")) << name;
  }
}

TEST_F(SecretFile, empty_missing_and_oversized_files_are_refused) {
  EXPECT_THAT(refusal(directory_.write("empty", "\n")), HasSubstr("empty"));
  EXPECT_NE(refusal(directory_.path() + "/missing"), "accepted");
  EXPECT_NE(refusal(directory_.write("huge", std::string(70000, 'x'))), "accepted");
}

}  // namespace
}  // namespace regcred::core
