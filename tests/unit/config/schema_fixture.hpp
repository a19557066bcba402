// SPDX-License-Identifier: Apache-2.0
// One document of regcred/v1 as text in, its parts or its findings out.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/schema.hpp"
#include "config/yaml_reader.hpp"
#include "config/yaml_tree.hpp"
#include "unit/config/fixture.hpp"

namespace regcred::core {

inline const std::string head = "apiVersion: regcred/v1\nkind: RegistryConfig\n";

// A whole document with `defaults` (flow style) and no entries, or with one entry and `more` lines of it.
inline std::string with_defaults(const std::string &defaults) { return head + "defaults: " + defaults + "\n"; }
inline std::string with_entry(const std::string &more) {
  return head + "registries:\n- name: a\n  matchImages: [reg.io]\n  backend: static\n" + (more.empty() ? "" : "  ") +
         more + "\n";
}

struct Reading {
  ConfigPart part;
  std::vector<std::string> findings;  // "LINE:COLUMN: WHAT | CURE"
};

inline Reading read(const std::string &text) {
  const auto in_words = [](const Error &error) {
    EXPECT_EQ(error.code, ErrorCode::config);
    return error.where.substr(2) + ": " + error.what + " | " + error.cure;
  };
  const Result<YamlNode> root = parse_yaml(text, "f");
  if (!root) return {{}, {in_words(root.error())}};
  ConfigErrors findings("f");
  Reading reading{read_schema(*root, findings), {}};
  for (const Error &error : findings.all()) reading.findings.push_back(in_words(error));
  return reading;
}

}  // namespace regcred::core
