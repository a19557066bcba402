// SPDX-License-Identifier: Apache-2.0
// Bytes on stdin -> Request: with answer_writer.hpp the only place that knows the kubelet's wire format
// (staging/src/k8s.io/kubelet/pkg/apis/credentialprovider; versions v1, v1beta1 and v1alpha1).
//
// The input is hostile until it has passed here. Every error has "request on stdin" as its `where`, and
// ErrorCode::usage, except for a request that does not end. No error quotes the token or any other text that could be
// one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/limits.hpp"
#include "common/request.hpp"
#include "common/result.hpp"

namespace regcred::core {

// Reads `fd` to its end, at most limits::request_bytes_max bytes. Waits until the writer closes, which the kubelet does
// at once; ErrorCode::deadline when that takes longer than `wait_ms_max`, since the configuration, with the deadline
// that counts, is read after the request. The bytes hold the token: the caller wipes them.
[[nodiscard]] Result<std::string> read_request_bytes(int fd, std::int64_t wait_ms_max = limits::deadline_max_ms);

// Parses one CredentialProviderRequest. Unknown fields are ignored, since the kubelet may add some; in v1beta1 and
// v1alpha1 these are also serviceAccountToken and serviceAccountAnnotations, which only v1 has. A known field with
// null counts as absent, as it does in Go. The image must be as parse_kubelet_image accepts it.
[[nodiscard]] Result<Request> parse_request(std::string_view text);

// A request as the kubelet sends it, for the commands that people use.
[[nodiscard]] Request make_request(ImageReference image, Secret token, std::map<std::string, std::string> annotations);

}  // namespace regcred::core
