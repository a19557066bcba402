// SPDX-License-Identifier: Apache-2.0
#include "cli/provider_args.hpp"

#include "cli/command_line.hpp"
#include "common/text.hpp"

namespace regcred::core {

Result<CommonOptions> provider_options(const KubeletProvider &provider) {
  const auto refuse = [&](const std::string &what, std::string cure) {
    return fail(ErrorCode::config, provider.arguments_where,
                "the provider " + in_quotes(provider.name.text) + " cannot answer: " + what, std::move(cure));
  };
  Result<CommandLine> line = parse_command_line(provider.arguments, false);
  if (!line) return refuse("regcred refuses its args: " + line.error().what, line.error().cure);
  if (!line->answers_kubelet) {
    return refuse("with these args regcred shows something instead of reading a request",
                  "remove the command from args; --config and --log-level may stay");
  }
  return std::move(line->options);
}

}  // namespace regcred::core
