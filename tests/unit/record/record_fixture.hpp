// SPDX-License-Identifier: Apache-2.0
// One request as a record, and tokens to go with it.
#pragma once

#include "record/request_record.hpp"

namespace regcred::core {

// An answered request with everything in it.
inline RequestRecord answered() {
  RequestRecord record;
  record.image = "docker.cloudsmith.io/acme/app";
  record.registry = "cloudsmith";
  record.backend = "cloudsmith";
  record.service_account = "team-a/default";
  record.cache_key_type = CacheKeyType::registry;
  record.cache_duration = std::chrono::seconds(6480);
  record.with_credentials = true;
  record.answer_bytes = 300;
  conclude(record, std::nullopt, 212);
  return record;
}

// A request that failed with `error` after `milliseconds`.
inline RequestRecord failed(const Error &error, std::int64_t milliseconds = 3) {
  RequestRecord record;
  record.image = "docker.cloudsmith.io/acme/app";
  record.answer_bytes = 300;
  conclude(record, error, milliseconds);
  return record;
}

}  // namespace regcred::core
