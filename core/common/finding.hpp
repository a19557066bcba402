// SPDX-License-Identifier: Apache-2.0
// A finding of `regcred check`: one thing that is wrong, or will be, at one place of a file.
#pragma once

#include <string>

namespace regcred::core {

enum class Severity {
  error,    // does not work: the kubelet or regcred refuses it, or it can never have an effect
  warning,  // works, but probably not as intended
  note,     // worth knowing
};

// One finding. `rule` is a lower-case name with '-', stable over versions, for people to search and scripts to select.
// `what` is one sentence without its full stop, `cure` what to do; neither holds a secret. All may quote hostile text:
// they are made printable where they are shown.
struct Finding {
  Severity severity = Severity::error;
  std::string rule;   // "cache-type-missing"
  std::string where;  // "FILE:LINE:COLUMN", or a file or directory alone
  std::string what;
  std::string cure;
};

}  // namespace regcred::core
