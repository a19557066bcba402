// SPDX-License-Identifier: Apache-2.0
// The real program between a cluster's issuer and Cloudsmith, all on loopback: request in, answer out, and what the
// server saw.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <regcred/testing/leaks.hpp>
#include <string>
#include <utility>
#include <vector>

#include "emulator/cloudsmith.hpp"
#include "emulator/issuer.hpp"
#include "emulator/keys.hpp"
#include "support/process.hpp"

namespace regcred::testing {

using Variables = std::vector<std::pair<std::string, std::string>>;

// A JWT's header and the dot behind it; three letters alone also stand in random names.
inline constexpr const char *jwt_start = "eyJ[A-Za-z0-9_-]+[.]";

class EndToEnd : public ::testing::Test {
 protected:
  static constexpr const char *image = "docker.cloudsmith.io/iduffy-demo/purple-team/ubuntu";  // the walkthrough's

  EndToEnd() : cloudsmith_(organisations()) { ca_file_ = directory_.write("ca.pem", cloudsmith_.ca_pem()); }

  // The bytes that the kubelet would write.
  [[nodiscard]] std::string request(const nlohmann::json &annotations = nlohmann::json::object(),
                                    const std::string &for_image = image) const {
    nlohmann::json document = {{"kind", "CredentialProviderRequest"},
                               {"apiVersion", "credentialprovider.kubelet.k8s.io/v1"},
                               {"image", for_image},
                               {"serviceAccountToken", token_}};
    if (!annotations.empty()) document["serviceAccountAnnotations"] = annotations;
    return document.dump() + "\n";
  }

  // A configuration with one Cloudsmith entry; `settings` and `defaults` are YAML in flow style.
  [[nodiscard]] std::string config(const std::string &settings, const std::string &defaults = "",
                                   const std::string &more_of_entry = "") const {
    return "apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults: {caFile: " + ca_file_ + ", proxy: none" +
           (defaults.find("throttleMemory") == std::string::npos ? ", throttleMemory: off" : "") +  // ports come again
           (defaults.empty() ? "" : ", " + defaults) +
           "}\nregistries:\n- name: cloudsmith\n  matchImages: [docker.cloudsmith.io, images.example.com]\n"
           "  backend: cloudsmith\n" +
           more_of_entry + "  settings: {apiHost: '" + cloudsmith_.api_host() + "'" +
           (settings.empty() ? "" : ", " + settings) + "}\n";
  }
  [[nodiscard]] std::string usual_config() const { return config("orgSlug: iduffy-demo, serviceSlug: default-v9ty"); }

  // Runs regcred with this configuration and nothing in its environment.
  ProcessOutput ask(const std::string &yaml, const std::string &input, std::vector<std::string> options = {},
                    const Variables &environment = {}) {
    std::vector<std::string> argv = {REGCRED_PROGRAM, "--config", directory_.write("config.yaml", yaml)};
    argv.insert(argv.end(), options.begin(), options.end());
    return run_process({argv, input, environment});
  }

  // The environment that a node has today for the provider that regcred replaces.
  [[nodiscard]] Variables provider_environment() const {
    return {{"CLOUDSMITH_API_HOST", cloudsmith_.api_host()},
            {"SSL_CERT_FILE", ca_file_},
            {"CLOUDSMITH_ORG_SLUG", "iduffy-demo"},
            {"CLOUDSMITH_SERVICE_SLUG", "default-v9ty"}};
  }
  // Runs regcred under that provider's name, through a link as in the kubelet's plugin directory.
  ProcessOutput ask_drop_in(const Variables &environment, const std::string &input,
                            std::vector<std::string> options = {}) {
    const std::string link = directory_.path() + "/cloudsmith-kubernetes-credential-provider";
    std::error_code already_there;
    std::filesystem::create_symlink(REGCRED_PROGRAM, link, already_there);
    options.insert(options.begin(), link);
    return run_process({options, input, environment});
  }

  // username, password of the one entry in an answer; asserts its shape.
  static std::pair<std::string, std::string> credential(const ProcessOutput &output,
                                                        const std::string &registry = "docker.cloudsmith.io") {
    EXPECT_EQ(output.status, 0) << output.err;
    const nlohmann::json answer = nlohmann::json::parse(output.out, nullptr, false);
    if (!answer.is_object() || !answer["auth"].contains(registry)) {
      ADD_FAILURE() << "no credential for " << registry << " in: " << output.out;
      return {};
    }
    EXPECT_EQ(answer["auth"].size(), 1U);
    return {answer["auth"][registry]["username"], answer["auth"][registry]["password"]};
  }

  // L1, L2, L5: one line, and no piece of the pod's token in it.
  void expect_clean_failure(const ProcessOutput &output, int status, const std::string &words) const {
    EXPECT_EQ(output.status, status) << output.err;
    EXPECT_EQ(output.out, "");
    EXPECT_THAT(output.err, ::testing::HasSubstr(words));
    EXPECT_THAT(output.err, ::testing::StartsWith("regcred: "));
    EXPECT_EQ(output.err.find('\n'), output.err.size() - 1) << output.err;
    EXPECT_LE(output.err.size(), 1024U);
    EXPECT_EQ(regcred::test::find_leak(token_, output.err), std::nullopt) << output.err;
  }

  [[nodiscard]] emulator::ReceivedExchange last_exchange() {
    const auto received = cloudsmith_.received();
    return received.empty() ? emulator::ReceivedExchange{} : received.back();
  }

 private:
  [[nodiscard]] emulator::Organisations organisations() const {
    return emulator::read_organisations(nlohmann::json::parse(std::ifstream(DEMO_ORGANISATIONS)), issuer_.url());
  }

 protected:
  // One key for all tests of a program: RSA keys take their time.
  static inline const std::string issuer_key_ = to_pem(emulator::make_key(emulator::KeyKind::rsa_2048).get());
  TemporaryDirectory directory_;
  emulator::Issuer issuer_{issuer_key_};
  emulator::Cloudsmith cloudsmith_;
  std::string ca_file_;
  std::string token_ = issuer_.token();
};

}  // namespace regcred::testing
