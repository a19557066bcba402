// SPDX-License-Identifier: Apache-2.0
#include "node/install_plan.hpp"

#include <algorithm>

#include "cluster/other_providers.hpp"
#include "common/contains.hpp"
#include "common/sha256.hpp"
#include "common/text.hpp"
#include "node/flags_place.hpp"
#include "node/kubelet_rules.hpp"
#include "node/provider_merge.hpp"

namespace regcred::core {
namespace {

constexpr const char *own_file_name = "50-regcred.yaml";

const ProviderText *find_file(const std::vector<ProviderText> &files, const std::string &path) {
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const ProviderText &file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

class Planner {
 public:
  Planner(const NodeFacts &facts, const NodePlaces &places, const OwnParts &own) : facts_(facts), own_(own) {
    plan_.places = places;
  }

  Result<InstallPlan> plan(InstallMode asked) {
    Result<std::vector<std::string>> names = provider_names(own_.providers, "our providers");
    if (!names) return tl::make_unexpected(names.error());
    plan_.names = std::move(*names);
    if (Status chosen = choose(asked); !chosen) return tl::make_unexpected(chosen.error());
    put_program();
    for (const OwnParts::Registry &file : own_.registries) {
      add(InstallStep::Kind::registry, plan_.places.configuration + '/' + file.name, file.text).mode = file.mode;
    }
    for (const std::string &name : plan_.names) {
      add(InstallStep::Kind::program, plan_.bin_directory + '/' + name, program_).is_link = true;
    }
    put_providers();
    if (Status put = put_flags(); !put) return tl::make_unexpected(put.error());
    judge();
    return std::move(plan_);
  }

 private:
  InstallStep &add(InstallStep::Kind kind, std::string path, std::string content) {
    return plan_.steps.emplace_back(InstallStep{kind, std::move(path), std::move(content), false, 0644});
  }

  tl::unexpected<Error> refuse(std::string what, std::string cure, ErrorCode code = ErrorCode::config) const {
    return fail(code, facts_.kubelet ? kubelet_place(*facts_.kubelet) : "this node", std::move(what), std::move(cure));
  }

  void use(InstallMode mode, std::string reason) {
    plan_.mode = mode;
    plan_.reason = std::move(reason);
    const bool is_own = mode == InstallMode::flags || mode == InstallMode::files;
    plan_.bin_directory = is_own ? plan_.places.bin_directory : facts_.kubelet->bin_directory;
    plan_.provider_file = is_own ? plan_.places.provider_file : facts_.kubelet->config_path;
    if (mode == InstallMode::directory) plan_.provider_file += std::string("/") + own_file_name;
  }

  Status choose(InstallMode asked) {
    if (asked == InstallMode::files) {
      use(asked, "it was asked for");
      return {};
    }
    if (!facts_.kubelet) {
      return refuse("no kubelet runs here", "start it first, or use --mode files", ErrorCode::usage);
    }
    const RunningKubelet &kubelet = *facts_.kubelet;
    const bool has_config = !kubelet.config_path.empty();
    if (has_config != !kubelet.bin_directory.empty()) {
      return refuse("has one of the two flags without the other", "give both in " + kubelet.flags_origin);
    }
    choose_possible(kubelet, has_config);
    if (asked == InstallMode::automatic || asked == plan_.mode) return {};
    return refuse(std::string("cannot be installed in mode ") + to_text(asked) + ", since " + plan_.reason,
                  std::string("use --mode ") + to_text(plan_.mode) + " or auto");
  }

  void choose_possible(const RunningKubelet &kubelet, bool has_config) {
    if (!has_config) return use(InstallMode::flags, "the kubelet has no provider's configuration yet");
    if (kubelet.config_path == plan_.places.provider_file && kubelet.bin_directory == plan_.places.bin_directory) {
      return use(InstallMode::flags, "the kubelet reads regcred's own file");
    }
    if (facts_.has_directory) return use(InstallMode::directory, kubelet.config_path + " is a directory");
    use(InstallMode::merge, kubelet.config_path + " is a file that the kubelet reads already");
  }

  void put_program() {
    program_ = own_.installed_program;
    if (!program_.empty()) return;
    const std::string &programs = plan_.places.programs;
    const std::string version = "versions/" + own_.tree_id;
    add(InstallStep::Kind::tree, programs + '/' + version, own_.tree).mode = 0755;
    add(InstallStep::Kind::current, programs + "/current", version).is_link = true;
    program_ = programs + "/current/bin/regcred";
  }

  // The names of entries that we may replace or take out.
  [[nodiscard]] std::vector<std::string> own_names() const {
    std::vector<std::string> ours;
    for (const KubeletProvider &provider : facts_.providers.providers) {
      const std::string &name = provider.name.text;
      const bool was_written = contains(facts_.state.names, name);
      const bool is_planned = contains(plan_.names, name);
      if (provider.is_regcred.value_or(was_written) && (was_written || is_planned)) ours.push_back(name);
    }
    return ours;
  }

  // What stands where our entries go; null when nothing does.
  [[nodiscard]] const ProviderText *file_there() const {
    const ProviderText *const read = find_file(facts_.provider_files, plan_.provider_file);
    if (read != nullptr || !facts_.own_file || facts_.own_file->path != plan_.provider_file) return read;
    return &*facts_.own_file;
  }

  // Whether every entry of the file is ours, so that all of it may be written anew.
  [[nodiscard]] static bool is_ours(const ProviderText &file, const std::vector<std::string> &ours) {
    const Result<std::vector<std::string>> names = provider_names(file.text, file.path);
    return names &&
           std::all_of(names->begin(), names->end(), [&](const std::string &name) { return contains(ours, name); });
  }

  void put_providers() {
    const ProviderText *const there = file_there();
    const std::vector<std::string> ours = own_names();
    std::string text = own_.providers;
    if (there != nullptr && (plan_.mode == InstallMode::merge || !is_ours(*there, ours))) {
      Result<std::string> merged = merge_providers({there->text, there->path, own_.providers, ours});
      if (!merged) {
        const Error &error = merged.error();
        plan_.findings.push_back({Severity::error, "foreign-entry", error.where, error.what, error.cure});
        return;
      }
      text = std::move(*merged);
    }
    add(InstallStep::Kind::providers, plan_.provider_file, text);
    if (plan_.mode == InstallMode::directory) plan_.kubelet_files = facts_.provider_files;
    std::vector<ProviderText> &files = plan_.kubelet_files;
    const auto after = std::find_if(files.begin(), files.end(),
                                    [&](const ProviderText &file) { return file.path >= plan_.provider_file; });
    if (after != files.end() && after->path == plan_.provider_file) {
      after->text = std::move(text);
    } else {
      files.insert(after, {plan_.provider_file, std::move(text)});
    }
  }

  Status put_flags() {
    if (plan_.mode != InstallMode::flags || facts_.kubelet->host != KubeletHost::systemd) return {};
    const bool are_given = !facts_.kubelet->config_path.empty();
    const bool are_elsewhere = are_given && facts_.state.flags_file.empty();
    if (are_elsewhere) return {};  // by what makes this kubelet's command line
    const Result<FlagsPlace> place = flags_place(facts_);
    if (!place) return tl::make_unexpected(place.error());
    const Result<std::string> text = text_with_flags(*place, {plan_.provider_file, plan_.bin_directory, {}});
    if (!text) return tl::make_unexpected(text.error());
    plan_.flags_variable = place->variable;
    add(InstallStep::Kind::flags, place->file, *text);
    return {};
  }

  void judge() {
    if (plan_.kubelet_files.empty()) return;
    ProviderConfig read = read_provider_texts(plan_.kubelet_files, facts_.version, plan_.findings);
    for (KubeletProvider &provider : read.providers) {
      if (contains(plan_.names, provider.name.text)) provider.is_regcred = true;
    }
    for (Finding &finding : check_other_providers(read, facts_.version)) plan_.findings.push_back(std::move(finding));
    if (plan_.mode == InstallMode::merge || plan_.mode == InstallMode::directory) judge_others();
    plan_.digest = content_digest();
    for (const RejectedContent &rejected : facts_.state.rejected) {
      if (rejected.digest != plan_.digest) continue;  // guard: rejected-content
      plan_.findings.push_back({Severity::error, "rejected-before", plan_.provider_file,
                                "the kubelet did not come up with this content before: " + rejected.reason,
                                "change the configuration; or take the item out of \"rejected\" in " +
                                    std::string(installed_state_path) + " when the cause is gone"});
    }
  }

  // The entries of others: the kubelet that is restarted needs their programs, too.
  void judge_others() {
    const auto is_known = [&](const std::string &name) {
      return contains(plan_.names, name) || contains(facts_.state.names, name);
    };
    for (const Finding &finding : facts_.findings) {
      const auto &all = facts_.providers.providers;
      const auto provider = std::find_if(all.begin(), all.end(), [&](const KubeletProvider &item) {
        return item.name.where == finding.where && finding.rule.starts_with("program-");
      });
      const bool counts = provider == all.end() ? finding.rule == "bin-directory" : !is_known(provider->name.text);
      if (counts) plan_.findings.push_back(finding);  // guard: foreign-programs
    }
    for (const KubeletProvider &provider : facts_.providers.providers) {
      if (!provider.is_regcred.value_or(false) || is_known(provider.name.text)) continue;
      plan_.findings.push_back({Severity::note, "runs-regcred-too", provider.where,
                                "the entry " + in_quotes(provider.name.text) + " starts regcred as well, and is kept",
                                "remove it when regcred's new entries serve its images"});
    }
  }

  [[nodiscard]] std::string content_digest() const {
    std::string all = to_text(facts_.version);
    for (const ProviderText &file : plan_.kubelet_files) all += '\n' + file.path + '\n' + file.text;
    for (const InstallStep &step : plan_.steps) {
      if (step.kind == InstallStep::Kind::flags) all += '\n' + step.content;
    }
    return sha256_of_text(all);
  }

  const NodeFacts &facts_;
  const OwnParts &own_;
  InstallPlan plan_;
  std::string program_;  // where the links lead
};

}  // namespace

const char *to_text(InstallMode mode) { return install_mode_names[static_cast<int>(mode)]; }

Result<InstallPlan> plan_install(const NodeFacts &facts, const NodePlaces &places, const OwnParts &own,
                                 InstallMode mode) {
  return Planner(facts, places, own).plan(mode);
}

}  // namespace regcred::core
