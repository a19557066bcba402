// SPDX-License-Identifier: Apache-2.0
// OpenSSL's words for its errors, which the bundle does not load before something fails (prepare_curl()).
#pragma once

#include <string>
#include <string_view>

namespace regcred::core {

// libcurl's error text with OpenSSL's words where its number stands alone: "error:0A00010B:lib(20)::reason(267)"
// becomes "error:0A00010B:SSL routines::wrong version number". Any other text as it is. Throws std::bad_alloc.
[[nodiscard]] std::string with_openssl_words(std::string_view text);

}  // namespace regcred::core
