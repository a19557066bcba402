// SPDX-License-Identifier: Apache-2.0
// contract.path-*: an answer for the whole registry must not depend on the image's path (M2b). The kubelet uses it for
// every other image of that host.
#include <algorithm>
#include <string>
#include <vector>

#include "conformance/checks.hpp"
#include "conformance/stage.hpp"

namespace regcred::conformance {
namespace {

constexpr std::string_view cure = "; answer with the image's scope when a part of the path decides anything";

// The image with another path: every segment changed, or every segment but the first.
std::string other_image(const RequestSpec &request, bool keep_first) {
  const std::string registry = request.registry();
  std::string image = registry;
  bool keep = keep_first;
  for (std::size_t at = registry.size(); at != std::string::npos && at < request.image.size();) {
    const std::size_t end = std::min(request.image.find('/', at + 1), request.image.size());
    image += request.image.substr(at, end - at) + (keep ? "" : "x");
    keep = false;
    at = end;
  }
  return image == request.image ? image + "/other" : image;  // one segment, kept
}

bool holds_for_registry(const Said &said) {
  return said.code == REGCRED_OK && !said.cache.empty() && said.cache.back().scope == REGCRED_SCOPE_REGISTRY;
}

// What differs between two calls of the network; empty: nothing. No values: they may be secret.
std::string call_difference(const test::RecordedCall &a, const test::RecordedCall &b) {
  const std::string of = " of " + call_label(a.method, a.url);
  if (a.method != b.method || a.url != b.url) {
    return call_label(a.method, a.url) + " became " + call_label(b.method, b.url) +
           (call_label(a.method, a.url) == call_label(b.method, b.url) ? " with another query" : "");
  }
  if (a.headers != b.headers) return "the headers" + of;
  return a.body == b.body ? "" : "the body" + of;
}

std::string request_difference(const Said &a, const Said &b) {
  if (a.network_calls.size() != b.network_calls.size()) {
    return std::to_string(b.network_calls.size()) + " network call(s) instead of " +
           std::to_string(a.network_calls.size());
  }
  for (std::size_t i = 0; i < a.network_calls.size(); ++i) {
    if (std::string found = call_difference(a.network_calls[i], b.network_calls[i]); !found.empty()) return found;
  }
  return {};
}

std::string answer_difference(const Said &a, const Said &b) {
  if (a.code != b.code) return code_name(a.code) + " became " + code_name(b.code);
  if (a.auth.size() != b.auth.size()) return "another number of credentials";
  for (std::size_t i = 0; i < a.auth.size(); ++i) {
    if (a.auth[i].registry != b.auth[i].registry) return "the credential's registry";
    if (a.auth[i].username != b.auth[i].username) return "the username";
    if (a.auth[i].secret != b.auth[i].secret) return "the password";
  }
  return {};
}

using Difference = std::string (*)(const Said &, const Said &);

// Asks for images of the same host and compares. What differs without another image (a nonce) shows nothing.
CheckFunction same_for_every_path(Difference difference) {
  return with_success([difference](const Stage &stage) {
    Scene scene;
    scene.replies_to_any_url = true;
    const Said first = stage.live(scene);
    if (!difference(first, stage.live(scene)).empty()) return passed("differs from call to call");
    for (const bool keep_first : {false, true}) {
      scene.image = other_image(stage.subject.request, keep_first);
      stage.progress("asked for " + *scene.image);
      const Said other = stage.live(scene);
      if (!holds_for_registry(first) && !holds_for_registry(other)) continue;
      const std::string found = difference(first, other);
      if (found.empty()) continue;
      return failed("the answer has the registry's scope, but for " + *scene.image + " instead of " +
                    stage.subject.request.image + " differs: " + found + std::string(cure));
    }
    return passed();
  });
}

}  // namespace

std::vector<Check> path_checks() {
  return {
      {"contract.path-request",
       "What a backend sends does not depend on the image's path when its answer has the registry's scope.",
       same_for_every_path(request_difference)},
      {"contract.path-answer",
       "An answer with the registry's scope is the same for every path, since the kubelet uses it for all of them.",
       same_for_every_path(answer_difference)},
  };
}

}  // namespace regcred::conformance
