// No exchange: the registry verifies the pod's token itself.
#pragma once

#include <regcred/backend.hpp>
#include <regcred/exchange.hpp>
#include <regcred/host.hpp>

#include "options.hpp"

namespace oidc {

// The token as the password, never to be cached: it is one pod's. BAD_REQUEST with the claims to look at when it is
// expired by this node's clock, or when it has an audience that is not the registry's (or in settings.audiences):
// whoever is given a token can use it with each of its audiences, above all with the API server.
[[nodiscard]] regcred::Result<regcred::Credentials> pass_through(const Options &options,
                                                                 const regcred::Request &request,
                                                                 const regcred::PodToken &token,
                                                                 const regcred::Host &host);

}  // namespace oidc
