// SPDX-License-Identifier: Apache-2.0
#include "conformance/command_line.hpp"

#include <fnmatch.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "common/ascii.hpp"
#include "common/duration.hpp"
#include "common/text.hpp"

namespace regcred::conformance {
namespace {

using core::ErrorCode;

constexpr const char *description =
    "regcred-conformance runs a backend for regcred through every promise of the backend ABI.\n"
    "Exit status: 0 all passed, 1 some failed, 2 usage, 5 the backend cannot be loaded.";

void declare(CLI::App &app, Command &command, std::string &timeout) {
  SubjectSources &sources = command.sources;
  app.add_option("BACKEND", sources.backend, "The backend's shared object")->type_name("FILE.so");
  app.add_option("--settings", sources.settings, "Settings that the backend takes, as in an entry: JSON or YAML")
      ->type_name("FILE");
  app.add_option("--conversation", sources.conversation,
                 "The network calls of one success and their replies: JSON or YAML")
      ->type_name("FILE");
  app.add_option("--request", sources.request, "A CredentialProviderRequest that the backend can answer")
      ->type_name("FILE");
  app.add_option("--image", sources.image, "Image to ask for: HOST/PATH, without tag")->type_name("IMAGE");
  app.add_option("--token-file", sources.token_file, "Service account token to ask with (default: one is made)")
      ->type_name("FILE");
  app.add_option("--annotation", sources.annotations, "Annotation of the service account; repeatable")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--include", command.include, "Run only checks whose name matches; repeatable")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
  app.add_option("--exclude", command.exclude, "Leave out checks whose name matches; repeatable")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
  app.add_option("--skip-file", command.skip_file, "Lines `check-name: reason`: not run, shown as skipped")
      ->type_name("FILE");
  app.add_option("--timeout", timeout, "For one check (default 10s)")->type_name("DURATION");
  app.add_flag("--in-process", command.in_process, "Run the checks in this process, for debuggers");
  app.add_flag("--json", command.json, "Report as JSON");
  app.add_flag_callback(
      "--list", [&command] { command.action = Action::list; }, "List the checks, run none");
  app.add_flag_callback(
      "--version", [&command] { command.action = Action::version; }, "Print the version");
}

bool matches(const std::string &name, const std::string &pattern) {
  return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

bool matches_any(const std::string &name, const std::vector<std::string> &patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string &one) { return matches(name, one); });
}

}  // namespace

core::Result<Command> parse_command_line(const std::vector<std::string> &arguments) {
  Command command;
  std::string timeout;
  CLI::App app(description, "regcred-conformance");
  try {
    declare(app, command, timeout);
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // CLI11 takes them from the back
    app.parse(reversed);
  } catch (const CLI::CallForHelp &) {
    command.action = Action::help;
    command.help_text = app.help();
    return command;
  } catch (const CLI::ParseError &error) {
    return core::fail(ErrorCode::usage, "command line", error.what(), "see regcred-conformance --help");
  }
  if (!timeout.empty()) {
    const auto duration = core::parse_duration(timeout);
    if (!duration || duration->count() <= 0) {
      return core::fail(ErrorCode::usage, "--timeout", core::in_quotes(timeout) + " is not a duration",
                        "write 10s or 500ms");
    }
    command.timeout = *duration;
  }
  if (command.action == Action::run && command.sources.backend.empty()) {
    return core::fail(ErrorCode::usage, "command line", "no backend is named",
                      "write regcred-conformance BACKEND.so; see --help");
  }
  return command;
}

core::Result<std::vector<Check>> choose_checks(const std::vector<Check> &all, const Command &command) {
  for (const std::vector<std::string> *patterns : {&command.include, &command.exclude}) {
    for (const std::string &pattern : *patterns) {
      const bool known = std::any_of(all.begin(), all.end(), [&](const Check &c) { return matches(c.name, pattern); });
      if (!known) {
        return core::fail(ErrorCode::usage, core::in_quotes(pattern, 100), "matches no check",
                          "see regcred-conformance --list");
      }
    }
  }
  std::vector<Check> chosen;
  for (const Check &check : all) {
    const bool included = command.include.empty() || matches_any(check.name, command.include);
    if (included && !matches_any(check.name, command.exclude)) chosen.push_back(check);
  }
  return chosen;
}

core::Result<std::map<std::string, std::string>> read_skips(std::string_view text, const std::string &where,
                                                            const std::vector<Check> &all) {
  std::map<std::string, std::string> skips;
  int number = 0;
  while (!text.empty()) {
    const std::string line(core::trimmed(text.substr(0, text.find('\n'))));
    text.remove_prefix(
        std::min(text.size(), text.find('\n') == std::string_view::npos ? text.size() : text.find('\n') + 1));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const auto wrong = [&](std::string what, std::string cure) {
      return core::fail(ErrorCode::usage, where + ":" + std::to_string(number), std::move(what), std::move(cure));
    };
    const std::size_t colon = line.find(':');
    const std::string name(core::trimmed(std::string_view(line).substr(0, colon)));
    const std::string reason = colon == std::string::npos
                                   ? std::string()
                                   : std::string(core::trimmed(std::string_view(line).substr(colon + 1)));
    if (reason.empty()) return wrong("has no reason", "write `check-name: reason`");
    if (std::none_of(all.begin(), all.end(), [&](const Check &check) { return check.name == name; })) {
      std::vector<std::string_view> names;
      names.reserve(all.size());
      for (const Check &check : all) names.push_back(check.name);
      const std::string_view near = core::nearest(name, names);
      return wrong("there is no check " + core::printable(name, 100),
                   near.empty() ? "see regcred-conformance --list" : "did you mean " + std::string(near) + "?");
    }
    if (!skips.emplace(name, reason).second) return wrong(name + " is named twice", "keep one line");
  }
  return skips;
}

}  // namespace regcred::conformance
