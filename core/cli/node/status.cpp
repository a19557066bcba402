// SPDX-License-Identifier: Apache-2.0
// `regcred node status`.
#include <memory>

#include "cli/node/node.hpp"
#include "cli/node/node_survey.hpp"
#include "cli/node/survey_report.hpp"
#include "cli/options.hpp"

namespace regcred::core {
namespace {

struct Options {
  InstallOptions install;
  bool as_json = false;
};

Output status(const Options &options, const Context &context) {
  const Result<NodeSurvey> survey = survey_node(options.install, context);
  if (!survey) return {"", survey.error()};
  return {options.as_json ? survey_as_json(*survey) : survey_as_text(*survey, context.terminal), std::nullopt};
}

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<Options>();
  add_install_options(parser, options->install);
  add_output_option(parser, options->as_json);
  return [options](const Context &context) { return status(*options, context); };
}

}  // namespace

const Command node_status = {"status", "Show the kubelet, its providers, and what an installation would do", declare};

}  // namespace regcred::core
