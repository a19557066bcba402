// SPDX-License-Identifier: Apache-2.0
// Closes descriptors that a new process must not have.
#pragma once

namespace regcred::core {

// Closes `first` and every higher descriptor, also on kernels without close_range(2) and where a filter refuses it.
void close_from(int first) noexcept;

}  // namespace regcred::core
