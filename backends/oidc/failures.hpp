// SPDX-License-Identifier: Apache-2.0
// What the standard errors of an exchange mean to the operator.
#pragma once

#include <regcred/exchange.hpp>

namespace oidc {

// Errors of RFC 6749 (5.2) and RFC 8693 (2.2.2), and statuses that a wrong setting causes. exchange.hpp has the
// messages for all others.
inline constexpr regcred::Refusal refusals[] = {
    {400, "invalid_request", regcred::Code::denied,
     "a field is missing or wrong, or the token is not trusted; correct settings.fields, or have it trust this issuer, "
     "audience and subject"},
    {400, "invalid_grant", regcred::Code::denied,
     "the token is not trusted; have it trust this issuer, audience and subject"},
    {400, "invalid_target", regcred::Code::denied,
     "no token is given for the audience or resource in settings.fields; correct them, or allow them there"},
    {400, "invalid_scope", regcred::Code::bad_config, "the scope is unknown; correct settings.fields"},
    {400, "unsupported_grant_type", regcred::Code::bad_config,
     "this kind of exchange is unknown there; correct settings.mode or settings.exchangeUrl"},
    {400, "unauthorized_client", regcred::Code::denied,
     "this client may not exchange tokens; allow it there, or correct client_id in settings.fields"},
    {400, "invalid_client", regcred::Code::denied,
     "the client is unknown or not proven; correct client_id and secret, or have it trust this issuer, audience and "
     "subject"},
    {401, "invalid_client", regcred::Code::denied,
     "the client is unknown or not proven; correct client_id and secret, or have it trust this issuer, audience and "
     "subject"},
    {404, "", regcred::Code::bad_config, "nothing is at this address; correct settings.exchangeUrl"},
    {405, "", regcred::Code::bad_config, "this address takes no POST; correct settings.exchangeUrl"},
    {415, "", regcred::Code::bad_config, "the body is not understood; correct settings.encoding (form or json)"},
};

}  // namespace oidc
