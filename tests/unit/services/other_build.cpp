// A module that says it was built from something else.
#include "services/http/module_abi.hpp"

namespace regcred::core {

extern "C" {
extern const HttpModule regcred_http_module __attribute__((visibility("default")));
const HttpModule regcred_http_module = {{.version = "0.0.1 other"}, nullptr, nullptr};
}

}  // namespace regcred::core
