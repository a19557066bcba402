// SPDX-License-Identifier: Apache-2.0
// The fields of a request as they are in the JSON text, before they are checked. Internal to this folder.
#pragma once

#include <map>
#include <optional>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace regcred::core {

// One known field: its value, and the first thing that is wrong with it. Whether that matters depends on the version,
// which may come last in the text.
template <class T>
struct RequestField {
  std::optional<T> value;  // absent, or null in the text
  bool seen = false;
  std::string problem;  // "is not a string"; empty: none
};

struct RequestFields {
  RequestField<std::string> kind;
  RequestField<std::string> api_version;
  RequestField<std::string> image;
  RequestField<Secret> token;
  RequestField<std::map<std::string, std::string>> annotations;
};

// Where the errors of this folder say they are.
inline constexpr std::string_view request_where = "request on stdin";

[[nodiscard]] inline tl::unexpected<Error> refuse_request(std::string what, std::string cure) {
  return fail(ErrorCode::usage, std::string(request_where), std::move(what), std::move(cure));
}

// Reads one JSON object and nothing after it. Fails when the text is not one (syntax, UTF-8, nesting beyond
// limits::json_depth_max); everything about single fields goes into RequestField::problem. Never recursive, so that a
// megabyte of "[" costs no stack.
[[nodiscard]] Result<RequestFields> read_request_fields(std::string_view text);

}  // namespace regcred::core
