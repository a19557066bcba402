// SPDX-License-Identifier: Apache-2.0
// The settings of one oidc entry, read and checked. The schema is in schema.hpp.
#pragma once

#include <map>
#include <regcred/exchange.hpp>
#include <regcred/result.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "modes.hpp"
#include "selection.hpp"

namespace oidc {

// One exchange as a table. README.md describes each setting.
struct Options {
  Mode mode;
  std::string exchange_url;  // https; empty for passThrough
  bool json = false;         // the body's encoding: JSON, else a form
  std::string token_field;
  std::map<std::string, std::string> fields;        // of the body
  std::map<std::string, std::string> secret_files;  // field to the file that holds its value
  std::vector<Selection> selections;
  regcred::HttpHeaders headers;
  regcred::AnswerFields answer;                  // its fixed_username is used for passThrough, too
  std::vector<regcred::HostPattern> registries;  // that are served; empty: all that the entry matches
  std::vector<std::string> audiences;            // of passThrough; empty: the registry's own host
};

// Reads every setting. BAD_CONFIG for the first value that is wrong, with its key and the cure.
[[nodiscard]] regcred::Result<Options> read_options(regcred::Settings &settings);

// 1 to 128 bytes of printable ASCII without blanks.
[[nodiscard]] bool is_field_name(std::string_view text);

// At most 4096 bytes on one line.
[[nodiscard]] bool is_field_value(std::string_view text);

}  // namespace oidc
