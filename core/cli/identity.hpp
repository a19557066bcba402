// SPDX-License-Identifier: Apache-2.0
// Who asks, for the commands that make a request by hand: a service account's token and annotations.
#pragma once

#include <map>
#include <optional>
#include <regcred/secret.hpp>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "common/registry_config.hpp"
#include "common/result.hpp"

namespace regcred::core {

struct IdentityOptions {
  std::optional<std::string> token_file;       // --token-file: holds a service account token; "-": standard input
  std::optional<std::string> service_account;  // --service-account NAMESPACE/NAME: token and annotations by kubectl
  std::vector<std::string> annotations;        // --annotation KEY=VALUE, any number
};
void add_identity_options(ArgumentParser &parser, IdentityOptions &identity);

struct Identity {
  Secret token;                                    // empty when none was given
  std::map<std::string, std::string> annotations;  // those of the account, under those of --annotation
  std::vector<std::string> notes;                  // for the user, one sentence each
};

// From --token-file or --service-account, and --annotation. A service account is asked for through kubectl, for the
// audience of the first of `candidates` (the entries that match the image), or else for `expected`, which its backend
// expects, and gives its annotations, too.
// Fails with ErrorCode::usage: a file that cannot be read or holds no token, an annotation without '=', an account that
// is not NAMESPACE/NAME, kubectl missing or refusing (with the first line of its error output); with ErrorCode::config
// when there is neither audience; with ErrorCode::deadline when kubectl takes more than 20 s.
[[nodiscard]] Result<Identity> read_identity(const IdentityOptions &options,
                                             const std::vector<const RegistryEntry *> &candidates,
                                             const Context &context, const std::string &expected = {});

// Notes about annotations of the command line that `allowed` does not let through to the backend of `entry`.
[[nodiscard]] std::vector<std::string> notes_on_annotations(const IdentityOptions &options, const RegistryEntry &entry,
                                                            const std::vector<std::string> &allowed);

}  // namespace regcred::core
