// SPDX-License-Identifier: Apache-2.0
// Recognises differences by chance: what differs between texts of identical requests is a nonce or a time stamp.
#pragma once

#include <string>
#include <vector>

namespace regcred::conformance {

// Whether `other` differs from `alike`, the texts of identical requests, in more than these differ in. Compared are the
// words of each value of a JSON object, of each claim of a JWT, and of each parameter of a query or form.
[[nodiscard]] bool differs(const std::vector<std::string> &alike, const std::string &other);

}  // namespace regcred::conformance
