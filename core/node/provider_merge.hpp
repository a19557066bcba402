// SPDX-License-Identifier: Apache-2.0
// Our providers in a CredentialProviderConfig that belongs to somebody else. Pure.
#pragma once

#include <string>
#include <vector>

#include "common/result.hpp"

namespace regcred::core {

// The names of the providers of a generated file, in its order. Fails as parse_yaml does.
[[nodiscard]] Result<std::vector<std::string>> provider_names(const std::string &text, const std::string &origin);

struct ProviderMerge {
  std::string text;               // of the file as it is
  std::string path;               // for messages
  std::string own_text;           // a CredentialProviderConfig of ours; empty: our entries are only taken out
  std::vector<std::string> ours;  // names of entries in `text` that are replaced or taken out
};

// `text` with our entries: one of the same name is replaced where it stands, new ones follow the last, entries of
// `ours` that `own_text` has no more are taken out. All other entries keep their meaning, their unknown fields and
// their order; JSON stays JSON, and YAML in block style keeps its comments. When all is as it should be, the bytes are
// unchanged.
//
// Fails with ErrorCode::config when `text` cannot be read or has no list of providers, when another entry has the name
// of one of ours, when no provider would be left (the kubelet does not start without one), and when the result, read
// again, does not mean what it should.
[[nodiscard]] Result<std::string> merge_providers(const ProviderMerge &merge);

}  // namespace regcred::core
