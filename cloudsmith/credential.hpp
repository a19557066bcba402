// From Cloudsmith's response to the credential.
#pragma once

#include <regcred/backend.hpp>
#include <regcred/http.hpp>
#include <string>

#include "failures.hpp"

namespace cloudsmith {

// The credential in a response of any status: `username` and the response's token, for what the target says, alive
// until the token's exp. The lifetime is unknown when the token is no JWT or has no exp; it is never guessed.
// Fails as failures.hpp says when there is none, or when it is expired already.
[[nodiscard]] regcred::Result<regcred::Credentials> read_credential(const regcred::HttpResponse &response,
                                                                    const std::string &username,
                                                                    const Exchange &exchange);

}  // namespace cloudsmith
