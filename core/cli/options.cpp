// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <utility>

namespace regcred::core {

Argument Argument::required() const { return Argument(option_->required()); }
Argument Argument::value_name(const char *name) const { return Argument(option_->type_name(name)); }
Argument Argument::one_of(std::vector<std::string> values) const {
  return Argument(option_->check(CLI::IsMember(std::move(values))));
}
Argument Argument::default_value(const char *value) const { return Argument(option_->default_val(value)); }
Argument Argument::with_commas() const { return Argument(option_->delimiter(',')); }
Argument Argument::needs(Argument other) const { return Argument(option_->needs(other.option_)); }
Argument Argument::excludes(Argument other) const { return Argument(option_->excludes(other.option_)); }

Argument ArgumentParser::add(const char *name, std::string &value, const char *summary) {
  return Argument(app_.add_option(name, value, summary));
}

Argument ArgumentParser::add(const char *name, std::optional<std::string> &value, const char *summary) {
  return Argument(app_.add_option(name, value, summary));
}

Argument ArgumentParser::add(const char *name, std::vector<std::string> &values, const char *summary) {
  return Argument(app_.add_option(name, values, summary)->expected(1)->take_all());
}

Argument ArgumentParser::add_flag(const char *name, bool &value, const char *summary) {
  return Argument(app_.add_flag(name, value, summary));
}

void ArgumentParser::add_footer(const char *text) { app_.footer(text); }

void add_image(ArgumentParser &parser, std::string &image) {
  parser.add("IMAGE", image, "As in a pod: nginx, registry.example.com/app:1.2").required();
}

void add_output_option(ArgumentParser &parser, bool &as_json) {
  const auto read = [&as_json](const std::string &format) { as_json = format == "json"; };
  Argument(parser.app().add_option_function<std::string>("-o,--output", read, "How to print"))
      .one_of({"text", "json"})
      .value_name("FORMAT");
}

void add_kubelet_config_option(ArgumentParser &parser, std::optional<std::string> &path) {
  parser.add("--kubelet-config", path, "The kubelet's CredentialProviderConfig: a file or directory")
      .value_name("PATH");
}

void add_version_option(ArgumentParser &parser, std::optional<std::string> &version) {
  parser.add("--kubernetes-version", version, "The kubelet's version, like 1.34").value_name("VERSION");
}

Argument add_host_root_option(ArgumentParser &parser, std::string &root) {
  return parser.add("--host-root", root, "Where the node's file system is seen, like /proc/1/root (default: /)")
      .value_name("DIR");
}

}  // namespace regcred::core
