// SPDX-License-Identifier: Apache-2.0
// The settings of one vault entry, read and checked. The schema is in schema.hpp.
#pragma once

#include <regcred/backend.hpp>
#include <regcred/result.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <vector>

namespace vault {

// What is mounted at `mount`: where it keeps a secret, and whether it makes one for each read.
enum class Engine { kv2, kv1, dynamic };

// README.md describes each setting.
struct Options {
  std::string address;         // https://host[:port]
  std::string namespace_path;  // empty: the root
  std::string auth_mount;      // without slashes at the ends, as `mount`
  std::string role;
  bool inline_login = false;  // OpenBao's: login and read in one request
  Engine engine = Engine::kv2;
  std::string mount;
  std::string path;                              // may hold placeholders
  std::string username;                          // empty: it is in username_field
  std::string username_field;                    // dots step into inner objects, as for the password
  std::string password_field;                    //
  std::string docker_config_field;               // not empty: it holds both, for several registries
  regcred::Scope scope = regcred::Scope::image;  // registry: the answer is for all of that host
  std::vector<regcred::HostPattern> registries;  // that are served; empty: all that the entry matches
};

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

}  // namespace vault
