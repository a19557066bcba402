// SPDX-License-Identifier: Apache-2.0
#include "node/installer.hpp"

#include <algorithm>
#include <filesystem>

#include "common/contains.hpp"
#include "common/file_path.hpp"
#include "common/limits.hpp"
#include "node/program_tree.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t rejected_max = 20;

void add_once(std::vector<std::string> &list, const std::string &item) {
  if (!contains(list, item)) list.push_back(item);
}

std::string staged_directory() { return std::string(installed_state_directory) + "/staged"; }

const InstallStep *step_of(const InstallPlan &plan, InstallStep::Kind kind) {
  const auto found =
      std::find_if(plan.steps.begin(), plan.steps.end(), [&](const InstallStep &step) { return step.kind == kind; });
  return found == plan.steps.end() ? nullptr : &*found;
}

bool is_of_kubelet(const InstallStep &step) {
  return step.kind == InstallStep::Kind::providers || step.kind == InstallStep::Kind::flags;
}

bool changes_kubelet(const InstallPlan &plan, const InstallOutlook &outlook) {
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (is_of_kubelet(plan.steps[i]) && !outlook.is_done[i]) return true;
  }
  return false;
}

// What is known as installed: all that may be there while the work goes on, or what the plan alone leaves at its end.
InstalledState state_of(const InstallPlan &plan, const NodeFacts &facts, const OwnParts &own, bool is_end) {
  InstalledState state = facts.state;
  if (is_end) {
    state.version = own.version;
    state.names.clear();
    if (!own.registries.empty()) state.registries.clear();
  }
  for (const std::string &name : plan.names) add_once(state.names, name);
  state.provider_file = plan.provider_file;
  state.bin_directory = plan.bin_directory;
  if (facts.unit) state.unit = facts.unit->name;
  state.programs = own.installed_program.empty() ? plan.places.programs : std::string();
  for (const InstallStep &step : plan.steps) {
    if (step.kind == InstallStep::Kind::registry) add_once(state.registries, step.path);
    if (step.kind != InstallStep::Kind::flags) continue;
    state.flags_file = step.path;
    state.flags_variable = plan.flags_variable;
  }
  return state;
}

}  // namespace

Status Installer::put(const InstallStep &step) {
  if (Status made = make_directories(files_, root_, parent_of(step.path)); !made) return made;
  if (step.kind == InstallStep::Kind::tree) return copy_tree(step);
  if (step.is_link) return replace_link(files_, step.path, step.content);
  return replace_file(files_, root_.real_on_node(step.path), step.content, step.mode);
}

Status Installer::put_from(const Work &work, InstallStep::Kind first, InstallStep::Kind last) {
  for (std::size_t i = 0; i < work.plan.steps.size(); ++i) {
    const InstallStep &step = work.plan.steps[i];
    if (step.kind < first || last < step.kind || work.outlook.is_done[i]) continue;
    if (Status done = put(step); !done) return done;
  }
  return {};
}

// The tree gets its name when all of it is on the disk.
Status Installer::copy_tree(const InstallStep &step) {
  const Result<std::vector<TreeItem>> items = list_program_tree(step.content);
  if (!items) return tl::make_unexpected(items.error());
  // guard: tree-named-when-complete
  const std::string temporary = parent_of(step.path) + "/.new-" + file_name_of(step.path);
  if (Status done = files_.remove_tree(temporary); !done) return done;
  if (Status done = files_.make_directory(temporary); !done) return done;
  std::vector<std::string> directories = {temporary};
  for (const TreeItem &item : *items) {
    const std::string path = temporary + '/' + item.path;
    Status done;
    if (item.kind == TreeItem::Kind::directory) {
      done = files_.make_directory(path);
      directories.push_back(path);
    } else if (item.kind == TreeItem::Kind::link) {
      done = files_.make_link(path, item.target);
    } else {
      done = files_.copy_file(step.content + '/' + item.path, path, item.mode);
    }
    if (!done) return done;
  }
  for (const std::string &directory : directories) {
    if (Status done = files_.sync_directory(directory); !done) return done;
  }
  return files_.rename(temporary, step.path);
}

// The new program reads the new configuration before either is used.
Status Installer::judge(const Work &work) {
  const InstallStep *const tree = step_of(work.plan, InstallStep::Kind::tree);
  const std::string program = tree == nullptr ? work.own.installed_program : tree->path + "/bin/regcred";
  if (work.own.registries.empty()) return kubelet_.judge(program, work.plan.places.arguments);
  const std::string staged = staged_directory();
  if (Status done = files_.remove_tree(staged); !done) return done;
  if (Status done = files_.make_directory(staged); !done) return done;
  for (const OwnParts::Registry &file : work.own.registries) {
    const std::string path = staged + '/' + file.name;
    if (Status done = make_directories(files_, root_, parent_of(path)); !done) return done;
    if (Status done = files_.create_file(path, file.text, file.mode, ""); !done) return done;
  }
  const std::string &first = work.own.registries.front().name;
  const bool is_below = first.find('/') != std::string::npos;
  std::string configuration = staged + '/' + (is_below ? parent_of(first) : first);
  if (!work.plan.places.arguments.empty()) configuration = staged;  // all files of that directory count
  Status judged = kubelet_.judge(program, configuration);
  if (Status done = files_.remove_tree(staged); !done) return done;
  return judged;
}

