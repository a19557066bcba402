// SPDX-License-Identifier: Apache-2.0
// The JSON Schema of the settings that setting_rules.hpp reads, once for all backends. A backend's schema names them
// between @ signs, and they are filled in when it is compiled:
//
//   inline constexpr std::string_view settings_schema = regcred::schema::filled<R"json({
//     ...
//     "apiHost": { "description": "host[:port] that exchanges the token, over https.", @host@ },
//   })json">;
//
// What one backend's schema says several times becomes a constant of its own: its name and text follow the schema.
//
//   regcred::schema::filled<R"json({ "team": { @slug@ }, "project": { @slug@ } })json",
//                           "slug", R"json("type": "string", "pattern": "^[a-z0-9-]+$", "maxLength": 63)json">
//
// A name that is not among them does not compile. The functions are stricter where a schema cannot say it well: ports
// above 65535, lengths of host labels, header names that a request needs for itself.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace regcred::schema {

// read_host()
inline constexpr std::string_view host =
    R"("type": "string", "pattern": "^[-a-zA-Z0-9.]+(:[1-9][0-9]{0,4})?$", "maxLength": 259)";

// read_base_url()
inline constexpr std::string_view base_url =
    R"("type": "string", "pattern": "^https://[-a-zA-Z0-9.]+(:[1-9][0-9]{0,4})?$", "maxLength": 267)";

// registry_host() of text.hpp: read_host() takes no address of IPv6, an image's registry may be one.
inline constexpr std::string_view registry =
    R"("type": "string", "maxLength": 259, )"
    R"("pattern": "^([-a-zA-Z0-9.]+|\\[[0-9a-fA-F:.]+\\])(:[1-9][0-9]{0,4})?$")";

// read_host_patterns()
inline constexpr std::string_view host_patterns =
    R"("type": "array", "maxItems": 64, "items": { "type": "string", "maxLength": 261, "pattern": )"
    R"("^([*][.][-a-zA-Z0-9]+[.])?[-a-zA-Z0-9.]+(:[1-9][0-9]{0,4})?$" })";

// read_username()
inline constexpr std::string_view username =
    R"("type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f:]+$", "maxLength": 256)";

// read_identity()
inline constexpr std::string_view identity =
    R"("description": "Whose identity is used: the pod's, by its token, or the node's, by its metadata service.", )"
    R"("enum": ["token", "node"], "default": "token")";

// read_headers()
inline constexpr std::string_view headers =
    R"("description": "Further headers of the exchange. Not Authorization, Host, Content-* and the like.", )"
    R"("type": "object", "maxProperties": 32, )"
    R"("propertyNames": { "pattern": "^[-!#$%&'*+.^_`|~0-9A-Za-z]+$", "maxLength": 128 }, )"
    R"("additionalProperties": { "type": "string", "pattern": "^[ -~]*$", "maxLength": 1024 })";

// read_audiences()
inline constexpr std::string_view audiences =
    R"("type": "array", "maxItems": 16, "items": { "type": "string", "pattern": "^[!-~]+$", "maxLength": 256 })";

// The name of a field in a request, an answer or a secret: printable ASCII without a space.
inline constexpr std::string_view field = R"("type": "string", "pattern": "^[!-~]+$", "maxLength": 128)";

// The key of a service account's annotation: a prefix of at most 253 bytes, a slash, and a name of at most 63. The
// format makes `regcred check` compare it with the annotations that the entry lets through.
inline constexpr std::string_view annotation_key =
    R"("type": "string", "format": "annotation-key", "pattern": "^[-._/0-9A-Za-z]+$", "maxLength": 317)";

}  // namespace regcred::schema

#include <regcred/detail/schema_impl.hpp>

namespace regcred::schema {

// The text with each @name@ replaced by the constant of that name; ends with a NUL that is not part of the view. `Own`
// are names and texts in turn, and are looked at first.
template <detail::Literal Text, detail::Literal... Own>
inline constexpr std::string_view filled = detail::filled_text<Text, Own...>.view();

}  // namespace regcred::schema
