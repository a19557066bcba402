// SPDX-License-Identifier: Apache-2.0
#include "agent/pod_event.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/kubernetes_names.hpp"
#include "unit/agent/agent_fixture.hpp"

namespace regcred::core {
namespace {

TEST(PodEvent, is_what_kubernetes_takes) {
  PodEvent event{pod("app-0"), "denied \"x\"", "app-0.17a5", 1'732'700'000'999, 1'732'700'061'000, 3};
  EXPECT_EQ(nlohmann::json::parse(event_json(event, "node-1")), nlohmann::json::parse(R"({
    "apiVersion": "v1", "kind": "Event",
    "metadata": {"name": "app-0.17a5", "namespace": "team-a"},
    "involvedObject": {"apiVersion": "v1", "kind": "Pod", "namespace": "team-a", "name": "app-0", "uid": "uid-app-0"},
    "type": "Warning", "reason": "RegistryCredentialFailed", "message": "denied \"x\"",
    "source": {"component": "regcred", "host": "node-1"},
    "reportingComponent": "regcred", "reportingInstance": "node-1",
    "firstTimestamp": "2024-11-27T09:33:20Z", "lastTimestamp": "2024-11-27T09:34:21Z", "count": 3})"));
  EXPECT_EQ(nlohmann::json::parse(event_patch_json(event)),
            nlohmann::json::parse(R"({"message":"denied \"x\"","lastTimestamp":"2024-11-27T09:34:21Z","count":3})"));
}

TEST(PodEvent, has_a_name_that_kubernetes_takes) {
  EXPECT_EQ(event_name(pod("app-0"), 0x17a5c3f2d4e6b8a0), "app-0.17a5c3f2d4e6b8a0");
  const std::string longest =
      event_name(pod(std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(63, 'c') + '.' +
                     std::string(43, 'd') + '.' + std::string(9, 'e')),
                 0x17a5c3f2d4e6b8a0);
  EXPECT_TRUE(is_dns_subdomain(longest)) << longest;
}

}  // namespace
}  // namespace regcred::core
