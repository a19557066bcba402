// SPDX-License-Identifier: Apache-2.0
// F7: a file that ends too early is found before it is mapped, at whatever byte it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "loader/load_failure.hpp"
#include "loader/loader.hpp"
#include "support/process.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;

class CutFile : public ::testing::Test {
 protected:
  static std::string whole() {
    std::ifstream file(std::string(BAD_BACKENDS) + "/good.so", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string load(const std::string &bytes) {
    directory_.write("good.so", bytes);
    const Result<LoadedBackend> loaded = BackendLoader({directory_.path()}).load("good", "");
    return loaded ? "loaded" : loaded.error().what + "; " + loaded.error().cure;
  }
  testing::TemporaryDirectory directory_;
};

TEST_F(CutFile, F7_is_named_with_what_it_has_and_needs) {
  const std::string bytes = whole();
  ASSERT_GT(bytes.size(), 4096U);
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{63}, std::size_t{64}, std::size_t{500},
                                 std::size_t{4096}, bytes.size() / 2, bytes.size() - 1}) {
    const std::string words = load(bytes.substr(0, size));
    EXPECT_THAT(words, HasSubstr("is cut short: " + std::to_string(size) + " bytes, its headers need "));
    EXPECT_THAT(words, HasSubstr("; install it again"));
  }
  EXPECT_EQ(load(bytes), "loaded");
}

TEST_F(CutFile, F7_what_is_something_else_is_not_called_cut) {
  for (const char *other : {"hello", "#!/bin/sh\n",
                            "\x7f"
                            "ELG"}) {
    EXPECT_THAT(load(other), HasSubstr("this is not a shared object")) << other;
  }
  std::string hostile = whole();
  for (std::size_t i = 32; i < 48; ++i) hostile[i] = '\xff';  // e_phoff and e_shoff beyond everything
  EXPECT_THAT(load(hostile), HasSubstr("is cut short"));
}

}  // namespace
}  // namespace regcred::core
