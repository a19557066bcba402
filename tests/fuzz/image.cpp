// SPDX-License-Identifier: Apache-2.0
// What people type: it is refused, or becomes a name that the kubelet could send, and stays that.
#include "common/image_reference.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

namespace {

// The parts of a reference are its name, cut up.
void check_parts(const ImageReference &image) {
  require(std::string(image.registry()) + std::string(image.path()) == image.name(), "registry and path are the name");
  const std::string port = image.port().empty() ? "" : ":" + std::string(image.port());
  const std::string host(image.host());
  require(image.registry() == host + port || image.registry() == "[" + host + "]" + port,
          "host and port are the registry");
}

void check_refusal(const Error &error) {
  require(error.code == ErrorCode::usage && !error.where.empty() && !error.what.empty() && !error.cure.empty(),
          "an error says where, what and the cure");
  require(one_line(error).size() <= limits::error_line_bytes_max, "an error is one bounded line");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view text = regcred::fuzz::text_of(data, size);
  if (const auto sent = parse_kubelet_image(text)) {
    check_parts(*sent);
    require(sent->name() == text, "what the kubelet sends is not changed");
  } else {
    check_refusal(sent.error());
  }
  const auto name = normalise_image(text);
  if (!name) {
    check_refusal(name.error());
    return 0;
  }
  require(static_cast<bool>(parse_kubelet_image(*name)), "what is normalised is what the kubelet sends", *name);
  const auto again = normalise_image(*name);
  require(again && *again == *name, "normalising twice changes nothing", *name);
  return 0;
}
