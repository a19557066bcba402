// SPDX-License-Identifier: Apache-2.0
// A node as operators have it: two registries, a kubelet's file for them, and the program under whatever name.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support/process.hpp"

namespace regcred::testing {

class Cases : public ::testing::Test {
 protected:
  using Words = std::vector<std::string>;
  using Variables = std::vector<std::pair<std::string, std::string>>;

  Cases() { static_cast<void>(directory_.write("password", "s3cret\n")); }

  [[nodiscard]] std::string path(const std::string &name) const { return directory_.path() + '/' + name; }
  [[nodiscard]] std::string write(const std::string &name, const std::string &text, unsigned mode = 0600) const {
    return directory_.write(name, text, mode);
  }

  // One entry of the static backend.
  [[nodiscard]] std::string static_entry(const std::string &images, const std::string &settings) const {
    return "  - name: build\n    matchImages: [" + images + "]\n    backend: static\n    settings: " + settings + "\n";
  }
  [[nodiscard]] std::string one_password() const { return "{ username: u, passwordFile: " + path("password") + " }"; }
  [[nodiscard]] static std::string cloudsmith_entry(const std::string &settings) {
    return "  - name: cloudsmith\n    matchImages: [docker.cloudsmith.io]\n    backend: cloudsmith\n"
           "    audience: cloudsmith\n    settings: " +
           settings + "\n";
  }
  [[nodiscard]] static std::string config(const std::string &entries) {
    return "apiVersion: regcred/v1\nkind: RegistryConfig\nregistries:\n" + entries;
  }
  [[nodiscard]] std::string base() const {
    return config(cloudsmith_entry("{ orgSlug: acme, serviceSlug: s-1 }") +
                  static_entry("\"registry.example.com:5000\"", one_password()));
  }
  // A CredentialProviderConfig with one provider; `more` are further lines of it.
  [[nodiscard]] static std::string kubelet(const std::string &name, const std::string &images,
                                           const std::string &more) {
    return "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n  - name: " + name +
           "\n    apiVersion: credentialprovider.kubelet.k8s.io/v1\n    matchImages: [" + images +
           "]\n    defaultCacheDuration: 10m\n" + more;
  }

  [[nodiscard]] static ProcessOutput run(Words argv, const Variables &variables = {}, std::string in = {}) {
    return run_process({std::move(argv), std::move(in), variables});
  }
  // `regcred check` of a configuration, with further arguments.
  [[nodiscard]] ProcessOutput check(const std::string &yaml, Words more = {}, const Variables &variables = {}) const {
    more.insert(more.begin(), {REGCRED_PROGRAM, "--config", write("config.yaml", yaml), "check"});
    return run(std::move(more), variables);
  }
  [[nodiscard]] ProcessOutput check_kubelet(const std::string &yaml, const std::string &theirs, Words more = {}) const {
    more.insert(more.begin(), {"--kubelet-config", write("kubelet.yaml", theirs), "--kubernetes-version", "1.34"});
    return check(yaml, std::move(more));
  }
  // The program under another name, by a link.
  [[nodiscard]] std::string link(const std::string &name) const {
    std::error_code there;
    std::filesystem::create_symlink(REGCRED_PROGRAM, path(name), there);
    return path(name);
  }
  [[nodiscard]] static std::string request(const std::string &image) {
    return R"({"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":")" +
           image + "\"}";
  }

  TemporaryDirectory directory_;
};

constexpr const char *replaced_name = "cloudsmith-kubernetes-credential-provider";

}  // namespace regcred::testing
