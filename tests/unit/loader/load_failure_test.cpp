// SPDX-License-Identifier: Apache-2.0
#include "loader/load_failure.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "common/unique_fd.hpp"

namespace regcred::core {
namespace {

// F7: each of the dynamic linker's complaints in the words of a cure.
TEST(LoadFailure, F7_table) {
  const UniqueFd self(::open("/proc/self/exe", O_RDONLY));
  const std::string alias = "/proc/self/fd/" + std::to_string(self.get());
  const std::pair<std::string, std::string> rows[] = {
      {"libfoo.so.1: cannot open shared object file: No such file or directory",
       "it needs the library libfoo.so.1, which is not on this machine"},
      {alias + ": undefined symbol: acme_new", "it needs the symbol acme_new, which no library it names defines"},
      {"/lib/libc.so.6: version `GLIBC_2.99' not found (required by " + alias + ")",
       "it needs GLIBC_2.99, which this machine's libraries do not have"},
      {alias + ": something else", "the dynamic linker refused it: /lib/regcred/backends/acme.so: something else"},
  };
  for (const auto &[linker, expected] : rows) {
    const Error error = explain_load_failure(self.get(), "/lib/regcred/backends/acme.so", linker);
    EXPECT_EQ(error.what, expected);
    EXPECT_FALSE(error.cure.empty());
    EXPECT_EQ(error.code, ErrorCode::backend_load);
    EXPECT_EQ(error.where, "/lib/regcred/backends/acme.so");
  }
}

}  // namespace
}  // namespace regcred::core
