// SPDX-License-Identifier: Apache-2.0
// What the owner of a pod may read of a failure: the reason, without the node's files. Pure.
#pragma once

#include <string>
#include <string_view>

#include "record/spool_entry.hpp"

namespace regcred::core {

inline constexpr std::size_t tenant_message_bytes_max = 1000;  // Kubernetes takes 1024 bytes as an event's message

// `text` with every absolute path of a file replaced by "(a file of the node)". The path of a URL stays.
[[nodiscard]] std::string without_node_paths(std::string_view text);

// "IMAGE: WHERE: WHAT; CURE": printable, without what looks like a token, at most tenant_message_bytes_max bytes. A
// `where` or a `cure` with a path is left out: neither helps somebody who cannot see the node.
[[nodiscard]] std::string tenant_message(const SpoolEntry &entry);

}  // namespace regcred::core
