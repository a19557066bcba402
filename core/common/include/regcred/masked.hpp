// SPDX-License-Identifier: Apache-2.0
// What an operator wrote in the wrong place, made fit for a log: passwords in URLs, values in keys. Installed with the
// SDK. Both functions take any bytes; no other secret is recognised.
#pragma once

#include <string>
#include <string_view>

namespace regcred {

// `text` without what must not be logged, when it is a URL or a mistyped host: user info (RFC 3986, 3.2.1) becomes
// "...", and so does a URL's query. An image's digest stays.
[[nodiscard]] inline std::string without_user_info(std::string_view text);

// `key` up to the first ':' or '/', then "...": without the space behind "password:" the value is part of the key.
[[nodiscard]] inline std::string without_value(std::string_view key);

}  // namespace regcred

#include <regcred/detail/masked_impl.hpp>
