// SPDX-License-Identifier: Apache-2.0
// Which backend backend.cpp asks, and with what. CMakeLists.txt writes a definition for each backend, so that the rest
// is compiled once.
#pragma once

namespace regcred::fuzz {

struct BackendCase {
  const char *file;      // of the backend
  const char *settings;  // JSON
  const char *image;     // that is asked for
};

extern const BackendCase backend_case;

}  // namespace regcred::fuzz
