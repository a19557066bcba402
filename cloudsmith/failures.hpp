// What the operator is told when the exchange does not give a credential. Never the token, never the body: Cloudsmith's
// own `detail` is recognised by meaning and not quoted.
#pragma once

#include <regcred/http.hpp>
#include <regcred/jwt.hpp>
#include <regcred/result.hpp>
#include <string>
#include <string_view>

#include "target.hpp"

namespace cloudsmith {

// Who asked whom: the facts that every text ends with. Refers to its parts.
struct Exchange {
  const Target &target;
  const regcred::UnverifiedClaims &claims;  // of the pod's token
  std::chrono::seconds unix_now;
};

// No response at all: the host's code and sentence, after the URL's host and before the facts.
[[nodiscard]] regcred::Failure not_reached(const regcred::Failure &why, const Exchange &exchange);

// A response whose status is not 200 or 201, or which is a web page. Codes: denied (400, 401, 403, 404, 422),
// throttled with the time to wait (429), unavailable (408, 425, 5xx), bad_upstream (all else).
[[nodiscard]] regcred::Failure refused(const regcred::HttpResponse &response, const Exchange &exchange);

// A 200 or 201 whose content cannot be used; `finding` says why.
[[nodiscard]] regcred::Failure unusable(std::string_view finding, const Exchange &exchange);

// True when the response is HTML by its Content-Type or its first byte: it comes from a proxy, a firewall, a login
// page.
[[nodiscard]] bool is_web_page(const regcred::HttpResponse &response);

}  // namespace cloudsmith
