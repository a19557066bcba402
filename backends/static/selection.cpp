// SPDX-License-Identifier: Apache-2.0
#include "selection.hpp"

#include <optional>
#include <regcred/text.hpp>

namespace static_backend {

Selection select(const std::vector<Credential> &credentials, std::string_view registry, std::string_view path) {
  const std::optional<std::string> host = regcred::registry_host(registry);
  const auto serves_host = [&](const Credential &one) { return one.host.empty() || (host && one.host == *host); };

  Selection selection;
  bool divided = false;  // other paths of this host may have another credential, or none
  for (const Credential &one : credentials) {
    if (!serves_host(one)) continue;
    divided = divided || !one.path.empty();
    if (!regcred::starts_on_border(path, one.path)) continue;
    const Credential *best = selection.credential;
    if (best == nullptr || one.path.size() > best->path.size()) selection.credential = &one;
  }
  if (selection.credential == nullptr) return selection;
  // As asked, in the letter case of the image: the kubelet compares letter by letter.
  selection.registry = registry;
  if (!selection.credential->path.empty()) selection.registry += "/" + selection.credential->path;
  selection.scope = divided ? regcred::Scope::image : regcred::Scope::registry;  // guard: scope-of-divided
  return selection;
}

}  // namespace static_backend
