// SPDX-License-Identifier: Apache-2.0
// What kubectl prints, and the audit of it: each image of each pod has one row, and nothing of a Secret is kept.
#include "cluster/workloads.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "cluster/audit.hpp"
#include "common/unique_fd.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

namespace {

std::vector<KubeletProvider> make_providers() {
  KubeletProvider provider;
  provider.name.text = "regcred";
  provider.match_images = {{"*.io", ""}};
  provider.sends_token = provider.require_service_account = true;
  provider.audience.text = "a";
  provider.required_annotations = {"k/a"};
  return {provider};
}

Config make_config() {
  Config config;
  RegistryEntry &entry = config.registries.emplace_back();
  entry.name = entry.backend = "e";
  entry.match_images = {"a.io"};
  return config;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  static const std::vector<KubeletProvider> providers = make_providers();
  static const Config config = make_config();
  static const std::vector<SurveyedBackend> backends(1, SurveyedBackend{.name = "e"});
  const UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  require(::write(file.get(), data, size) == static_cast<ssize_t>(size), "the input is written");
  require(::lseek(file.get(), 0, SEEK_SET) == 0, "the input is read from its start");
  const Result<Workloads> workloads = read_workloads(file.get(), "input", annotation_keys_of(providers));
  if (!workloads) {
    const Error &error = workloads.error();
    require(error.where == "input" && !error.what.empty() && !error.cure.empty(), "an error says all of it");
    require(error.what.find("c2VjcmV0") == std::string::npos, "an error quotes nothing", error.what);
    return 0;
  }
  std::size_t uses = 0;
  for (const auto &[who, images] : workloads->uses) {
    uses += images.size();
    require(!who.is_static || who.service_account.empty(), "static pods have no service account");
  }
  require(!workloads->accounts.empty() && workloads->static_pods <= workloads->pods, "the counts fit");
  const std::vector<AuditRow> rows = audit_workloads(*workloads, {config, backends, providers, {}, false});
  require(rows.size() == uses, "each image of each pod has a row");
  for (const AuditRow &row : rows) {
    const bool answers = row.result == AuditResult::served || row.result == AuditResult::shadowed;
    require(answers == (row.entry != nullptr) && answers == row.reason.empty(),
            "an entry answers, or there is a reason");
    require(!answers || row.annotations.contains("k/a"), "no call without what the provider requires");
    require(answers || row.use->pods > 0, "somebody uses it");
  }
  return 0;
}
