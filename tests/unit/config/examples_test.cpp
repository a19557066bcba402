// SPDX-License-Identifier: Apache-2.0
// Every file in config/examples is a configuration that loads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "config/config.hpp"
#include "support/process.hpp"
#include "unit/config/fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::IsSupersetOf;

TEST(Examples, all_load) {
  const testing::TemporaryDirectory
      directory;  // whoever may write to the source tree, the copy passes the rules of trust
  const Environment environment;
  std::set<std::string> seen;
  for (const auto &entry : std::filesystem::directory_iterator(CONFIG_FOLDER "/examples")) {
    const std::string name = entry.path().filename();
    std::ifstream in(entry.path());
    const std::string copy = directory.write(name, {std::istreambuf_iterator<char>(in), {}});
    const Result<Config> config = load_config({copy, "regcred", environment});
    EXPECT_TRUE(config) << refusal(config);
    seen.insert(name);
  }
  EXPECT_THAT(seen, IsSupersetOf({"cloudsmith.yaml", "two-registries.yaml"}));
}

}  // namespace
}  // namespace regcred::core
