// Text as the man macros of roff want it (groff_man(7)).
#pragma once

#include <string>
#include <string_view>

namespace regcred::core {

// Words of a paragraph: backslashes, leading dots and quotes are escaped, and hyphens that are typed stay hyphens.
[[nodiscard]] std::string roff_text(std::string_view text);

// The same in bold, as a name that is typed; in italics, as a value that is replaced.
[[nodiscard]] std::string roff_bold(std::string_view text);
[[nodiscard]] std::string roff_italic(std::string_view text);

// Lines that keep their shape: an example.
[[nodiscard]] std::string roff_example(std::string_view lines);

// The first line of a page: its name in capitals, section, and the version in the foot. No date, so that the same
// source gives the same bytes.
[[nodiscard]] std::string roff_head(std::string_view name, int section);

}  // namespace regcred::core
