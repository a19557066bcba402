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

// Checks the table that regcred_backend_entry_v1 returned, by the rules below in their order. Fails with
// ErrorCode::backend_load, `path` as where, and found, expected and cure in one sentence.
[[nodiscard]] Result<BackendDescription> check_table(const regcred_backend_v1 *table, const std::string &path,
                                                     std::string_view expected_name);

// The rules one by one; regcred-conformance judges by the same. Each fails as check_table() does.
//
// Not null, the same major, at least the size of ABI 1.0, no null function. An invalid pointer cannot be recognised: it
// ends the worker.
[[nodiscard]] Status check_abi(const regcred_backend_v1 *table, const std::string &path);
// The others need a table that check_abi() accepts.
[[nodiscard]] Status check_name(const regcred_backend_v1 &table, const std::string &path,
                                std::string_view expected_name);
[[nodiscard]] Result<std::string> version_of(const regcred_backend_v1 &table, const std::string &path);
[[nodiscard]] Result<TokenUse> token_use_of(const regcred_backend_v1 &table, const std::string &path);
// One text of at most 256 KiB.
[[nodiscard]] Result<std::string> settings_schema_of(const regcred_backend_v1 &table, const std::string &path);
// At most 64 keys of at most 512 bytes.
[[nodiscard]] Result<std::vector<std::string>> annotation_keys_of(const regcred_backend_v1 &table,
                                                                  const std::string &path);

}  // namespace regcred::core
