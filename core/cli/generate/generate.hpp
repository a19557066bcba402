// SPDX-License-Identifier: Apache-2.0
// The parts of `regcred generate`: one command for each thing that it writes.
#pragma once

#include "cli/commands.hpp"

namespace regcred::core {

// The kubelet's CredentialProviderConfig (kubelet_side.cpp). When entries had to be left out, the text has the others
// and the error names them; no text when nothing is left.
extern const Command generate_kubelet_config;

// Role and binding for the audiences of the configuration (kubelet_side.cpp).
extern const Command generate_rbac;

// A ServiceAccount with the annotations that backends read (kubelet_side.cpp).
extern const Command generate_service_account;

// The cluster's OIDC discovery document and keys, as files (oidc_discovery.cpp).
extern const Command generate_oidc_discovery;

// One JSON Schema for editors, with the settings of every installed backend (config_schema.cpp). A backend that cannot
// be used is left out; the others count, and the error names it.
extern const Command generate_schema;

}  // namespace regcred::core
