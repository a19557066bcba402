// What people type: it is refused, or becomes a name that the kubelet could send, and stays that.
#include "fuzz/require.hpp"
#include "match/image_reference.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const auto name = normalise_image(regcred::fuzz::text_of(data, size));
  if (!name) return 0;
  require(static_cast<bool>(parse_kubelet_image(*name)), "what is normalised is what the kubelet sends");
  const auto again = normalise_image(*name);
  require(again && *again == *name, "normalising twice changes nothing");
  return 0;
}
