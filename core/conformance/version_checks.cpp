// SPDX-License-Identifier: Apache-2.0
// Hosts of other releases: structs only grow at the end, and every minor of one major works with every other.
#include <regcred/testing.hpp>

#include "conformance/checks.hpp"
#include "conformance/stage.hpp"

namespace regcred::conformance {
namespace {

void take_nothing(void *, regcred_slice) {}

// The success case, on a host whose every struct has that shape.
CheckFunction on_host_of(Shape shape) {
  return with_success([shape](const Stage &stage) {
    regcred_bytes_sink_v1 sink{};
    detail::set_header(sink);
    sink.bytes = &take_nothing;
    const Shaped<regcred_bytes_sink_v1> shaped(sink, shape);
    for (const auto function : {stage.table.settings_schema, stage.table.annotation_keys}) {
      stage.progress("in settings_schema or annotation_keys");
      if (const std::int32_t code = function(shaped.get()); code != REGCRED_OK) {
        return failed("settings_schema or annotation_keys returned " + code_name(code));
      }
    }
    stage.progress("in the success case");
    Scene scene;
    scene.shape = shape;
    const Said said = stage.live(scene);
    if (said.is_success() && said.auth == stage.success.auth) return passed();
    return failed("the success case ends with " + said.summary(stage.subject));
  });
}

}  // namespace

std::vector<Check> version_checks() {
  return {
      {"versions.oldest-host", "Works on a host of ABI 1.0, and reads no byte beyond the struct_size of a struct.",
       on_host_of(Shape::oldest)},
      {"versions.newer-host", "Works on a later host, whose structs are larger than the backend knows.",
       on_host_of(Shape::newer)},
      {"versions.newer-minor", "Accepts any abi_minor: only the major decides.", on_host_of(Shape::newer_minor)},
  };
}

}  // namespace regcred::conformance
