// SPDX-License-Identifier: Apache-2.0
// Loading the backend, and what it says of itself before it has done anything.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <regcred/testing.hpp>
#include <set>

#include "common/kubernetes_names.hpp"
#include "common/names.hpp"
#include "common/text.hpp"
#include "conformance/checks.hpp"
#include "conformance/process_state.hpp"
#include "conformance/stage.hpp"

namespace regcred::conformance {
namespace {

using detail::to_view;

constexpr std::size_t schema_bytes_max = 256U << 10U;  // what the host takes
constexpr std::size_t annotation_keys_max = 64;
constexpr std::size_t version_bytes_max = 64;

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
  if (std::string fault = table_fault(table); !fault.empty()) return unloadable(std::move(fault));
  return passed("ABI " + std::to_string(table->abi_major) + "." + std::to_string(table->abi_minor));
}

// What a table of the known minor must look like in full; a later one may be larger.
Verdict members(const Stage &stage) {
  const regcred_backend_v1 &table = stage.table;
  if (table.abi_minor == REGCRED_ABI_MINOR && table.struct_size != sizeof(regcred_backend_v1)) {
    return failed("struct_size is " + std::to_string(table.struct_size) + ", ABI 1." +
                  std::to_string(REGCRED_ABI_MINOR) + " has " + std::to_string(sizeof(regcred_backend_v1)));
  }
  if (table.reserved != 0) return failed("reserved is " + std::to_string(table.reserved) + ", expected 0");
  if (table.token_use < REGCRED_TOKEN_REQUIRED || table.token_use > REGCRED_TOKEN_NEVER) {
    return failed("token_use is " + std::to_string(table.token_use) + ", expected 0, 1 or 2");
  }
  return passed();
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
  const std::string_view name = to_view(stage.table.name);
  const std::string shown = core::in_quotes(name);
  if (!core::is_name(name)) return failed("its name is " + shown + ", expected [a-z][a-z0-9-]{0,62}");
  if (name == stage.subject.name) return passed();
  return failed("it calls itself " + shown + ", its file is named " + stage.subject.name + ".so");
}

Verdict version(const Stage &stage) {
  const std::string_view version = to_view(stage.table.version);
  if (version.empty()) return failed("its version is empty");
  if (version.size() > version_bytes_max) {
    return failed("its version has " + std::to_string(version.size()) + " bytes, at most 64 are taken");
  }
  if (core::printable(version, version_bytes_max) != version) {
    return failed("its version is not printable: " + core::in_quotes(version));
  }
  return passed(std::string(version));
}

Verdict schema(const Stage &stage) {
  const std::vector<std::string> values = test::detail::collect(stage.table.settings_schema);
  if (values.size() != 1)
    return failed("settings_schema gave " + std::to_string(values.size()) + " values, expected 1");
  if (values[0].size() > schema_bytes_max) {
    return failed("the schema has " + std::to_string(values[0].size()) + " bytes, the host takes 256 KiB");
  }
  const nlohmann::json schema = nlohmann::json::parse(values[0], nullptr, /*allow_exceptions=*/false);
  if (!schema.is_object()) return failed("the schema is no JSON object");
  if (!regcred::parse_json_object(values[0]))
    return failed("the schema has more than 32 levels, which the host refuses");
  if (schema.value("type", nlohmann::json()) != "object") return failed("the schema's type is not \"object\"");
  return passed();
}

Verdict annotations(const Stage &stage) {
  const std::vector<std::string> keys = test::annotation_keys(stage.table);
  if (keys.size() > annotation_keys_max) {
    return failed("it declares " + std::to_string(keys.size()) + " annotation keys, the host takes 64");
  }
  std::set<std::string> seen;
  for (const std::string &key : keys) {
    const std::string shown = core::in_quotes(key, 100);
    if (!core::is_annotation_key(key))
      return failed(shown + " is not an annotation key: expected example.com/some-name");
    if (!seen.insert(key).second) return failed(shown + " is declared twice");
  }
  return passed(keys.empty() ? "reads none" : "reads " + std::to_string(keys.size()));
}

struct SelfDescription {
  std::int32_t schema_code = REGCRED_OK;
  std::int32_t keys_code = REGCRED_OK;
  std::vector<std::string> values;
  bool operator==(const SelfDescription &) const = default;
};

SelfDescription describe(const regcred_backend_v1 &table) {
  SelfDescription description;
  regcred_bytes_sink_v1 sink{};
  detail::set_header(sink);
  sink.context = &description.values;
  sink.bytes = [](void *context, regcred_slice value) {
    static_cast<std::vector<std::string> *>(context)->emplace_back(to_view(value));
  };
  description.schema_code = table.settings_schema(&sink);
  description.keys_code = table.annotation_keys(&sink);
  return description;
}

Verdict pure(const Stage &stage) {
  stage.progress("in settings_schema and annotation_keys, before any create");
  std::string change;
  SelfDescription first;
  {
    const OutputWatch output;
    const ProcessState before = ProcessState::now();
    first = describe(stage.table);
    change = any_change(before, ProcessState::now());
    if (change.empty()) change = output.change();
  }
  if (!change.empty()) return failed(change);
  if (first.schema_code != REGCRED_OK) return failed("settings_schema returned " + code_name(first.schema_code));
  if (first.keys_code != REGCRED_OK) return failed("annotation_keys returned " + code_name(first.keys_code));
  if (describe(stage.table) != first) return failed("a second call gave other values");
  stage.progress("in the life of an instance");
  const Said said = stage.live({});
  stage.progress("in settings_schema and annotation_keys, after the life of an instance");
  if (describe(stage.table) != first) return failed("other values after an instance (" + code_name(said.code) + ")");
  return passed();
}

}  // namespace

std::vector<Check> load_checks() {
  return {
      {"load.opens", "dlopen(RTLD_NOW | RTLD_LOCAL) takes the file, and it has the entry function.", opens},
      {"load.table", "The entry function gives a table that a host of ABI 1.x can use: major, size, functions.", table},
      {"load.entry-is-idle", "Loading and the entry function do no work: nothing opened, started, written or changed.",
       entry_is_idle},
      {"load.members", "The table's plain members are within their bounds: size, reserved, token_use.",
       with_backend(members)},
      {"load.name", "The name is that of the file, as operators write it under `backend:`.", with_backend(name)},
      {"load.version", "The version is 1 to 64 printable bytes, since `regcred backends` shows it.",
       with_backend(version)},
      {"load.schema", "The settings schema is one JSON object for an object, for `check` and editors to use.",
       with_backend(schema)},
      {"load.annotations", "The annotation keys are valid for Kubernetes and unique: `generate` copies them.",
       with_backend(annotations)},
      {"load.pure", "Schema and annotation keys can be asked for at any time, and are always the same.",
       with_backend(pure)},
  };
}

}  // namespace regcred::conformance
