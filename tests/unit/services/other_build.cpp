// SPDX-License-Identifier: Apache-2.0
// A module that says it was built from something else.
#include "services/http/module_abi.hpp"

namespace regcred::core {

extern "C" {
extern const HttpModule regcred_http_module __attribute__((visibility("default")));
const HttpModule regcred_http_module = {.build = {.version = "0.0.1 other"},
                                        .open = nullptr,
                                        .close = nullptr,
                                        .open_prober = nullptr,
                                        .close_prober = nullptr,
                                        .check_signature = nullptr};
}

}  // namespace regcred::core
