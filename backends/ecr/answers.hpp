// SPDX-License-Identifier: Apache-2.0
// What AWS answers, in any of its forms, and what its errors mean.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/exchange.hpp>
#include <regcred/http.hpp>
#include <span>
#include <string_view>

namespace ecr {

// JSON or XML of STS, JSON of ECR: as one object with AccessKeyId, SecretAccessKey and SessionToken of an STS answer,
// Code and Message of an error, and everything else as it stands. nullopt: neither of them.
[[nodiscard]] std::optional<nlohmann::json> read_answer(const regcred::HttpResponse &response);

// By `Code` and `Message` of read_answer(), for both services.
[[nodiscard]] std::span<const regcred::Refusal> refusals();

// Whether it says that a signature does not fit: what AWS answers to a wrong key, and to a wrong clock.
[[nodiscard]] bool is_about_the_signature(const regcred::Refusal *refusal);

}  // namespace ecr