Status Installer::write_state(const InstalledState &state) {
  return replace_file(files_, installed_state_path, installed_state_text(state), 0600);
}

// What is in a journal already is older: the kubelet runs with that.
Status Installer::keep_old_bytes(const std::vector<std::string> &paths, const std::string &unread_by,
                                 const std::string &digest) {
  Result<std::optional<InstallJournal>> journal = read_journal(root_);
  if (!journal) return tl::make_unexpected(journal.error());
  InstallJournal kept = journal->value_or(InstallJournal{});
  for (const std::string &path : paths) {
    const auto is_known = [&](const InstallJournal::File &file) { return file.path == path; };
    if (std::any_of(kept.files.begin(), kept.files.end(), is_known)) continue;
    std::optional<std::string> bytes;
    if (root_.is_file(path)) {
      Result<std::string> text = root_.read(path, limits::config_file_bytes_max);
      if (!text) return tl::make_unexpected(text.error());
      bytes = std::move(*text);
    }
    kept.files.push_back({path, std::move(bytes)});
  }
  kept.unread_by = unread_by;
  kept.digest = digest;
  return write_journal(files_, kept);
}

// State and journal, before anything is changed that belongs together: whatever ends this process, the next run knows
// which entries are ours, and the old bytes. A registry file goes back with the kubelet's: its audiences are theirs.
Status Installer::prepare_change(const Work &work) {
  InstalledState state = state_of(work.plan, work.facts, work.own, false);
  state.unread_by = kubelet_.running();
  if (Status done = write_state(state); !done) return done;
  if (!changes_kubelet(work.plan, work.outlook)) return {};
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < work.plan.steps.size(); ++i) {
    const InstallStep &step = work.plan.steps[i];
    const bool is_kept = is_of_kubelet(step) || step.kind == InstallStep::Kind::registry;  // guard: registries-go-back
    if (is_kept && !work.outlook.is_done[i]) paths.push_back(step.path);
  }
  // guard: journal-before-change
  return keep_old_bytes(paths, state.unread_by, work.plan.digest);
}

Status Installer::roll_back(InstallJournal journal, const std::string &reason) {
  Result<InstalledState> state = read_installed_state(root_);
  if (!state) return tl::make_unexpected(state.error());
  if (!journal.is_rolled_back) {
    if (!journal.digest.empty()) state->rejected.push_back({journal.digest, reason});
    if (state->rejected.size() > rejected_max) state->rejected.erase(state->rejected.begin());
    if (Status done = write_state(*state); !done) return done;
    journal.is_rolled_back = true;
    if (Status done = write_journal(files_, journal); !done) return done;
  }
  for (auto file = journal.files.rbegin(); file != journal.files.rend(); ++file) {
    const std::string path = root_.real_on_node(file->path);
    Status done = file->bytes ? replace_file(files_, path, *file->bytes, 0644) : files_.remove(path);
    if (!done) return done;
  }
  const std::string before = kubelet_.running();
  if (Status done = kubelet_.restart(); !done) return done;
  if (Status up = kubelet_.watch(before); !up) {
    return fail(ErrorCode::deadline, "the kubelet", "does not come up with its old files either: " + up.error().what,
                "see its log: journalctl -u kubelet");
  }
  state->unread_by.clear();
  if (Status done = write_state(*state); !done) return done;
  return remove_journal(files_);
}

Status Installer::recover() {
  Result<std::optional<InstallJournal>> journal = read_journal(root_);
  if (!journal) return tl::make_unexpected(journal.error());
  if (!*journal) return {};
  if ((*journal)->is_rolled_back) return roll_back(std::move(**journal), "");
  if (kubelet_.running() == (*journal)->unread_by) return {};  // it still works with the old files
  if (const Status up = kubelet_.watch((*journal)->unread_by); !up) {
    return roll_back(std::move(**journal), up.error().what);  // guard: roll-back-what-was-interrupted
  }
  Result<InstalledState> state = read_installed_state(root_);
  if (!state) return tl::make_unexpected(state.error());
  state->unread_by.clear();
  if (Status done = write_state(*state); !done) return done;
  return remove_journal(files_);
}

