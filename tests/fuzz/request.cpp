// SPDX-License-Identifier: Apache-2.0
// Bytes on stdin: whatever they are, they are refused in clean words, or they are a request within every limit that
// says what a second reader of JSON finds in the text. The word TOKEN stands for a token, which no error may quote.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <regcred/testing/leaks.hpp>
#include <regcred/text.hpp>

#include "common/image_reference.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"
#include "fuzz/chance.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"
#include "kubelet/request_reader.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

namespace {

constexpr std::string_view canary = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnktMzE0MTU5In0.Y2FuYXJ5LXNpZ25hdHVyZQ";

void check_refusal(const Error &error, std::string_view input) {
  require(error.code == ErrorCode::usage, "an unusable request is a usage error");
  require(error.where == "request on stdin" && !error.what.empty() && !error.cure.empty(),
          "an error says where, what and the cure");
  const std::string line = one_line(error);
  require(line.size() <= limits::error_line_bytes_max, "an error is one bounded line");
  if (regcred::fuzz::spells(input, canary)) return;  // in a kind, say, which is quoted
  require(!regcred::test::find_leak(canary, line), "no error quotes the token", line);
}

// The DOM knows nothing of kubelets; of a key that is there twice it keeps the last.
void check_against_dom(const Request &request, const std::string &text) {
  const nlohmann::json dom = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  require(dom.is_object(), "what is accepted is JSON");
  require(dom["image"] == request.image.name() && dom["apiVersion"] == request.api_version,
          "the fields are the text's");
  require(dom["kind"] == "CredentialProviderRequest", "the kind is the kubelet's");
  const bool is_v1 = request.api_version.ends_with("/v1");
  const auto token = dom.find("serviceAccountToken");
  const bool has_token = is_v1 && token != dom.end() && token->is_string();
  require(request.service_account_token.reveal() == (has_token ? token->get<std::string>() : ""),
          "the token is the text's, and v1 alone has it");
  const auto annotations = dom.find("serviceAccountAnnotations");
  const bool has_annotations = is_v1 && annotations != dom.end() && annotations->is_object();
  require(request.annotations.size() == (has_annotations ? annotations->size() : 0), "no annotation is lost or made");
  for (const auto &[key, value] : request.annotations) {
    require((*annotations)[key] == value, "annotations are the text's");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view input = regcred::fuzz::text_of(data, size);
  // Only as the token's own value: elsewhere (as a kind) it would be quoted, and rightly.
  const std::string text = regcred::fuzz::with(std::string(input), R"("serviceAccountToken":"TOKEN)",
                                               R"("serviceAccountToken":")" + std::string(canary));
  const auto request = parse_request(text);
  if (!request) {
    check_refusal(request.error(), input);
    return 0;
  }
  require(request->image.name().size() <= limits::image_bytes_max, "the image is within its limit");
  require(static_cast<bool>(parse_kubelet_image(request->image.name())), "the image is one that the kubelet can send");
  require(!regcred::has_control_character(request->image.name()), "the image has no control characters");
  const std::string_view token = request->service_account_token.reveal();
  require(token.size() <= limits::token_bytes_max && request->annotations.size() <= limits::annotations_max,
          "token and annotations are within their limits");
  require(std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; }),
          "a token can stand in a header");
  check_against_dom(*request, text);
  return 0;
}
