// SPDX-License-Identifier: Apache-2.0
// One request of the kubelet to a Cloudsmith entry whose API is a server that says any bytes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <regcred/testing/leaks.hpp>

#include "emulator/issuer.hpp"
#include "emulator/keys.hpp"
#include "support/process.hpp"
#include "support/scripted_server.hpp"

namespace regcred::testing {

inline const std::string good_body = R"({"token":"eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.c2ln"})";
inline const std::string good_answer = http_response(201, good_body, "Content-Type: application/json\r\n");

class Hostile : public ::testing::Test {
 protected:
  // Writes config.yaml, with a Cloudsmith entry whose API host is `host`, and request.json. Gives the request.
  std::string write_request(const std::string &host, const std::string &deadline, const std::string &proxy = "none") {
    directory_.write("config.yaml",
                     "apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults: {throttleMemory: off, deadline: " +
                         deadline + ", proxy: '" + proxy + "', caFile: " + directory_.write("ca.pem", ca_.pem()) +
                         "}\nregistries:\n- name: r\n  matchImages: [docker.cloudsmith.io]\n  backend: cloudsmith\n" +
                         "  settings: {orgSlug: acme, apiHost: '" + host + "'}\n");
    const nlohmann::json request = {{"kind", "CredentialProviderRequest"},
                                    {"apiVersion", "credentialprovider.kubelet.k8s.io/v1"},
                                    {"image", "docker.cloudsmith.io/acme/app"},
                                    {"serviceAccountToken", token_}};
    directory_.write("request.json", request.dump());
    return request.dump();
  }
  // One request of the kubelet, answered.
  ProcessOutput ask(const std::string &host, const std::string &deadline = "2s", const std::string &proxy = "none",
                    const std::vector<std::pair<std::string, std::string>> &environment = {}) {
    const std::string request = write_request(host, deadline, proxy);
    std::vector<std::string> argv = around_;
    argv.insert(argv.end(), {REGCRED_PROGRAM, "--config", directory_.path() + "/config.yaml", "--log-level", "debug"});
    const auto begin = std::chrono::steady_clock::now();
    const ProcessOutput output = run_process({argv, request, environment});
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4)) << "the deadline was 2 s";
    EXPECT_EQ(regcred::test::find_leak(token_, output.out + output.err), std::nullopt);
    EXPECT_EQ(output.out.empty(), output.status != 0) << output.out;
    return output;
  }
  // The last line: what the kubelet logs, after the debug lines.
  static std::string last_line(const ProcessOutput &output) {
    const std::size_t end = output.err.rfind('\n');
    const std::size_t begin =
        end == std::string::npos || end == 0 ? std::string::npos : output.err.rfind('\n', end - 1);
    return output.err.substr(begin == std::string::npos ? 0 : begin + 1);
  }
  void expect_failure(const ProcessOutput &output, int status, const std::string &words, const std::string &row) {
    EXPECT_EQ(output.status, status) << row << ": " << output.err;
    EXPECT_THAT(last_line(output), ::testing::StartsWith("regcred: ")) << row;
    EXPECT_THAT(last_line(output), ::testing::HasSubstr(words)) << row;
    EXPECT_LE(last_line(output).size(), 1024U) << row;
  }
  static std::string host_of(const ScriptedServer &server) { return "localhost:" + std::to_string(server.port()); }
  static ScriptedServer::Script after_request(std::function<void(Connection &)> script) {
    return [script = std::move(script)](Connection &connection) {
      connection.read_request();
      script(connection);
    };
  }
  // `head` once, and `piece` again and again with `pause` between, for as long as somebody listens.
  static ScriptedServer::Script dripping_at_once(std::string head, std::string piece, std::chrono::milliseconds pause) {
    return [=](Connection &connection) {
      bool listening = connection.send(head);
      while (listening) {
        std::this_thread::sleep_for(pause);
        listening = connection.send(piece);
      }
    };
  }
  static ScriptedServer::Script dripping(std::string head, std::string piece, std::chrono::milliseconds pause) {
    return after_request(dripping_at_once(std::move(head), std::move(piece), pause));
  }

  // In a mount namespace where /etc/`name` has this content.
  void replace_in_etc(const std::string &name, const std::string &content) {
    around_ = {"/usr/bin/unshare",
               "--mount",
               "--propagation",
               "private",
               "/bin/sh",
               "-c",
               "mount --bind " + directory_.write(name, content, 0644) + " /etc/" + name + " && exec \"$0\" \"$@\""};
  }

  std::vector<std::string> around_;  // a command that runs the one behind it
  TemporaryDirectory directory_;
  CertificateAuthority ca_{"hostile CA"};
  Identity identity_ = ca_.issue({"localhost", "127.0.0.1"});
  static inline const std::string key_ = to_pem(emulator::make_key(emulator::KeyKind::rsa_2048).get());
  emulator::Issuer issuer_{key_};
  std::string token_ = issuer_.token();
};

}  // namespace regcred::testing