Result<InstallResult> Installer::restart_and_watch(const std::string &why, RestartMode mode) {
  if (why.empty()) return InstallResult{};
  if (mode == RestartMode::never) return InstallResult{false, why};
  const std::string before = kubelet_.running();
  Status up = kubelet_.restart();
  if (up) up = kubelet_.watch(before);
  if (up) return InstallResult{true, {}};
  const std::string reason = up.error().what;
  Result<std::optional<InstallJournal>> journal = read_journal(root_);
  if (!journal) return tl::make_unexpected(journal.error());
  if (!*journal) return tl::make_unexpected(up.error());
  if (Status back = roll_back(std::move(**journal), reason); !back) return tl::make_unexpected(back.error());
  return fail(ErrorCode::deadline, "the kubelet", "did not come up: " + reason + "; it runs with its old files again",
              "see its log: journalctl -u kubelet; the same content is not tried again");
}

// Removes what neither the kubelet nor the new installation names. The tree before this one stays: calls may still run.
Status Installer::finish(const Work &work, const std::string &old_tree) {
  const InstalledState &old = work.facts.state;
  // Where another file has our entries, they may still be read one day, and need their programs.
  const bool is_same = old.bin_directory == work.plan.bin_directory && old.provider_file == work.plan.provider_file;
  for (const std::string &name : old.names) {
    if (!is_same || contains(work.plan.names, name)) continue;
    if (Status done = files_.remove(old.bin_directory + '/' + name); !done) return done;
  }
  for (const std::string &path : old.registries) {
    const auto is_planned = [&](const InstallStep &step) { return step.path == path; };
    if (work.own.registries.empty() || std::any_of(work.plan.steps.begin(), work.plan.steps.end(), is_planned))
      continue;
    if (Status done = files_.remove(path); !done) return done;
  }
  if (work.own.tree_id.empty()) return {};
  const std::string versions = work.plan.places.programs + "/versions";
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(root_.real(versions), error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  for (const std::string &name : names) {
    if (name == work.own.tree_id || name == old_tree) continue;
    if (Status done = files_.remove_tree(versions + '/' + name); !done) return done;
  }
  return {};
}

Result<InstallResult> Installer::install(const InstallPlan &plan, const InstallOutlook &outlook, const NodeFacts &facts,
                                         const OwnParts &own, RestartMode mode) {
  const Work work{plan, outlook, facts, own};
  std::error_code unknown;
  const std::string old_tree =
      fs::read_symlink(root_.real(plan.places.programs) + "/current", unknown).filename().string();
  if (Status done = make_directories(files_, root_, installed_state_directory); !done) {
    return tl::make_unexpected(done.error());
  }
  if (Status done = put_from(work, InstallStep::Kind::tree, InstallStep::Kind::tree); !done) {
    return tl::make_unexpected(done.error());
  }
  if (Status judged = judge(work); !judged) return tl::make_unexpected(judged.error());  // guard: judged-before-use
  if (Status done = put_from(work, InstallStep::Kind::current, InstallStep::Kind::current); !done) {
    return tl::make_unexpected(done.error());
  }
  if (changes_kubelet(plan, outlook) || !outlook.restart.empty()) {
    if (Status done = prepare_change(work); !done) return tl::make_unexpected(done.error());
  }
  if (Status done = put_from(work, InstallStep::Kind::registry, InstallStep::Kind::flags); !done) {
    return tl::make_unexpected(done.error());
  }
  Result<InstallResult> result = restart_and_watch(outlook.restart, mode);
  if (!result || !result->waiting.empty()) return result;
  InstalledState state = state_of(plan, facts, own, true);
  state.unread_by.clear();
  if (Status done = write_state(state); !done) return tl::make_unexpected(done.error());
  if (Status done = remove_journal(files_); !done) return tl::make_unexpected(done.error());
  if (Status done = finish(work, old_tree); !done) return tl::make_unexpected(done.error());
  return result;
}

Result<InstallResult> Installer::remove(const RemovalPlan &plan, const NodeFacts &facts, RestartMode mode) {
  if (!plan.restart.empty()) {
    InstalledState state = facts.state;
    state.unread_by = kubelet_.running();
    if (Status done = write_state(state); !done) return tl::make_unexpected(done.error());
    std::vector<std::string> paths;
    for (const RemovalPlan::Change &change : plan.changes) paths.push_back(change.path);
    if (Status done = keep_old_bytes(paths, state.unread_by, ""); !done) return tl::make_unexpected(done.error());
  }
  for (const RemovalPlan::Change &change : plan.changes) {
    const std::string path = root_.real_on_node(change.path);
    const Status done = change.content ? replace_file(files_, path, *change.content, 0644) : files_.remove(path);
    if (!done) return tl::make_unexpected(done.error());
  }
  Result<InstallResult> result = restart_and_watch(plan.restart, mode);
  if (!result || !result->waiting.empty()) return result;
  if (Status done = remove_journal(files_); !done) return tl::make_unexpected(done.error());
  for (const std::string &path : plan.files) {
    if (Status done = files_.remove(path); !done) return tl::make_unexpected(done.error());
  }
  for (const std::string &path : plan.trees) {
    if (Status done = files_.remove_tree(path); !done) return tl::make_unexpected(done.error());
  }
  if (Status done = files_.remove(installed_state_path); !done) return tl::make_unexpected(done.error());
  return result;
}

}  // namespace regcred::core
