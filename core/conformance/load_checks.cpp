// SPDX-License-Identifier: Apache-2.0
// Loading the backend, and what it says of itself before it has done anything.
#include <nlohmann/json.hpp>
#include <regcred/json.hpp>
#include <set>

#include "common/kubernetes_names.hpp"
#include "common/names.hpp"
#include "common/text.hpp"
#include "conformance/checks.hpp"
#include "conformance/process_state.hpp"
#include "conformance/stage.hpp"
#include "loader/handshake.hpp"

namespace regcred::conformance {
namespace {

Verdict unloadable(std::string text) {
  Verdict verdict = failed(std::move(text));
  verdict.cannot_load = true;
  return verdict;
}

Verdict opens(const Subject &subject, const Progress &progress) {
  progress("in dlopen");
  const OpenedFile file = open_file(subject.path);
  return file.entry != nullptr ? passed() : unloadable(core::printable(file.fault, 300));
}

Verdict table(const Subject &subject, const Progress &progress) {
  progress("in the entry function");
  const OpenedFile file = open_file(subject.path);
  if (file.entry == nullptr) return not_applicable("the backend cannot be loaded: see load.opens");
  const regcred_backend_v1 *table = file.entry();
  if (const core::Status fits = core::check_abi(table, subject.path); !fits) return unloadable(fits.error().what);
  return passed("ABI " + std::to_string(table->abi_major) + "." + std::to_string(table->abi_minor));
}

// What a table of the known minor must look like in full; a later one may be larger.
Verdict members(const Stage &stage) {
  const regcred_backend_v1 &table = stage.table;
  if (table.abi_minor == REGCRED_ABI_MINOR && table.struct_size != sizeof(regcred_backend_v1)) {
    return failed("struct_size is " + std::to_string(table.struct_size) + ", ABI 1." +
                  std::to_string(REGCRED_ABI_MINOR) + " has " + std::to_string(sizeof(regcred_backend_v1)));
  }
  if ((table.uses & ~REGCRED_USES_PROCESS) != 0) {
    return failed("uses is " + std::to_string(table.uses) + ", which has other bits than REGCRED_USES_*");
  }
  const auto token_use = core::token_use_of(table, stage.subject.path);
  return token_use ? passed() : failed(token_use.error().what);
}

// The first thing about the process that is not as it was.
std::string any_change(const ProcessState &before, const ProcessState &after) {
  for (const auto change : {descriptor_change, thread_change, child_change, environment_change, directory_change,
                            mask_change, locale_change, signal_change}) {
    if (std::string text = change(before, after); !text.empty()) return text;
  }
  return {};
}

Verdict entry_is_idle(const Subject &subject, const Progress &progress) {
  progress("in dlopen and the entry function");
  const OutputWatch output;
  const ProcessState before = ProcessState::now();
  const OpenedFile file = open_file(subject.path);
  if (file.entry == nullptr) return not_applicable("the backend cannot be loaded: see load.opens");
  const regcred_backend_v1 *table = file.entry();
  const ProcessState after = ProcessState::now();
  if (std::string written = output.change(); !written.empty()) return failed(written);
  if (std::string change = any_change(before, after); !change.empty()) return failed(change);
  if (file.entry() != table) return failed("a second call of the entry function gave another table");
  return passed();
}

Verdict name(const Stage &stage) {
  const std::string &name = stage.subject.name;
  if (const core::Status named = core::check_name(stage.table, stage.subject.path, name); !named) {
    return failed(named.error().what);
  }
  return core::is_name(name) ? passed()
                             : failed("its name is " + core::in_quotes(name) + ", expected [a-z][a-z0-9-]{0,62}");
}

Verdict version(const Stage &stage) {
  const core::Result<std::string> version = core::version_of(stage.table, stage.subject.path);
  return version ? passed(*version) : failed(version.error().what);
}

Verdict schema(const Stage &stage) {
  const core::Result<std::string> text = core::settings_schema_of(stage.table, stage.subject.path);
  if (!text) return failed(text.error().what);
  const nlohmann::json schema = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!schema.is_object()) return failed("the schema is not a JSON object");
  if (!regcred::parse_json_object(*text)) return failed("the schema has more than 32 levels, which the host refuses");
  if (schema.value("type", nlohmann::json()) != "object") return failed("the schema's type is not \"object\"");
  return passed();
}

Verdict annotations(const Stage &stage) {
  const auto keys = core::annotation_keys_of(stage.table, stage.subject.path);
  if (!keys) return failed(keys.error().what);
  std::set<std::string> seen;
  for (const std::string &key : *keys) {
    const std::string shown = core::in_quotes(key, 100);
    if (!core::is_annotation_key(key))
      return failed(shown + " is not an annotation key: expected example.com/some-name");
    if (!seen.insert(key).second) return failed(shown + " is declared twice");
  }
  return passed(keys->empty() ? "reads none" : "reads " + std::to_string(keys->size()));
}

// The schema and the annotation keys, or why they cannot be had.
std::vector<std::string> description(const Stage &stage) {
  const core::Result<std::string> schema = core::settings_schema_of(stage.table, stage.subject.path);
  const auto keys = core::annotation_keys_of(stage.table, stage.subject.path);
  std::vector<std::string> all = {schema ? *schema : schema.error().what};
  if (keys) all.insert(all.end(), keys->begin(), keys->end());
  return all;
}

Verdict pure(const Stage &stage) {
  stage.progress("in settings_schema and annotation_keys, before any create");
  std::string change;
  std::vector<std::string> first;
  {
    const OutputWatch output;
    const ProcessState before = ProcessState::now();
    first = description(stage);
    change = any_change(before, ProcessState::now());
    if (change.empty()) change = output.change();
  }
  if (!change.empty()) return failed(change);
  if (description(stage) != first) return failed("a second call gave other values");
  stage.progress("in the life of an instance");
  const Said said = stage.live({});
  stage.progress("in settings_schema and annotation_keys, after the life of an instance");
  if (description(stage) != first) return failed("other values after an instance (" + code_name(said.code) + ")");
  return passed();
}

}  // namespace

std::vector<Check> load_checks() {
  return {
      {"load.opens", "dlopen(RTLD_NOW | RTLD_LOCAL) takes the file, and it has the entry function.", opens},
      {"load.table", "The entry function gives a table that a host of ABI 1.x can use: major, size, functions.", table},
      {"load.entry-is-idle", "Loading and the entry function do no work: nothing opened, started, written or changed.",
       entry_is_idle},
      {"load.members", "The table's plain members are within their bounds: size, uses, token_use.",
       with_backend(members)},
      {"load.name", "The name is that of the file, as operators write it under `backend:`.", with_backend(name)},
      {"load.version", "The version is 1 to 64 printable bytes, since `regcred backends` shows it.",
       with_backend(version)},
      {"load.schema", "The settings schema is a JSON object of type \"object\": `check` and editors use it.",
       with_backend(schema)},
      {"load.annotations", "The annotation keys are valid for Kubernetes and unique: `generate` copies them.",
       with_backend(annotations)},
      {"load.pure", "Schema and annotation keys can be asked for at any time, and are always the same.",
       with_backend(pure)},
  };
}

}  // namespace regcred::conformance
