// SPDX-License-Identifier: Apache-2.0
// A file of the spool, as somebody changed it: not taken, or taken with names that Kubernetes takes; and what a pod's
// owner reads of it.
#include "common/kubernetes_names.hpp"
#include "common/text.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"
#include "record/spool_entry.hpp"
#include "record/tenant_message.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view text = regcred::fuzz::text_of(data, size);
  const std::string left = without_node_paths(text);
  require(without_node_paths(left) == left, "no path is left");
  const std::optional<SpoolEntry> entry = parse_spool_text(text);
  if (!entry) return 0;
  require(is_dns_label(entry->pod.name_space) && is_dns_subdomain(entry->pod.name), "names that fit into a URL");
  const std::optional<SpoolEntry> again = parse_spool_text(spool_text(*entry));
  require(again.has_value() && spool_text(*again) == spool_text(*entry), "what is read is written and read again");
  const std::string message = tenant_message(*entry);
  require(is_printable(message) && message.size() <= tenant_message_bytes_max, "one short line");
  return 0;
}
