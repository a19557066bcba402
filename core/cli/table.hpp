// SPDX-License-Identifier: Apache-2.0
// Tables of plain text.
#pragma once

#include <string>
#include <vector>

namespace regcred::core {

// Rows of cells as left-aligned columns, two spaces apart, one line per row. The first row is the head.
[[nodiscard]] std::string format_table(const std::vector<std::vector<std::string>> &rows);

}  // namespace regcred::core
