// The parts of `regcred generate`: one function for each thing that it writes.
#pragma once

#include "cli/commands.hpp"

namespace regcred::core {

// The kubelet's CredentialProviderConfig (kubelet_side.cpp). When entries had to be left out, `text` has the others and
// `error` names them; no text when nothing is left.
[[nodiscard]] Output generate_kubelet_config(const Command &command, const Context &context);

// Role and binding for the audiences of the configuration (kubelet_side.cpp).
[[nodiscard]] Output generate_rbac(const Command &command, const Context &context);

// A ServiceAccount with the annotations that backends read (kubelet_side.cpp).
[[nodiscard]] Output generate_service_account(const Command &command, const Context &context);

}  // namespace regcred::core
