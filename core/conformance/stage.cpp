// SPDX-License-Identifier: Apache-2.0
#include "conformance/stage.hpp"

#include <dlfcn.h>

#include "loader/handshake.hpp"

namespace regcred::conformance {
namespace {

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

CheckFunction with_backend(StageFunction judge) {
  return [judge = std::move(judge)](const Subject &subject, const Progress &progress) {
    progress("while it was loaded");
    const OpenedFile file = open_file(subject.path);
    if (file.entry == nullptr) return cannot_load();
    const regcred_backend_v1 *table = file.entry();
    if (!core::check_abi(table, subject.path)) return cannot_load();
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
