// SPDX-License-Identifier: Apache-2.0
// Names of the pod in a setting: "registries/{namespace}/{serviceAccount}", so that one entry serves every tenant
// without an annotation.
#pragma once

#include <optional>
#include <regcred/jwt.hpp>
#include <regcred/result.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace regcred {

// Whose token it is, by its subject.
struct ServiceAccountName {
  std::string namespace_name;  // a label of RFC 1123
  std::string name;            // labels with dots between them, at most 253 bytes
};

// From the subject system:serviceaccount:NAMESPACE:NAME. BAD_REQUEST for every other one, and for names that Kubernetes
// does not allow: they could name another place than the setting's author meant.
[[nodiscard]] inline Result<ServiceAccountName> service_account_name(const UnverifiedClaims &claims);

// A name between braces, and what it stands for.
using Placeholder = std::pair<std::string_view, std::string_view>;

// The first {...} of `text` that `names` does not have, or a brace without its other half; nullopt when there is none.
[[nodiscard]] inline std::optional<std::string> unknown_placeholder(std::string_view text,
                                                                    std::span<const std::string_view> names);

// Whether the names of two pods could make the same of `text`: "{namespace}-{serviceAccount}" is "a-b-c" for b-c in a
// and for c in a-b. Only what no name holds keeps two placeholders apart, as / or _ do. For a setting that decides what
// a pod gets.
[[nodiscard]] inline bool placeholders_may_mix(std::string_view text);

// `text` with each {name} replaced by its value. Values are not looked at again.
[[nodiscard]] inline std::string with_placeholders(std::string_view text, std::span<const Placeholder> values);

// `text` with {namespace} and {serviceAccount} replaced by those names.
[[nodiscard]] inline std::string with_placeholders(std::string_view text, const ServiceAccountName &pod);

}  // namespace regcred

#include <regcred/detail/placeholders_impl.hpp>
