// SPDX-License-Identifier: Apache-2.0
// Docker's configuration file, which is also the `.dockerconfigjson` of a Kubernetes pull secret:
//
//   {"auths": {"registry.example.com": {"auth": base64 of "user:password"}}}
//
// Read as the kubelet reads a pull secret, but for wildcards in a registry's name.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/backend.hpp>
#include <regcred/result.hpp>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>

namespace regcred {

// What such a file holds for one image. As it stands there: whether username and password can be used is the caller's
// to check.
struct DockerAuth {
  std::string path;  // of the entry, as team/app; empty: it is for the whole registry
  std::string username;
  Secret password;
  Scope scope = Scope::image;  // registry when no entry is for a path of that registry
};

// The entry of `config` for the image registry/path. Names in `auths` may have https:// or http:// in front, and /v1/
// or /v2/ behind; docker.io and index.docker.io are the same. Of several entries the one with the longest path that
// starts the image's path on a segment border counts, then the one that is named like the registry.
//
// nullopt: none of them is for that image. BAD_CONFIG with what is wrong and the cure, to be written behind the
// document's name: no `auths`; an entry without a password, or with an `auth` that cannot be read.
[[nodiscard]] inline Result<std::optional<DockerAuth>> docker_auth(const nlohmann::json &config,
                                                                   std::string_view registry, std::string_view path);

}  // namespace regcred

#include <regcred/detail/docker_config_impl.hpp>
