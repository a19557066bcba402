// SPDX-License-Identifier: Apache-2.0
#include "conformance/stage.hpp"

#include <dlfcn.h>

namespace regcred::conformance {
namespace {

const char *null_function(const regcred_backend_v1 &table) {
  if (table.create == nullptr) return "create";
  if (table.get_credentials == nullptr) return "get_credentials";
  if (table.destroy == nullptr) return "destroy";
  if (table.settings_schema == nullptr) return "settings_schema";
  if (table.annotation_keys == nullptr) return "annotation_keys";
  return nullptr;
}

Verdict cannot_load() {
  Verdict verdict = not_applicable("the backend cannot be loaded: see load.opens and load.table");
  verdict.cannot_load = true;
  return verdict;
}

}  // namespace

OpenedFile open_file(const std::string &path) {
  void *library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return {nullptr, ::dlerror()};
  void *symbol = ::dlsym(library, REGCRED_BACKEND_ENTRY_V1);
  if (symbol == nullptr) return {nullptr, "it exports no symbol " REGCRED_BACKEND_ENTRY_V1};
  return {reinterpret_cast<decltype(&regcred_backend_entry_v1)>(symbol)};
}

std::string table_fault(const regcred_backend_v1 *table) {
  if (table == nullptr) return "the entry function returned null, expected a table";
  if (table->abi_major != REGCRED_ABI_MAJOR) {
    return "abi_major is " + std::to_string(table->abi_major) + ", expected " + std::to_string(REGCRED_ABI_MAJOR);
  }
  if (table->struct_size < backend_bytes_1_0) {
    return "struct_size is " + std::to_string(table->struct_size) + ", expected at least " +
           std::to_string(backend_bytes_1_0) + ", the size in ABI 1.0";
  }
  if (const char *name = null_function(*table)) return std::string("the function ") + name + " is null";
  return {};
}

CheckFunction with_backend(StageFunction judge) {
  return [judge = std::move(judge)](const Subject &subject, const Progress &progress) {
    progress("while it was loaded");
    const OpenedFile file = open_file(subject.path);
    if (file.entry == nullptr) return cannot_load();
    const regcred_backend_v1 *table = file.entry();
    if (!table_fault(table).empty()) return cannot_load();
    progress({});
    return judge(Stage{subject, progress, *table, Said{}});
  };
}

CheckFunction with_success(StageFunction judge) {
  return with_backend([judge = std::move(judge)](const Stage &stage) {
    stage.progress("in the success case");
    const Said success = stage.live({});
    if (!success.is_success()) return not_applicable("it needs the success case, which fails: see contract.answers");
    stage.progress({});
    return judge(Stage{stage.subject, stage.progress, stage.table, success});
  });
}

CheckFunction with_network(StageFunction judge) {
  return with_success([judge = std::move(judge)](const Stage &stage) {
    if (stage.success.network_calls.empty()) return not_applicable("the backend makes no network call");
    return judge(stage);
  });
}

}  // namespace regcred::conformance
