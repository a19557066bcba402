// SPDX-License-Identifier: Apache-2.0
// `regcred generate WHAT`.
#include "cli/generate/generate.hpp"

namespace regcred::core {
namespace {

constexpr const Command *parts[] = {&generate_kubelet_config, &generate_rbac, &generate_service_account,
                                    &generate_oidc_discovery, &generate_schema};

Run declare(ArgumentParser &parser) { return declare_parts(parser, parts); }

}  // namespace

const Command generate_command = {"generate", "Write what a cluster needs, from the configuration, to standard output",
                                  declare};

}  // namespace regcred::core
