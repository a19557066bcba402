// SPDX-License-Identifier: Apache-2.0
// An answer for people and for other programs: the output formats of `get`.
#pragma once

#include <string>
#include <string_view>

#include "common/registry_config.hpp"
#include "common/request.hpp"

namespace regcred::core {

// What is shown. Refers to its parts.
struct CredentialView {
  const std::string &image;
  const Answer &answer;
  const RegistryEntry *entry;  // that answered; with an answer without credentials: the last that was asked
  bool show_secrets = false;
  std::string_view why_none{};  // with an answer without credentials: the reason, or empty
};

inline constexpr const char *hidden_password = "<hidden>";

// Columns for people.
[[nodiscard]] std::string as_table(const CredentialView &view);

// The CredentialProviderResponse that the kubelet would get. Without show_secrets each password is hidden_password.
[[nodiscard]] std::string as_kubelet_answer(const CredentialView &view);

// {"auths": {REGISTRY: {"auth": base64(username:password)}}}, as in ~/.docker/config.json and a pull secret of type
// kubernetes.io/dockerconfigjson; Docker Hub under https://index.docker.io/v1/, where clients look for it. Without
// show_secrets `auth` is hidden_password: the structure is right, and no client takes it for a credential.
[[nodiscard]] std::string as_docker_config(const CredentialView &view);

// One object for scripts. Without show_secrets `password` is null, so that nobody sends the word "hidden".
[[nodiscard]] std::string as_json(const CredentialView &view);

}  // namespace regcred::core
