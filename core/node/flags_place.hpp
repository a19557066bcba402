// SPDX-License-Identifier: Apache-2.0
// Where a kubelet that has neither flag can be given both: a variable of its unit's command line. Pure.
#pragma once

#include <string>

#include "common/result.hpp"
#include "node/kubelet_flags.hpp"
#include "node/node_facts.hpp"

namespace regcred::core {

struct FlagsPlace {
  std::string file;      // on the node; need not be there yet
  std::string text;      // of it
  std::string variable;  // "KUBELET_EXTRA_ARGS"
  std::string value;     // that it has now, from this file or else from the unit's Environment=
};

// KUBELET_EXTRA_ARGS, or else the last word $NAME of the unit's command, in the file below /etc/default or
// /etc/sysconfig that the unit reads. Fails with ErrorCode::config when the unit is not known or has no such variable
// or file, or when a file that is read later, and is not the operator's, sets the variable, too.
[[nodiscard]] Result<FlagsPlace> flags_place(const NodeFacts &facts);

// The file's text with these flags; empty ones are taken out. Fails as EnvironmentFile::parse.
[[nodiscard]] Result<std::string> text_with_flags(const FlagsPlace &place, const ProviderFlags &flags);

}  // namespace regcred::core
