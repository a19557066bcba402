// SPDX-License-Identifier: Apache-2.0
// Paths of Vault's API: what may be one, and the secret's for one pod and image.
#pragma once

#include <optional>
#include <regcred/exchange.hpp>
#include <regcred/result.hpp>
#include <string>
#include <string_view>

#include "options.hpp"

namespace vault {

// Whether `text` is segments of `characters` with slashes between them. None is empty or ends with a dot, for which
// Vault has no path.
[[nodiscard]] bool is_path(std::string_view text, std::string_view characters);

// The first {...} of `path` that secret_path() does not know.
[[nodiscard]] std::optional<std::string> unknown_placeholder(std::string_view path);

// `path` with each of its segments as in a URL.
[[nodiscard]] std::string in_url(std::string_view path);

// The secret's path in the API, below /v1/: the mount, data/ for KV 2, and the path with its placeholders filled in.
// Each of them is one segment or a part of one. BAD_REQUEST: a claim or a registry that cannot be one.
[[nodiscard]] regcred::Result<std::string> secret_path(const Options &options, std::string_view registry,
                                                       const regcred::PodToken &token);

}  // namespace vault
