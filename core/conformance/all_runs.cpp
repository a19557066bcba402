// SPDX-License-Identifier: Apache-2.0
#include "conformance/all_runs.hpp"

#include <regcred/testing.hpp>

#include "conformance/bad_settings.hpp"
#include "conformance/network_faults.hpp"

namespace regcred::conformance {
namespace {

struct NamedScene {
  std::string what;
  Scene scene;
};

std::vector<NamedScene> all_scenes(const Stage &stage) {
  std::vector<NamedScene> scenes = {{"the success case", {}}};
  for (const BadSettings &bad : bad_settings(stage.subject.settings_json, test::settings_schema(stage.table))) {
    Scene scene;
    scene.settings_json = bad.json;
    scenes.push_back({bad.what, scene});
  }
  Scene late;
  late.deadline_after = 0;
  scenes.push_back({"a deadline that is over", late});
  for (const NetworkFault &fault : network_faults(stage.subject.conversation)) {
    Scene scene;
    scene.network_fault = fault;
    scenes.push_back({fault.what, scene});
  }
  return scenes;
}

}  // namespace

CheckFunction in_all_runs(RunFunction judge) {
  return with_backend([judge = std::move(judge)](const Stage &stage) {
    for (const NamedScene &named : all_scenes(stage)) {
      stage.progress("in the run with " + named.what);
      Verdict verdict = judge(stage, named.what, stage.live(named.scene));
      if (verdict.status == Status::failed) verdict.text = named.what + ": " + verdict.text;
      if (verdict.status != Status::passed) return verdict;
    }
    return passed();
  });
}

}  // namespace regcred::conformance
