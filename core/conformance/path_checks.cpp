// SPDX-License-Identifier: Apache-2.0
// contract.path-*: an answer for the whole registry must not depend on the image's path (M2b). The kubelet uses it for
// every other image of that host.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "conformance/checks.hpp"
#include "conformance/stage.hpp"
#include "conformance/variation.hpp"

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

// One thing that was sent or answered. Only `what` is shown: the text may be secret.
struct Fact {
  std::string what;
  std::string text;
};
using Facts = std::vector<Fact>;

Facts request_facts(const Said &said) {
  Facts facts = {{"the number of network calls", std::to_string(said.network_calls.size())}};
  for (const test::RecordedCall &call : said.network_calls) {
    const std::string of = " of " + call_label(call.method, call.url);
    facts.push_back({"the URL" + of, call.method + " " + call.url});
    facts.push_back({"the number of headers" + of, std::to_string(call.headers.size())});
    for (const auto &[name, value] : call.headers) facts.push_back({"the header " + name + of, name + " " + value});
    facts.push_back({"the body" + of, call.body});
  }
  return facts;
}

Facts answer_facts(const Said &said) {
  Facts facts = {{"the code", code_name(said.code)}, {"the number of credentials", std::to_string(said.auth.size())}};
  for (const SaidAuth &auth : said.auth) {
    facts.push_back({"the credential's registry", auth.registry});
    facts.push_back({"the username", auth.username});
    facts.push_back({"the password", auth.secret});
  }
  return facts;
}

// What differs by more than chance; empty: nothing.
std::string difference(const std::vector<Facts> &alike, const Facts &other) {
  for (std::size_t i = 0; i < alike.front().size(); ++i) {
    std::vector<std::string> texts;
    for (const Facts &facts : alike) {
      if (i < facts.size()) texts.push_back(facts[i].text);
    }
    if (texts.size() < alike.size()) return {};  // by chance there are more or fewer: nothing to compare with
    if (i >= other.size() || differs(texts, other[i].text)) return alike.front()[i].what;
  }
  return {};
}

// Asks for images of the same host. Identical requests, before and after them, show what differs by chance or in time.
CheckFunction same_for_every_path(Facts (*facts_of)(const Said &)) {
  return with_success([facts_of](const Stage &stage) {
    Scene scene;
    scene.replies_to_any_url = true;
    const Said first = stage.live(scene);
    std::vector<Facts> alike = {facts_of(first), facts_of(stage.live(scene))};
    std::vector<std::pair<std::string, Said>> others;
    for (const bool keep_first : {false, true}) {
      scene.image = other_image(stage.subject.request, keep_first);
      stage.progress("asked for " + *scene.image);
      others.emplace_back(*scene.image, stage.live(scene));
    }
    scene.image.reset();
    alike.push_back(facts_of(stage.live(scene)));
    for (const auto &[image, said] : others) {
      if (!holds_for_registry(first) && !holds_for_registry(said)) continue;
      const std::string found = difference(alike, facts_of(said));
      if (found.empty()) continue;  // guard: path-checks
      return failed("the answer has the registry's scope, but for " + image + " instead of " +
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
       same_for_every_path(request_facts)},
      {"contract.path-answer",
       "An answer with the registry's scope is the same for every path, since the kubelet uses it for all of them.",
       same_for_every_path(answer_facts)},
  };
}

}  // namespace regcred::conformance
