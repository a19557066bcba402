// SPDX-License-Identifier: Apache-2.0
// From a worker's result to the kubelet's answer: every field is checked, scoped and cleaned here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/registry_config.hpp"
#include "common/request.hpp"
#include "common/result.hpp"
#include "dispatch/worker_result.hpp"

namespace regcred::core {

// What judge_result() needs to know besides the result itself.
struct JudgeContext {
  const RegistryEntry &entry;
  const Route &route;
  const ImageReference &image;
  std::string_view token;    // the pod's, for redaction
  std::int64_t unix_now_ms;  // to say until when a throttled caller waits
  double spread = 0.0;       // of cacheDuration (cache_hint.hpp)
};

// The judged result of one entry.
struct Verdict {
  bool no_credentials = false;  // the next matching entry is asked
  std::string why;              // then: the backend's reason, redacted and printable; may be empty
  Answer answer;                // else this; api_version is still empty
};

// Judges the result of one backend call. Gives a Verdict when the backend answered, with every auth entry rewritten
// onto the requested registry host. Fails
//  - with ErrorCode::config for BAD_CONFIG, ErrorCode::deadline for TIMEOUT, ErrorCode::backend for every other code
//    (unknown ones named), with the backend's text redacted, printable and behind `registry "x" (backend y)`,
//  - with ErrorCode::backend when the answer breaks a rule: no entry although OK, a registry other than the requested
//    host or host/path of this image, empty or control-character username or password, a foreign scope or lifetime.
[[nodiscard]] Result<Verdict> judge_result(WorkerResult result, const JudgeContext &context);

// The rules one by one; regcred-conformance judges by the same. Each returns the name of the fault, as in "an empty
// password"; empty when there is none.
[[nodiscard]] std::string credential_fault(std::string_view username, std::string_view password);
[[nodiscard]] std::string reuse_fault(std::int32_t scope, std::int64_t lifetime_seconds);

// The path that a backend limited its credential to, in terms of the image: "" for the whole host. `prefix` is what
// stands before `image_path` when the backend is asked: a host, or credentialHost with a path, which stands for all of
// the image's host. nullopt when `answered` is neither the asked host nor whole segments of what was asked for.
[[nodiscard]] std::optional<std::string_view> answered_path(std::string_view answered, std::string_view prefix,
                                                            std::string_view image_path);

}  // namespace regcred::core
