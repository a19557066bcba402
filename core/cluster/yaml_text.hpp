// SPDX-License-Identifier: Apache-2.0
// Text from the configuration inside generated YAML: it may hold anything, and must not be read as YAML.
#pragma once

#include <string>
#include <string_view>

namespace regcred::core {

// `text` as a double-quoted scalar on one line. Everything beyond printable ASCII is escaped (YAML 1.2, 5.7), and
// bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string yaml_quoted(std::string_view text);

// `text` as one comment, "# ..." without a newline at its end, wrapped at `columns_max` columns with `indent` spaces
// before each line. Made printable, so it cannot end the comment.
[[nodiscard]] std::string yaml_comment(std::string_view text, std::size_t indent = 0, std::size_t columns_max = 110);

}  // namespace regcred::core
