// SPDX-License-Identifier: Apache-2.0
// docker credential helpers (github.com/docker/docker-credential-helpers): a server's URL in, user and secret out.
#pragma once

#include <regcred/backend.hpp>
#include <regcred/process.hpp>
#include <string>
#include <string_view>

#include "options.hpp"

namespace exec_backend {

// What the helper is asked for.
[[nodiscard]] std::string server_of(const Options &options, std::string_view registry);

// The credential that a helper's end stands for. `no_credentials` when it has none for that server, BAD_CONFIG when it
// complains about the server's URL, UNAVAILABLE when it failed, BAD_UPSTREAM for an answer that is not one. No text
// quotes the output.
[[nodiscard]] regcred::Result<regcred::Credentials> read_docker(const Options &options, const std::string &server,
                                                                const regcred::ProgramResult &end);

}  // namespace exec_backend
