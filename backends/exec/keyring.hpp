// SPDX-License-Identifier: Apache-2.0
// The kubelet's keyring: which keys of an answer are for an image, and in which order.
//
// Source of every rule: pkg/credentialprovider/keyring.go of Kubernetes (BasicDockerKeyring.Add and Lookup, URLsMatch).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace exec_backend {

// A key as the keyring keeps it: without scheme, and without v1/ or v2/ at the start of its path.
[[nodiscard]] std::string keyring_key(std::string_view written);

// Whether a key matches `image` (host[:port]/path): labels of the host with `*` in each, the same port, the key's path
// at the start of the image's.
[[nodiscard]] bool key_matches(std::string_view key, std::string_view image);

// Whether a key is for a part of the image's registry only, so that other images of it may get another credential.
[[nodiscard]] bool divides(std::string_view key, std::string_view image);

// The place of a key that matches, in terms of the image: its registry, or registry/path with whole segments that cover
// the key's path.
[[nodiscard]] std::string place_of(std::string_view key, std::string_view image);

// The positions in `keys`, as written, of those that match `image`, in the order in which the kubelet tries them.
[[nodiscard]] std::vector<std::size_t> matching(const std::vector<std::string> &keys, std::string_view image);

}  // namespace exec_backend
