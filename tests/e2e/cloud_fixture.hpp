// SPDX-License-Identifier: Apache-2.0
// The real program between a cluster's issuer and an emulated cloud.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regcred/testing/leaks.hpp>
#include <string>
#include <utility>
#include <vector>

#include "emulator/issuer.hpp"
#include "emulator/keys.hpp"
#include "support/process.hpp"

namespace regcred::testing {

inline constexpr const char *pod_subject = "system:serviceaccount:default:my-service-account";

class Cloud : public ::testing::Test {
 protected:
  // A configuration of one entry for `image`: its lines after matchImages, without indentation.
  std::string configured(const std::string &image, const std::string &ca_pem, const std::string &entry) {
    const std::string config =
        "apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults: {proxy: none, throttleMemory: off, deadline: 8s, "
        "caFile: " +
        directory_.write("ca.pem", ca_pem) + "}\nregistries:\n- name: cloud\n  matchImages: ['" +
        image.substr(0, image.find('/')) + "']\n  " + entry + "\n";
    return directory_.write("config.yaml", config);
  }

  // Asks for `image` by that configuration.
  ProcessOutput ask(const std::string &image, const std::string &ca_pem, const std::string &entry,
                    const std::string &token, const nlohmann::json &annotations = nlohmann::json::object()) {
    nlohmann::json request = {{"kind", "CredentialProviderRequest"},
                              {"apiVersion", "credentialprovider.kubelet.k8s.io/v1"},
                              {"image", image}};
    if (!token.empty()) request["serviceAccountToken"] = token;
    if (!annotations.empty()) request["serviceAccountAnnotations"] = annotations;
    return run_process({{REGCRED_PROGRAM, "--config", configured(image, ca_pem, entry)}, request.dump() + "\n", {}});
  }

  // Username and password of the one credential, which must be for `host`.
  static std::pair<std::string, std::string> credential(const ProcessOutput &output, const std::string &host) {
    EXPECT_EQ(output.status, 0) << output.err;
    const nlohmann::json answer = nlohmann::json::parse(output.out, nullptr, false);
    if (!answer.is_object() || answer["auth"].size() != 1 || !answer["auth"].contains(host)) {
      ADD_FAILURE() << "not one credential for " << host << " in: " << output.out;
      return {};
    }
    EXPECT_EQ(answer["cacheKeyType"], "Registry");
    return {answer["auth"][host]["username"], answer["auth"][host]["password"]};
  }

  // One line with these words, nothing of the token.
  static void expect_failure(const ProcessOutput &output, int status, const std::vector<std::string> &words,
                             const std::string &token) {
    EXPECT_EQ(output.status, status) << output.err;
    EXPECT_EQ(output.out, "");
    for (const std::string &word : words) EXPECT_THAT(output.err, ::testing::HasSubstr(word));
    EXPECT_EQ(output.err.find('\n'), output.err.size() - 1) << output.err;
    EXPECT_EQ(regcred::test::find_leak(token, output.err), std::nullopt) << output.err;
  }

  static inline const std::string issuer_key_ = to_pem(emulator::make_key(emulator::KeyKind::rsa_2048).get());
  TemporaryDirectory directory_;
  emulator::Issuer issuer_{issuer_key_};
};

}  // namespace regcred::testing
