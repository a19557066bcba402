// SPDX-License-Identifier: Apache-2.0
// Loads regcred-http.so.
#pragma once

#include <string>

#include "common/result.hpp"
#include "services/http/module_abi.hpp"

namespace regcred::core {

// LIBRARY_DIRECTORY/regcred-http.so: a trusted file, loaded by the descriptor that was checked, of the same build. It
// stays mapped until the process ends. In a worker only. Fails with ErrorCode::backend_load: file, fault, cure.
[[nodiscard]] Result<const HttpModule *> load_http_module(const std::string &library_directory);

// The error for a module of this directory that was loaded and then failed.
[[nodiscard]] Error damaged_module(const std::string &library_directory, std::string what);

}  // namespace regcred::core
