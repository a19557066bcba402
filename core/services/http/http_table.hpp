// SPDX-License-Identifier: Apache-2.0
// regcred_http_v1 of the ABI over an Http.
#pragma once

#include <regcred/abi.h>

#include "services/http/http.hpp"

namespace regcred::core {

// Owns the table; refers to `http`. Not movable, since the table points into it.
class HttpTable {
 public:
  explicit HttpTable(Http &http);
  HttpTable(const HttpTable &) = delete;
  HttpTable &operator=(const HttpTable &) = delete;

  [[nodiscard]] const regcred_http_v1 *table() const { return &table_; }

 private:
  // Copies nothing of the request. The sink is called exactly once, whatever happens; no exception leaves.
  static std::int32_t send(void *context, const regcred_http_request_v1 *request,
                           const regcred_http_sink_v1 *sink) noexcept;

  Http &http_;
  regcred_http_v1 table_{};
};

}  // namespace regcred::core
