// SPDX-License-Identifier: Apache-2.0
#include "node/removal_plan.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "common/contains.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"
#include "node/environment_file.hpp"
#include "node/provider_merge.hpp"

namespace regcred::core {
namespace {

class Removal {
 public:
  Removal(const NodeFacts &facts, const HostRoot &root) : facts_(facts), state_(facts.state), root_(root) {}

  Result<RemovalPlan> plan() {
    if (state_.provider_file.empty()) return std::move(plan_);
    if (!facts_.kubelet) {
      return fail(ErrorCode::usage, "this node", "runs no kubelet, so that nobody can say what it needs",
                  "start it first");
    }
    if (Status taken = take_flags(); !taken) return tl::make_unexpected(taken.error());
    if (Status taken = take_entries(); !taken) return tl::make_unexpected(taken.error());
    if (Status judged = judge(); !judged) return tl::make_unexpected(judged.error());
    if (plan_.restart.empty() && state_.unread_by == process_identity(facts_.kubelet->process)) {
      plan_.restart = "it was not restarted since its configuration changed";
    }
    list_files();
    return std::move(plan_);
  }

 private:
  Result<std::optional<std::string>> read(const std::string &path) const {
    if (!root_.is_file(path)) return std::nullopt;
    Result<std::string> text = root_.read(path, limits::config_file_bytes_max);
    if (!text) return tl::make_unexpected(text.error());
    return std::optional(std::move(*text));
  }

  Status take_flags() {
    if (state_.flags_file.empty()) return {};
    const Result<std::optional<std::string>> text = read(state_.flags_file);
    if (!text) return tl::make_unexpected(text.error());
    if (!*text) return {};
    const Result<EnvironmentFile> file = EnvironmentFile::parse(**text, state_.flags_file);
    if (!file) return tl::make_unexpected(file.error());
    const std::string value = file->value(state_.flags_variable).value_or("");
    const ProviderFlags given = command_line_flags(argument_words(value));
    const bool has_ours = given.config_path == state_.provider_file;
    loses_flags_ = has_ours || state_.unread_by == process_identity(facts_.kubelet->process);
    if (!has_ours) return {};  // they are gone already, or somebody has given others since
    plan_.changes.push_back({state_.flags_file, file->with(state_.flags_variable, with_provider_flags(value, {}))});
    plan_.restart = "it gets other flags by " + state_.flags_file;
    return {};
  }

  // Whether the kubelet has a provider beside ours.
  [[nodiscard]] bool has_others() const {
    const auto &all = facts_.providers.providers;
    return std::any_of(all.begin(), all.end(),
                       [&](const KubeletProvider &provider) { return !contains(state_.names, provider.name.text); });
  }

  [[nodiscard]] bool is_read() const {
    return std::any_of(facts_.provider_files.begin(), facts_.provider_files.end(),
                       [&](const ProviderText &file) { return file.path == state_.provider_file; });
  }

  // The file without our entries; without any other it goes as a whole.
  Status take_entries() {
    const Result<std::optional<std::string>> text = read(state_.provider_file);
    if (!text) return tl::make_unexpected(text.error());
    if (!*text) return {};
    const Result<std::vector<std::string>> names = provider_names(**text, state_.provider_file);
    if (!names) return tl::make_unexpected(names.error());
    const auto is_ours = [&](const std::string &name) { return contains(state_.names, name); };
    if (std::none_of(names->begin(), names->end(), is_ours)) return {};
    const bool is_whole = std::all_of(names->begin(), names->end(), is_ours);
    const bool is_needed = is_read() && !loses_flags_;  // the kubelet reads it also after this
    const bool is_rancher = facts_.kubelet->host != KubeletHost::systemd;
    if (is_whole && is_needed && !has_others() && !is_rancher) {  // guard: removal-leaves-a-provider
      return fail(ErrorCode::config, state_.provider_file, "has the only providers, and no kubelet starts without one",
                  "take both flags from the kubelet's command line and restart it first");
    }
    std::optional<std::string> rest;
    if (!is_whole) {
      Result<std::string> merged = merge_providers({**text, state_.provider_file, "", state_.names});
      if (!merged) return tl::make_unexpected(merged.error());
      rest = std::move(*merged);
    }
    if (is_needed) plan_.restart = "the kubelet reads " + state_.provider_file + " at its start only";
    if (loses_flags_ && is_whole) {
      plan_.files.push_back(state_.provider_file);  // the kubelet that runs still has the flags that name it
    } else {
      plan_.changes.push_back({state_.provider_file, std::move(rest)});
    }
    return {};
  }

  Status judge() const {
    for (const KubeletProvider &provider : facts_.providers.providers) {
      const bool is_elsewhere = !provider.where.starts_with(root_.here(state_.provider_file) + ':');
      if (!contains(state_.names, provider.name.text) || !is_elsewhere) continue;  // guard: removal-of-named-programs
      return fail(ErrorCode::config, provider.where,
                  "names the program of " + in_quotes(provider.name.text) + ", and no installation wrote this entry",
                  "take it out first: no kubelet starts without the program of an entry");
    }
    if (plan_.restart.empty()) return {};
    const Finding *const error = first_refusal(facts_.findings);
    if (error == nullptr) return {};
    return fail(ErrorCode::config, error->where, error->what + ": no kubelet would come up after a restart",
                error->cure);
  }

  void list_files() {
    for (const std::string &name : state_.names) {
      const std::string path = state_.bin_directory + '/' + name;
      std::array<char, PATH_MAX> target{};
      const std::string here = root_.real(state_.bin_directory) + '/' + name;
      const ssize_t size = ::readlink(here.c_str(), target.data(), target.size());
      const std::string leads(target.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
      if (leads.ends_with("/regcred")) plan_.files.push_back(path);
    }
    for (const std::string &path : state_.registries) {
      if (root_.is_file(path)) plan_.files.push_back(path);
    }
    if (state_.programs.empty()) return;
    plan_.files.push_back(state_.programs + "/current");
    plan_.trees.push_back(state_.programs + "/versions");
  }

  const NodeFacts &facts_;
  const InstalledState &state_;
  const HostRoot &root_;
  RemovalPlan plan_;
  bool loses_flags_ = false;  // the kubelet does not read our file after its next start
};

}  // namespace

Result<RemovalPlan> plan_removal(const NodeFacts &facts, const HostRoot &root) { return Removal(facts, root).plan(); }

}  // namespace regcred::core
