// SPDX-License-Identifier: Apache-2.0
// What an installation does on a node, step by step, and why. START HERE for `regcred node`. Pure.
#pragma once

#include <string>
#include <vector>

#include "common/finding.hpp"
#include "node/node_places.hpp"

namespace regcred::core {

// How the kubelet gets our providers.
enum class InstallMode {
  automatic,  // one of the following, by what is on the node
  directory,  // a file of our own beside others: the kubelet's configuration is a directory
  merge,      // our entries in the file of somebody else
  flags,      // a file and a bin directory of our own, and both flags in the file of variables of the kubelet's unit
  files,      // the same files, no flags and no restart: the machine's configuration gives the flags
};
inline constexpr const char *install_mode_names[] = {"auto", "directory", "merge", "flags", "files"};
[[nodiscard]] const char *to_text(InstallMode mode);

// What is put on the node.
struct OwnParts {
  std::string version;            // of regcred
  std::string installed_program;  // where it is on the node already, as a package's; empty: `tree` is copied
  std::string tree;               // of this installation, here: bin, lib, share
  std::string tree_id;            // "0.1.0-0123456789ab": version and digest of its content
  std::string providers;          // a CredentialProviderConfig for this kubelet's version
  struct Registry {
    std::string name;  // below the place for the configuration: "config.yaml", "config.d/10-team.yaml"
    std::string text;
    unsigned mode = 0644;
  };
  std::vector<Registry> registries;  // empty: the node has its configuration already
};

// One step. All steps of one kind stand together, in this order: whenever the kubelet starts in between, every program
// that its configuration names is there, and the configuration is complete.
struct InstallStep {
  enum class Kind { tree, current, registry, program, providers, flags };
  Kind kind = Kind::tree;
  std::string path;     // on the node
  std::string content;  // of a file; where a link leads; for a tree, where it comes from, here
  bool is_link = false;
  unsigned mode = 0644;  // of a file that is not there yet
};

struct InstallPlan {
  InstallMode mode = InstallMode::automatic;
  std::string reason;  // for the mode
  NodePlaces places;
  std::vector<InstallStep> steps;
  std::string provider_file;  // the kubelet's, after this
  std::string bin_directory;
  std::string flags_variable;               // of the step `flags`
  std::vector<std::string> names;           // of our providers
  std::vector<ProviderText> kubelet_files;  // all that the kubelet would read
  std::string digest;                       // of what the kubelet would start with
  std::vector<Finding> findings;            // errors: nothing may be done
};

// Plans the installation. Fails with ErrorCode::config when the mode that is asked for is not possible, with
// ErrorCode::usage when there is no kubelet for any other mode than `files`.
// Rules of the findings, beside those of read_provider_config for what the kubelet would read:
//   foreign-entry     an entry of another program has the name of one of ours: error
//   rejected-before   the kubelet did not come up with this content: error
//   runs-regcred-too  an entry that is not ours starts regcred as well: note
[[nodiscard]] Result<InstallPlan> plan_install(const NodeFacts &facts, const NodePlaces &places, const OwnParts &own,
                                               InstallMode mode);

}  // namespace regcred::core
