// SPDX-License-Identifier: Apache-2.0
#include "loader/load_failure.hpp"

#include <fcntl.h>
#include <gnu/libc-version.h>
#include <gtest/gtest.h>

#include "common/unique_fd.hpp"
#include "loader/installation.hpp"

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
    const Error error = explain_load_failure(self.get(), "/lib/regcred/backends/acme.so", linker, false);
    EXPECT_EQ(error.what, expected);
    EXPECT_FALSE(error.cure.empty());
    EXPECT_EQ(error.code, ErrorCode::backend_load);
    EXPECT_EQ(error.where, "/lib/regcred/backends/acme.so");
  }
}

TEST(LoadFailure, F7_a_bundle_is_not_told_to_install_a_package) {
  const UniqueFd self(::open("/proc/self/exe", O_RDONLY));
  const Error library = explain_load_failure(self.get(), "/acme.so", "libz.so.1: cannot open shared object file", true);
  EXPECT_EQ(library.what, "it needs the library libz.so.1, which is not in this bundle");
  EXPECT_EQ(library.cure, "link libz.so.1 into the backend: a bundle uses no library of the node");
  const Error version = explain_load_failure(self.get(), "/acme.so", "libc.so.6: version `GLIBC_2.99' not found", true);
  EXPECT_EQ(version.what, "it needs GLIBC_2.99, which this bundle's libraries do not have");
  EXPECT_EQ(version.cure, std::string("build the backend for glibc ") + ::gnu_get_libc_version() + " or older");
}

TEST(Installation, F8_a_bundle_is_found_from_the_place_of_its_own_loader) {
  const Installation bundle = installation_of("/opt/regcred-1.0/lib/regcred/runtime/ld-linux-x86-64.so.2");
  EXPECT_TRUE(bundle.is_bundle);
  EXPECT_EQ(bundle.executable, "/opt/regcred-1.0/bin/regcred");
  EXPECT_EQ(bundle.backend_directory, "/opt/regcred-1.0/lib/regcred/backends");
  const Installation plain = installation_of("/usr/bin/regcred");
  EXPECT_FALSE(plain.is_bundle);
  EXPECT_EQ(plain.executable, "/usr/bin/regcred");
  EXPECT_EQ(plain.backend_directory, "/usr/lib/regcred/backends");
  // Started by hand with the node's loader.
  EXPECT_FALSE(installation_of("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2").is_bundle);
}

}  // namespace
}  // namespace regcred::core
