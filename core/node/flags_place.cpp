// SPDX-License-Identifier: Apache-2.0
#include "node/flags_place.hpp"

#include <algorithm>

#include "node/environment_file.hpp"

namespace regcred::core {
namespace {

constexpr const char *usual_variable = "KUBELET_EXTRA_ARGS";

bool is_operators(const std::string &path) {
  return path.starts_with("/etc/default/") || path.starts_with("/etc/sysconfig/");
}

tl::unexpected<Error> refuse(const std::string &where, std::string what) {
  return fail(ErrorCode::config, where, std::move(what),
              "install with --mode files, and give the kubelet both flags where its command line is made");
}

// "NAME" of the words $NAME, which systemd splits; ${NAME} stays one word.
std::string variable_of(const KubeletUnit &unit) {
  std::string last;
  for (const std::string &word : unit.command) {
    if (!word.starts_with('$') || word.starts_with("${") || word.starts_with("$$")) continue;
    last = word.substr(1);
    if (last == usual_variable) break;
  }
  return last;
}

}  // namespace

Result<FlagsPlace> flags_place(const NodeFacts &facts) {
  if (!facts.unit) return refuse("this node", "starts the kubelet otherwise than by a systemd unit");
  const KubeletUnit &unit = *facts.unit;
  FlagsPlace place{{}, {}, variable_of(unit), {}};
  if (place.variable.empty()) return refuse(unit.name, "has no variable in its command line that could take flags");
  bool has_value = false;
  for (const auto &[name, value] : unit.environment) {
    if (name == place.variable) place.value = value;
  }
  for (const std::string &path : unit.environment_files) {
    const auto there = std::find_if(facts.environment_files.begin(), facts.environment_files.end(),
                                    [&](const ProviderText &file) { return file.path == path; });
    const bool is_there = there != facts.environment_files.end();
    std::optional<std::string> value;
    if (is_there) {
      const Result<EnvironmentFile> file = EnvironmentFile::parse(there->text, path);
      if (!file) return tl::make_unexpected(file.error());
      value = file->value(place.variable);
    }
    if (value && !is_operators(path)) {
      return refuse(path, "sets " + place.variable + ", and is made anew by what manages this node");
    }
    if (value) place.value = *value;
    if (value || (is_operators(path) && !has_value)) {
      has_value = value.has_value();
      place.file = path;
      place.text = is_there ? there->text : std::string();
    }
  }
  if (place.file.empty()) return refuse(unit.name, "reads no file below /etc/default or /etc/sysconfig");
  return place;
}

Result<std::string> text_with_flags(const FlagsPlace &place, const ProviderFlags &flags) {
  const Result<EnvironmentFile> file = EnvironmentFile::parse(place.text, place.file);
  if (!file) return tl::make_unexpected(file.error());
  return file->with(place.variable, with_provider_flags(place.value, flags));
}

}  // namespace regcred::core
