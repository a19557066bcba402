// SPDX-License-Identifier: Apache-2.0
// Drop-in mode with variables from a table and a file from a text.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "config/drop_in.hpp"
#include "support/process.hpp"
#include "unit/config/fixture.hpp"

namespace regcred::core {

class DropInTest : public ::testing::Test {
 protected:
  // Without `file` there is none, not even the default one.
  Result<Config> load(const Variables &variables, const std::optional<std::string> &file = {}) {
    const Environment environment(variables);
    std::optional<std::string> path;
    if (file) path = directory_.write("p.yaml", *file);
    return load_drop_in(path, environment, default_file());
  }
  Config loaded(const Variables &variables, const std::optional<std::string> &file = {}) {
    const Result<Config> config = load(variables, file);
    EXPECT_TRUE(config) << refusal(config);
    return config.value_or(Config{});
  }
  nlohmann::json settings(const Variables &variables, const std::optional<std::string> &file = {}) {
    const Config config = loaded(variables, file);
    return config.registries.empty() ? nlohmann::json() : nlohmann::json::parse(config.registries[0].settings_json);
  }
  // The error, with "FILE" for the file's path.
  std::string error(const Variables &variables, const std::optional<std::string> &file = {}) {
    std::string text = refusal(load(variables, file));
    const std::string path = directory_.path() + "/p.yaml";
    if (const std::size_t at = text.find(path); at != std::string::npos) text.replace(at, path.size(), "FILE");
    return text;
  }
  [[nodiscard]] std::string default_file() const { return directory_.path() + "/default.yaml"; }

  testing::TemporaryDirectory directory_;
};

}  // namespace regcred::core
