// SPDX-License-Identifier: Apache-2.0
// contract.*: what create() takes and refuses, and what it never does.
#include <regcred/testing.hpp>

#include "conformance/bad_settings.hpp"
#include "conformance/checks.hpp"
#include "conformance/stage.hpp"

namespace regcred::conformance {
namespace {

using StageSettings = std::function<Verdict(const Stage &, const BadSettings &)>;

// Runs through all bad settings (of one kind, when given) until one is judged badly.
CheckFunction with_bad_settings(std::optional<BadSettingsKind> kind, StageSettings judge) {
  return with_backend([kind, judge = std::move(judge)](const Stage &stage) {
    for (const BadSettings &bad : bad_settings(stage.subject.settings_json, test::settings_schema(stage.table))) {
      if (kind && bad.kind != *kind) continue;
      stage.progress("in create with " + bad.what);
      if (Verdict verdict = judge(stage, bad); verdict.status != Status::passed) return verdict;
    }
    return passed();
  });
}

// create alone: what it takes by mistake is not run, since it would call who knows whom.
Said create_with(const Stage &stage, const BadSettings &bad) {
  Scene scene;
  scene.settings_json = bad.json;
  Life life(stage.table, stage.subject, scene, stage.progress);
  if (life.create() == REGCRED_OK) life.destroy();
  return life.said();
}

Verdict is_refused(const Stage &stage, const BadSettings &bad) {
  const Said said = create_with(stage, bad);
  const std::string found = bad.what + ": create returned " + said.summary(stage.subject);
  if (said.create_code != REGCRED_BAD_CONFIG) return failed(found + ", expected bad_config");
  const bool named = !said.failures.empty() && said.failures.back().text.find(bad.key) != std::string::npos;
  return named || bad.key.empty() ? passed() : failed(found + ", which does not name the key");
}

Verdict stores_null(const Stage &stage, const BadSettings &bad) {
  Scene scene;
  scene.settings_json = bad.json;
  Life life(stage.table, stage.subject, scene, stage.progress);
  if (life.create() == REGCRED_OK || life.instance() == nullptr) return passed();
  const char *what = life.instance() == Life::untouched() ? "left the instance pointer as it was" : "stored a pointer";
  return failed(bad.what + ": create failed and " + what + ", expected null");
}

Verdict never_no_credentials(const Stage &stage, const BadSettings &bad) {
  if (create_with(stage, bad).create_code != REGCRED_NO_CREDENTIALS) return passed();
  return failed(bad.what + ": create returned no_credentials, so that the host would ask the next registry entry");
}

// Also on a host that lacks a service, where a backend may find no better word.
Verdict create_code(const Stage &stage) {
  for (const char *service : {REGCRED_SERVICE_HTTP, REGCRED_SERVICE_LOG, REGCRED_SERVICE_CLOCK, REGCRED_SERVICE_SECRET,
                              REGCRED_SERVICE_CRYPTO}) {
    stage.progress(std::string("in create on a host without ") + service);
    Scene scene;
    scene.withheld_service = service;
    Life life(stage.table, stage.subject, scene, stage.progress);
    if (life.create() == REGCRED_NO_CREDENTIALS) {
      return failed(std::string("on a host without ") + service + " create returned no_credentials");
    }
  }
  return with_bad_settings(std::nullopt, never_no_credentials)(stage.subject, stage.progress);
}

Verdict no_network(const Stage &stage) {
  const Scene scene;
  Life life(stage.table, stage.subject, scene, stage.progress);
  life.create();
  const Said said = life.said();
  if (said.network_calls_in_create == 0) return passed();
  return failed("create called " + call_label(said.network_calls[0].method, said.network_calls[0].url) +
                ": move it to get_credentials");
}

// The second comes and goes while the first lives.
Verdict two_instances(const Stage &stage) {
  const Scene scene;
  Life first(stage.table, stage.subject, scene, stage.progress);
  Life second(stage.table, stage.subject, scene, stage.progress);
  stage.progress("with two instances at once");
  if (first.create() != REGCRED_OK || second.create() != REGCRED_OK) return failed("a second create failed");
  second.get_credentials();
  second.destroy();
  first.get_credentials();
  first.destroy();
  for (const Life *life : {&first, &second}) {
    const Said said = life->said();
    if (!said.is_success() || said.auth != stage.success.auth) {
      return failed("with two instances one ends with " + said.summary(stage.subject) + ", expected the success case");
    }
  }
  return passed();
}

Verdict destroy(const Stage &stage) {
  const Scene scene;
  Life unused(stage.table, stage.subject, scene, stage.progress);
  if (unused.create() != REGCRED_OK) return not_applicable("create fails: see contract.answers");
  stage.progress("in destroy without a request before it");
  unused.destroy();
  stage.progress("in destroy after a request");
  const Said said = stage.live(scene);
  stage.progress("in a new instance after destroy");
  const Said again = stage.live(scene);
  if (again.code == said.code && again.auth == said.auth) return passed();
  return failed("after destroy a new instance ends with " + again.summary(stage.subject));
}

}  // namespace

std::vector<Check> settings_checks() {
  return {
      {"contract.unknown-setting", "An unknown setting is bad_config, and the text names it: it may be misspelt.",
       with_bad_settings(BadSettingsKind::unknown_key, is_refused)},
      {"contract.wrong-type", "A setting of a wrong type is bad_config, and the text names it.",
       with_bad_settings(BadSettingsKind::wrong_type, is_refused)},
      {"contract.settings-no-object", "Settings that are not a JSON object are bad_config.",
       with_bad_settings(BadSettingsKind::no_object, is_refused)},
      {"contract.create-null", "A create that fails stores null: there is no instance to use.",
       with_bad_settings(std::nullopt, stores_null)},
      {"contract.create-code", "create never returns no_credentials: the host would then ask the next registry entry.",
       with_backend(create_code)},
      {"contract.create-offline", "create makes no network call: `regcred check` calls it.", with_backend(no_network)},
      {"contract.two-instances", "Two instances at once do not affect each other: each registry entry has its own.",
       with_success(two_instances)},
      {"contract.destroy", "destroy works with and without a request before it, and a new instance works after it.",
       with_backend(destroy)},
  };
}

}  // namespace regcred::conformance
