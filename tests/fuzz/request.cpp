// Bytes on stdin: whatever they are, they are refused in clean words, or they are a request within every limit.
#include <regcred/text.hpp>

#include "common/limits.hpp"
#include "common/text.hpp"
#include "fuzz/require.hpp"
#include "kubelet/request_reader.hpp"
#include "match/image_reference.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const auto request = parse_request(regcred::fuzz::text_of(data, size));
  if (!request) {
    require(request.error().code == ErrorCode::usage, "an unusable request is a usage error");
    require(!request.error().what.empty(), "an error says what");
    require(one_line(request.error()).size() <= limits::error_line_bytes_max, "an error is one bounded line");
    return 0;
  }
  require(request->image.size() <= limits::image_bytes_max, "the image is within its limit");
  require(static_cast<bool>(parse_kubelet_image(request->image)), "the image is one that the kubelet can send");
  require(request->api_version.starts_with("credentialprovider.kubelet.k8s.io/v1"), "the version is a known one");
  require(!regcred::has_control_character(request->image), "the image has no control characters");
  return 0;
}
