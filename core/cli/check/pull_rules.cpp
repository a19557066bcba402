// SPDX-License-Identifier: Apache-2.0
#include "cli/check/pull_rules.hpp"

#include <algorithm>

#include "cluster/named_registries.hpp"
#include "common/image_reference.hpp"
#include "common/text.hpp"
#include "match/pattern_relation.hpp"

namespace regcred::core {
namespace {

constexpr std::string_view docker_hub = "docker.io";

// Whether `registry`, with or without a path, is a host of Docker Hub that the kubelet never sends.
bool is_docker_hub(const std::string &registry) {
  const ImageReference image(registry);
  const std::string_view host = image.registry();
  return host == "index.docker.io" || host == "registry-1.docker.io" || host == "hub.docker.com";
}

class PullRules {
 public:
  explicit PullRules(const Inspection &inspection) : inspection_(inspection) {}

  void registries(std::size_t index, const std::vector<NamedRegistry> &named) {
    const RegistryEntry &entry = inspection_.config->registries[index];
    std::vector<bool> used(named.size());
    for (std::size_t p = 0; p < entry.match_images.size(); ++p) {
      const std::string pattern = asked_pattern(entry, entry.match_images[p]);
      bool served = false;
      for (std::size_t i = 0; i < named.size(); ++i) {
        if (!patterns_overlap(named[i].registry, pattern)) continue;
        used[i] = true;
        served = true;
      }
      if (!served) without_credential(place(index, "matchImages/" + std::to_string(p)), pattern, named);
    }
    for (std::size_t i = 0; i < named.size(); ++i) {
      if (used[i]) continue;
      add(Severity::warning, "credential-unused", place(index, "settings/" + named[i].path),
          "no image of this entry is of " + in_quotes(named[i].registry),
          is_docker_hub(named[i].registry) ? "write docker.io: so the kubelet names every image of Docker Hub"
                                           : "write the registry as matchImages has it, with its port, or remove it");
    }
  }

  // Only the kubelet's unit sets the directory of its credentials: what is missing in a shell may be there.
  void file(std::size_t index, const Error &error) {
    const std::size_t cure = error.what.find("; ");
    const bool is_unknown = error.what.find("CREDENTIALS_DIRECTORY is not set") != std::string::npos;
    const char *const rule = error.what.starts_with("settings.program") ? "program-file" : "secret-file";
    add(is_unknown ? Severity::warning : Severity::error, rule, place(index, settings_path(error.what)),
        error.what.substr(0, cure), cure == std::string::npos ? "correct the file" : error.what.substr(cure + 2));
  }

  std::vector<Finding> take() { return std::move(findings_); }

 private:
  std::string place(std::size_t index, const std::string &path) const {
    return index < inspection_.sources.size() ? inspection_.sources[index].place_of(path)
                                              : inspection_.config->registries[index].origin;
  }

  void without_credential(std::string where, const std::string &pattern, const std::vector<NamedRegistry> &named) {
    std::string what = "no credential in settings is for images of " + in_quotes(pattern) + ", so they get none";
    std::string cure = "add one, or remove the pattern";
    for (const NamedRegistry &item : named) {
      if (only_ports_differ(item.registry, pattern)) {
        what += ": " + in_quotes(item.registry) + " has another port";
        cure = "write the port in settings as the images have it";
        break;
      }
      if (is_docker_hub(item.registry) && patterns_overlap(docker_hub, pattern)) {
        what += ": " + in_quotes(item.registry) + " is what the kubelet calls docker.io";
        cure = "write docker.io in settings";
        break;
      }
    }
    add(Severity::error, "image-no-credential", std::move(where), std::move(what), std::move(cure));
  }

  void add(Severity severity, const char *rule, std::string where, std::string what, std::string cure) {
    findings_.push_back({severity, rule, std::move(where), std::move(what), std::move(cure)});
  }

  const Inspection &inspection_;
  std::vector<Finding> findings_;
};

}  // namespace

std::string settings_path(std::string_view message) {
  constexpr std::string_view start = "settings";
  if (!message.starts_with("settings.")) return std::string(start);
  std::string path(message.substr(0, message.find_first_of(": ,")));
  std::erase(path, ']');
  std::replace_if(
      path.begin(), path.end(), [](char c) { return c == '.' || c == '['; }, '/');
  return path;
}

std::vector<Finding> check_pulls(const Inspection &inspection, const std::vector<SurveyedBackend> &backends,
                                 const BackendLoader &loader, const std::string &credentials_directory, Clock &clock,
                                 LogSink &log) {
  PullRules rules(inspection);
  const std::vector<RegistryEntry> &entries = inspection.config->registries;
  for (const SurveyedBackend &backend : backends) {
    if (backend.error) continue;
    std::vector<TriedPull> pulls;
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].backend != backend.name) continue;
      const std::vector<NamedRegistry> named = named_registries(entries[i], backend.settings_schema);
      if (!named.empty()) rules.registries(i, named);
      for (std::string &image : sample_images(entries[i], named)) {
        pulls.push_back({&entries[i], std::move(image)});
        indices.push_back(i);
      }
    }
    const std::vector<Status> tried = try_pulls(pulls, loader, credentials_directory, clock, log);
    for (std::size_t i = 0; i < tried.size(); ++i) {
      if (!tried[i] && tried[i].error().code == ErrorCode::config) rules.file(indices[i], tried[i].error());
    }
  }
  return rules.take();
}

}  // namespace regcred::core
