// SPDX-License-Identifier: Apache-2.0
// A whole world for `regcred doctor`, on loopback and over TLS: issuer, Cloudsmith, and a registry with token
// authentication.
#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "e2e/fixture.hpp"
#include "emulator/jwt.hpp"
#include "support/certificates.hpp"
#include "support/scripted_server.hpp"

namespace regcred::testing {

// One step of the report.
struct SeenStep {
  std::string state;
  std::string what;
  std::string cure;
  std::string details;
};

class DoctorWorld : public ::testing::Test {
 protected:
  DoctorWorld() {
    ca_file_ = directory_.write("ca.pem", issuer_ca_.pem() + cloudsmith_.ca_pem());
    config_file_ = directory_.write("config.yaml", config());
    token_ = issuer_.token();
  }

  struct Entry {
    std::string audience = "cloudsmith";
    std::string service = "default-v9ty";
    std::string api_host = {};  // empty: the emulator's
    std::string ca_file = {};   // empty: that with both CAs
  };
  [[nodiscard]] std::string config(const Entry &entry) const {
    return "apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults: {deadline: 8s, proxy: none, caFile: " +
           (entry.ca_file.empty() ? ca_file_ : entry.ca_file) +
           "}\nregistries:\n- name: cloudsmith\n  matchImages: ['" + registry() +
           "']\n  backend: cloudsmith\n  audience: " + entry.audience +
           "\n  settings: {orgSlug: iduffy-demo, serviceSlug: " + entry.service + ", registryHosts: ['" + registry() +
           "'], apiHost: '" + (entry.api_host.empty() ? cloudsmith_.api_host() : entry.api_host) + "'}\n";
  }
  [[nodiscard]] std::string config() const { return config(Entry{}); }
  void configure(const Entry &entry) { directory_.write("config.yaml", config(entry)); }

  [[nodiscard]] std::string registry() const { return "localhost:" + std::to_string(registry_.port()); }
  [[nodiscard]] std::string image(const std::string &repository = "purple-team") const {
    return registry() + "/iduffy-demo/" + repository + "/ubuntu";
  }

  ProcessOutput run(const std::string &image, std::vector<std::string> options = {},
                    const Variables &environment = {}) {
    options.insert(options.begin(), {REGCRED_PROGRAM, "doctor", image, "--config", config_file_, "--token-file",
                                     directory_.write("token", token_)});
    ProcessOutput output = run_process({options, "", environment});
    // L1: whatever happens, no token and no password is shown.
    EXPECT_EQ(regcred::test::find_leak(token_, output.out + output.err), std::nullopt) << output.out << output.err;
    EXPECT_THAT(output.out + output.err, ::testing::Not(::testing::ContainsRegex(jwt_start)));
    return output;
  }

  // The steps of one run by name; `status` is the exit status that is expected.
  std::map<std::string, SeenStep> steps(int status, const std::string &image, const Variables &environment = {}) {
    const ProcessOutput output = run(image, {"-o", "json", "--log-level", "debug"}, environment);
    EXPECT_EQ(output.status, status) << output.out << output.err;
    const nlohmann::json document = nlohmann::json::parse(output.out, nullptr, false);
    std::map<std::string, SeenStep> seen;
    if (!document.is_object()) {
      ADD_FAILURE() << "no report: " << output.out << output.err;
      return seen;
    }
    EXPECT_EQ(document["passed"], status == 0);
    for (const nlohmann::json &step : document["steps"]) {
      std::string details;
      for (const std::string detail : step["details"]) details += detail + "\n";
      seen[step["step"]] = {step["state"], step["what"], step["cure"], details};
      EXPECT_FALSE(step["state"] == "failed" && step["cure"] == "") << step["step"] << " names no cure";
    }
    return seen;
  }
  std::map<std::string, SeenStep> steps(int status) { return steps(status, image()); }

  // The realm that the registry names; it is answered in another thread.
  void name_realm(const std::string &realm) {
    const std::lock_guard lock(realm_mutex_);
    realm_ = realm;
  }
  [[nodiscard]] std::string realm() const {
    const std::lock_guard lock(realm_mutex_);
    return realm_;
  }

  // Whose name resolution knows loopback only.
  [[nodiscard]] static Variables without_dns() {
    return {{"LD_PRELOAD", NO_DNS}, {"ASAN_OPTIONS", "verify_asan_link_order=0"}};
  }

 private:
  // What the registry answers: who asks, then whether its token grants the pull.
  [[nodiscard]] std::string answer(const std::string &request) const {
    const std::string bearer = "Authorization: Bearer ";
    const std::size_t at = request.find(bearer);
    const std::string challenge =
        "WWW-Authenticate: Bearer realm=\"" + realm() + "\",service=\"docker.cloudsmith.io\"\r\n";
    if (at == std::string::npos) return http_response(401, "", challenge);
    if (request.starts_with("GET /v2/ ")) return http_response(200, "{}");
    const std::string token = request.substr(at + bearer.size(), request.find("\r\n", at) - at - bearer.size());
    const nlohmann::json access = emulator::read_jwt(token).claims.value("access", nlohmann::json::array());
    const bool granted = !access.empty() && access[0]["actions"] == nlohmann::json{"pull"};
    if (!granted) return http_response(403, R"({"errors":[{"code":"DENIED"}]})");
    if (request.find("/manifests/missing ") != std::string::npos) {
      return http_response(404, R"({"errors":[{"code":"MANIFEST_UNKNOWN"}]})");
    }
    return http_response(200, R"({"schemaVersion":2})");
  }

 protected:
  static inline const std::string issuer_key_ = to_pem(emulator::make_key(emulator::KeyKind::rsa_2048).get());
  static inline const CertificateAuthority issuer_ca_{"the cluster's CA"};
  TemporaryDirectory directory_;
  emulator::Issuer issuer_{issuer_key_, issuer_ca_.issue({"localhost"})};
  emulator::Cloudsmith cloudsmith_{
      emulator::read_organisations(nlohmann::json::parse(std::ifstream(DEMO_ORGANISATIONS)), issuer_.url())};

 private:
  mutable std::mutex realm_mutex_;
  std::string realm_ = cloudsmith_.realm_url();

 protected:
  ScriptedServer registry_{cloudsmith_.issue_for_neighbour(),
                           [this](Connection &connection) { connection.send(answer(connection.read_request())); }};
  std::string ca_file_;
  std::string config_file_;
  std::string token_;
};

}  // namespace regcred::testing
