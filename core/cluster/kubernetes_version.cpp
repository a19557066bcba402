// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes_version.hpp"

#include <algorithm>

#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t digits_max = 3;

// Takes a number without leading zeros off the front; -1 when there is none.
int take_number(std::string_view &text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > digits_max || (digits > 1 && text.front() == '0')) return -1;
  int value = 0;
  for (const char c : text.substr(0, digits)) value = value * 10 + (c - '0');
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view &text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// The minor version in "[v]1.MINOR[.PATCH][-+...]", or -1.
int minor_of(std::string_view text) {
  take(text, 'v');
  if (take_number(text) != 1 || !take(text, '.')) return -1;
  const int minor = take_number(text);
  if (take(text, '.') && take_number(text) < 0) return -1;
  return text.empty() || text.front() == '-' || text.front() == '+' ? minor : -1;
}

}  // namespace

Result<KubernetesVersion> parse_kubernetes_version(std::string_view text) {
  const KubernetesVersion version{minor_of(text)};
  if (version.minor < 0) {
    return fail(ErrorCode::usage, "--kubernetes-version " + in_quotes(text), "is not a version of Kubernetes",
                "write it like 1.34 or v1.34.4");
  }
  if (version < oldest_known_kubernetes) {
    return fail(
        ErrorCode::usage, "--kubernetes-version " + in_quotes(text),
        "is older than " + to_text(oldest_known_kubernetes) +
            ", the first with kubelet.config.k8s.io/v1 for credential providers",
        "regcred knows the rules of " + to_text(oldest_known_kubernetes) + " to " + to_text(newest_known_kubernetes));
  }
  return version;
}

std::string to_text(KubernetesVersion version) { return "1." + std::to_string(version.minor); }

std::string newer_words(KubernetesVersion version) {
  if (version <= newest_known_kubernetes) return {};
  return ", newer than what is known (" + to_text(newest_known_kubernetes) + "): judged by the rules of that";
}

std::string to_text(const KubernetesVersions &versions) {
  if (versions.first == versions.last) return "Kubernetes " + to_text(versions.first);
  if (versions.first == oldest_known_kubernetes)
    return "Kubernetes before 1." + std::to_string(versions.last.minor + 1);
  return "Kubernetes " + to_text(versions.first) + " and later";
}

}  // namespace regcred::core
