// SPDX-License-Identifier: Apache-2.0
// What a command takes. CLI11 parses it; only options.cpp and what looks at the whole command line include that, since
// it takes longer to compile than a command does.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace regcred::core {

// One argument or option that was added, for what else is to be said of it.
class Argument {
 public:
  explicit Argument(CLI::Option *option) : option_(option) {}

  // Each gives the argument itself.
  Argument required() const;
  Argument value_name(const char *name) const;  // in --help; completion knows FILE, PATH and DIR
  Argument one_of(std::vector<std::string> values) const;
  Argument default_value(const char *value) const;
  Argument with_commas() const;  // several values in one
  Argument needs(Argument other) const;
  Argument excludes(Argument other) const;

 private:
  CLI::Option *option_;  // not null
};

// `name` is "NAME" for an argument by its place, "--name" or "-n,--name" for an option. A value is written when the
// command line is parsed, and must live until then.
class ArgumentParser {
 public:
  explicit ArgumentParser(CLI::App &app) : app_(app) {}

  Argument add(const char *name, std::string &value, const char *summary);
  Argument add(const char *name, std::optional<std::string> &value, const char *summary);
  Argument add(const char *name, std::vector<std::string> &values, const char *summary);  // may be given several times
  Argument add_flag(const char *name, bool &value, const char *summary);
  void add_footer(const char *text);  // below the options in --help

  [[nodiscard]] CLI::App &app() const { return app_; }

 private:
  CLI::App &app_;
};

// What several commands take.

// IMAGE, required.
void add_image(ArgumentParser &parser, std::string &image);

// -o, --output text or json.
void add_output_option(ArgumentParser &parser, bool &as_json);

// --kubelet-config: a CredentialProviderConfig, or a directory of them.
void add_kubelet_config_option(ArgumentParser &parser, std::optional<std::string> &path);

// --kubernetes-version: 1.34, v1.34.4.
void add_version_option(ArgumentParser &parser, std::optional<std::string> &version);

// --host-root: where a container sees the node's file system; a directory.
Argument add_host_root_option(ArgumentParser &parser, std::string &root);

}  // namespace regcred::core
