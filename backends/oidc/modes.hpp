// SPDX-License-Identifier: Apache-2.0
// The kinds of exchange that the oidc backend knows: which field holds the token, and which other fields are sent.
#pragma once

#include <optional>
#include <regcred/exchange.hpp>
#include <string>
#include <string_view>

namespace oidc {

enum class Kind {
  body,          // the token is a field of the body
  bearer,        // the token is the Authorization header (RFC 6750)
  pass_through,  // no exchange: the token is the password
};

// One row of the table.
struct Mode {
  std::string_view name;  // as in settings.mode
  Kind kind;
  std::string_view token_field;  // of Kind::body; empty: settings.tokenField
  regcred::Fields fields;        // sent with it, unless settings.fields says otherwise
  std::string_view fixed;        // the one of them that settings may not change; empty: none
};

// tokenExchange (RFC 8693, section 2.1), jwtBearer (RFC 7523, section 2.1), clientAssertion (RFC 7523, section 2.2,
// with the client_credentials grant), custom, bearer, passThrough. nullopt for any other name.
[[nodiscard]] std::optional<Mode> find_mode(std::string_view name);

// `tokenExchange, jwtBearer, ...` for messages.
[[nodiscard]] std::string mode_names();

}  // namespace oidc
