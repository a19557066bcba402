// SPDX-License-Identifier: Apache-2.0
// contract.serves-* and contract.audiences-pure: serves_registry and expected_audiences, which `regcred check` asks
// about each pattern before any pod does.
#include <algorithm>
#include <string>
#include <vector>

#include "common/limits.hpp"
#include "common/text.hpp"
#include "conformance/checks.hpp"
#include "conformance/stage.hpp"

namespace regcred::conformance {
namespace {

// Of the success case first; then others, and texts that are not a registry at all.
std::vector<std::string> registries(const RequestSpec &request) {
  const std::string own = request.registry();
  return {own,
          "registry.example.com",
          "localhost:5000",
          "[::1]:5000",
          own + ".example.com",
          "x." + own,
          own.substr(0, own.find(':')) + ":65536",
          "",
          ".",
          "*.example.com",
          "%",
          "{}",
          "'\"\\ ",
          std::string("a\0b", 3),
          "a\nb",
          "\xFF\xFE",
          "\xE2\x80\xAE",
          std::string(core::limits::image_bytes_max, 'a'),
          std::string(core::limits::image_bytes_max, '.')};
}

// What one question was answered by.
struct Answered {
  std::int32_t code;
  std::vector<std::string> texts;
  bool operator==(const Answered &) const = default;
};

Answered ask(Life &life, const std::string &registry) {
  const std::size_t before = life.said().failures.size();
  Answered answered{life.serves_registry(registry), {}};
  const std::vector<SaidFailure> failures = life.said().failures;
  for (std::size_t i = before; i < failures.size(); ++i) answered.texts.push_back(failures[i].text);
  return answered;
}

// The calls of the host's own functions; those of the sink are how a backend answers.
std::vector<std::string> services_called(const Life &life) {
  std::vector<std::string> names = life.said().host_calls;
  std::erase_if(names, [](const std::string &name) { return name.starts_with("sink."); });
  return names;
}

std::string fault_of(const Answered &answered) {
  if (answered.code == REGCRED_OK) return {};
  if (answered.code != REGCRED_BAD_CONFIG) return "returned " + code_name(answered.code) + ", not bad_config";
  return answered.texts.empty() || answered.texts.back().empty() ? "refuses it without a reason" : "";
}

Verdict pure(const Stage &stage) {
  if (stage.table.serves_registry == nullptr) return passed("serves every registry");
  const Scene scene;
  Life life(stage.table, stage.subject, scene, stage.progress);
  if (life.create() != REGCRED_OK) return passed();
  const std::vector<std::string> before = services_called(life);
  const std::vector<std::string> asked = registries(stage.subject.request);
  std::vector<Answered> first;
  for (const std::string &registry : asked) {
    const std::string shown = core::in_quotes(registry, 100);
    stage.progress("in serves_registry(" + shown + ")");
    first.push_back(ask(life, registry));
    if (const std::string fault = fault_of(first.back()); !fault.empty()) return failed(shown + ": " + fault);
  }
  for (std::size_t i = asked.size(); i-- > 0;) {
    if (ask(life, asked[i]) != first[i]) {
      return failed(core::in_quotes(asked[i], 100) + ": a second call gave another answer");
    }
  }
  const std::vector<std::string> after = services_called(life);
  life.destroy();
  if (after.size() > before.size()) return failed("calls the host: " + after[before.size()]);
  return passed();
}

Verdict agrees(const Stage &stage) {
  if (stage.table.serves_registry == nullptr) return passed("serves every registry");
  const std::string path = stage.subject.request.image.substr(stage.subject.request.registry().size());
  for (const std::string &registry : registries(stage.subject.request)) {
    const bool is_own = registry == stage.subject.request.registry();
    const bool is_image = registry.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:[]") == std::string::npos;
    if (!is_image || registry.empty() || registry.size() + path.size() > core::limits::image_bytes_max) continue;
    stage.progress("asked for an image of " + registry);
    Scene scene;
    scene.image = registry + path;
    scene.replies_to_any_url = true;
    Life life(stage.table, stage.subject, scene, stage.progress);
    if (life.create() != REGCRED_OK) return passed();
    const std::int32_t serves = life.serves_registry(registry);
    const std::int32_t code = life.get_credentials();
    life.destroy();
    const std::string shown = core::in_quotes(registry, 100);
    if (is_own && serves != REGCRED_OK) return failed("refuses " + shown + ", for which get_credentials answers ok");
    if (serves != REGCRED_OK && code == REGCRED_OK) {
      return failed("refuses " + shown + ", and get_credentials answers ok for an image of it");
    }
  }
  return passed();
}

std::string fault_of(const Life::Audiences &said) {
  const auto is_bad = [](const std::string &value) {
    return value.empty() || value.size() > core::limits::expected_audience_bytes_max || !core::is_printable(value);
  };
  const auto has_bad = [&](const auto &values) { return std::any_of(values.begin(), values.end(), is_bad); };
  if (said.code != REGCRED_OK) return "returned " + code_name(said.code) + ", not ok";
  if (said.values.size() > core::limits::expected_audiences_max) return "gives more than 16 audiences";
  if (has_bad(said.values)) return "gives an audience that is not 1 to 256 printable bytes";
  if (said.accepted_by.size() > 1 || has_bad(said.accepted_by)) {
    return "gives accepted_by more than one value of 1 to 256 printable bytes";
  }
  return {};
}

Verdict audiences(const Stage &stage) {
  if (stage.table.expected_audiences == nullptr) return passed("names no audience");
  const Scene scene;
  Life life(stage.table, stage.subject, scene, stage.progress);
  if (life.create() != REGCRED_OK) return passed();
  const std::vector<std::string> before = services_called(life);
  for (const std::string &registry : registries(stage.subject.request)) {
    const std::string shown = core::in_quotes(registry, 100);
    stage.progress("in expected_audiences(" + shown + ")");
    const Life::Audiences said = life.expected_audiences(registry);
    if (const std::string fault = fault_of(said); !fault.empty()) return failed(shown + ": " + fault);
    if (life.expected_audiences(registry) != said) return failed(shown + ": a second call gave another answer");
  }
  const std::vector<std::string> after = services_called(life);
  life.destroy();
  if (after.size() > before.size()) return failed("calls the host: " + after[before.size()]);
  return passed();
}

}  // namespace

std::vector<Check> serves_checks() {
  return {
      {"contract.serves-pure",
       "serves_registry takes any text, asks nothing of the host, and always gives the same answer.",
       with_success(pure)},
      {"contract.serves-agrees", "serves_registry refuses no registry for which get_credentials answers.",
       with_success(agrees)},
      {"contract.audiences-pure",
       "expected_audiences takes any text, asks nothing of the host, and always gives the same usable values.",
       with_success(audiences)},
  };
}

}  // namespace regcred::conformance
