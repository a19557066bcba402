// SPDX-License-Identifier: Apache-2.0
// Reads and checks a backend's table: do host and backend have the same ABI?
#pragma once

#include <regcred/abi.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/registry_config.hpp"
#include "common/result.hpp"

namespace regcred::core {

// What a backend declares about itself, checked.
struct BackendDescription {
  std::string name;
  std::string version;
  unsigned abi_major = 0;
  unsigned abi_minor = 0;
  TokenUse token_use = TokenUse::required;
  std::string settings_schema;  // JSON text
  std::vector<std::string> annotation_keys;
};

// Checks the table that regcred_backend_entry_v1 returned: not null, the same major, at least the size of ABI 1.0, no
// null function, name equal to `expected_name`, printable version, known token_use; then asks for schema and annotation
// keys. Fails with ErrorCode::backend_load, `path` as where, and found, expected and cure in one sentence. A pointer
// that points nowhere cannot be recognised: it ends the worker.
[[nodiscard]] Result<BackendDescription> check_table(const regcred_backend_v1 *table, const std::string &path,
                                                     std::string_view expected_name);

}  // namespace regcred::core
