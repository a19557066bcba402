// A hostile server, as a table: what it does, what the kubelet then reads, and how often it was asked. What libcurl
// sees of single bytes stands in tests/unit/services/curl_*_test.cpp; here the real program is asked by a real request.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regcred/testing/leaks.hpp>

#include "emulator/issuer.hpp"
#include "emulator/keys.hpp"
#include "support/process.hpp"
#include "support/scripted_server.hpp"

namespace regcred::testing {
namespace {

using std::chrono::milliseconds;
using namespace std::string_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string good_body = R"({"token":"eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.c2ln"})";
const std::string good_answer = http_response(201, good_body, "Content-Type: application/json\r\n");

class Hostile : public ::testing::Test {
 protected:
  // One request of the kubelet to a Cloudsmith entry whose API host is `host`.
  ProcessOutput ask(const std::string &host, const std::string &deadline = "2s", const std::string &proxy = "none",
                    const std::vector<std::pair<std::string, std::string>> &environment = {}) {
    const std::string config = directory_.write(
        "config.yaml", "apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults: {deadline: " + deadline + ", proxy: '" +
                           proxy + "', caFile: " + directory_.write("ca.pem", ca_.pem()) +
                           "}\nregistries:\n- name: r\n  matchImages: [docker.cloudsmith.io]\n  backend: cloudsmith\n" +
                           "  settings: {orgSlug: acme, apiHost: '" + host + "'}\n");
    const nlohmann::json request = {{"kind", "CredentialProviderRequest"},
                                    {"apiVersion", "credentialprovider.kubelet.k8s.io/v1"},
                                    {"image", "docker.cloudsmith.io/acme/app"},
                                    {"serviceAccountToken", token_}};
    const auto begin = std::chrono::steady_clock::now();
    const ProcessOutput output =
        run_process({{REGCRED_PROGRAM, "--config", config, "--log-level", "debug"}, request.dump(), environment});
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
    EXPECT_THAT(last_line(output), StartsWith("regcred: ")) << row;
    EXPECT_THAT(last_line(output), HasSubstr(words)) << row;
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
  static ScriptedServer::Script dripping(std::string head, std::string piece, milliseconds pause) {
    return after_request([=](Connection &connection) {
      bool listening = connection.send(head);
      while (listening) {
        std::this_thread::sleep_for(pause);
        listening = connection.send(piece);
      }
    });
  }

  TemporaryDirectory directory_;
  CertificateAuthority ca_{"hostile CA"};
  Identity identity_ = ca_.issue({"localhost", "127.0.0.1"});
  static inline const std::string key_ = to_pem(emulator::make_key(emulator::KeyKind::rsa_2048).get());
  emulator::Issuer issuer_{key_};
  std::string token_ = issuer_.token();
};

TEST_F(Hostile, H4_H5_answers_that_never_end_or_are_none) {
  struct Row {
    const char *name;
    ScriptedServer::Script script;
    int status;
    const char *words;
  };
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const Row table[] = {
      {"says nothing", after_request([](Connection &connection) { connection.stall(); }), 7, "timed out"},
      {"drips in the status line", dripping("HTTP/1.1 2", "0", milliseconds(300)), 7, "timed out"},
      {"drips in the headers", dripping("HTTP/1.1 200 OK\r\nX: ", "x", milliseconds(100)), 7, "timed out"},
      {"drips in the body", dripping("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", "x", milliseconds(100)), 7,
       "timed out"},
      {"headers without end", dripping("HTTP/1.1 200 OK\r\n", "X: " + std::string(8000, 'x') + "\r\n", milliseconds(0)),
       6, "more than 1 MiB of body or 64 KiB of headers"},
      {"chunks without end", dripping(chunked, "1000\r\n" + std::string(4096, 'x') + "\r\n", milliseconds(0)), 6,
       "more than 1 MiB"},
      {"interim answers without end", dripping("", "HTTP/1.1 100 Continue\r\n\r\n", milliseconds(0)), 6,
       "64 KiB of headers"},
      {"a bomb of gzip",
       answering(http_response(200, std::string("\x1f\x8b\x08\x00", 4) + std::string(1000, '\0'),
                               "Content-Encoding: gzip\r\n")),
       6, "no JSON object"},
      {"a longer length than body", answering("HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n" + good_body), 6,
       "no complete HTTP answer"},
      {"a negative length", answering("HTTP/1.1 201 Created\r\nContent-Length: -5\r\n\r\n" + good_body), 6, "HTTP"},
      {"two lengths", answering("HTTP/1.1 201 Created\r\nContent-Length: 5\r\nContent-Length: 500\r\n\r\n" + good_body),
       6, "HTTP"},
      {"a broken chunk", answering(chunked + "zz\r\n"), 6, "ended the connection"},
      {"HTTP/0.9", answering(good_body), 6, "HTTP"},
      {"an empty answer", answering(""), 6, "ended the connection"},
      {"one byte", answering("H"), 6, "ended the connection"},
      {"a zero in a header", answering("HTTP/1.1 201 Created\r\nX: a\0b\r\n\r\n"s), 6, "HTTP"},
      {"another protocol", answering("SSH-2.0-OpenSSH_9.2\r\n"), 6, "HTTP"},
      {"status 101", answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), 6, "ended the connection"},
  };
  for (const Row &row : table) {
    ScriptedServer server(identity_, row.script);
    expect_failure(ask(host_of(server)), row.status, row.words, row.name);
    EXPECT_GE(server.connections(), 1) << row.name;
  }
}

TEST_F(Hostile, what_is_odd_and_still_an_answer) {
  const std::pair<const char *, std::string> table[] = {
      {"HTTP/1.0",
       "HTTP/1.0 201 Created\r\nContent-Length: " + std::to_string(good_body.size()) + "\r\n\r\n" + good_body},
      {"the end of the connection as the end of the body",
       "HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n" + good_body},
      {"a length and more bytes after it", good_answer + "HTTP/1.1 200 OK\r\n\r\ngarbage"},
      {"an interim answer", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + good_answer},
      {"cookies and HSTS",
       http_response(201, good_body, "Set-Cookie: a=b\r\nStrict-Transport-Security: max-age=9\r\n")},
  };
  for (const auto &[name, answer] : table) {
    ScriptedServer server(identity_, answering(answer));
    EXPECT_EQ(ask(host_of(server)).status, 0) << name;
    ASSERT_EQ(server.requests().size(), 1U) << name;
    EXPECT_EQ(server.requests()[0].find("Cookie:"), std::string::npos);
  }
}

TEST_F(Hostile, H2_no_redirect_brings_the_token_to_another_server) {
  for (const int status : {301, 302, 303, 307, 308}) {
    ScriptedServer thief(identity_, answering(good_answer));
    ScriptedServer server(identity_, answering(http_response(status, "", "Location: " + thief.url("/take") + "\r\n")));
    expect_failure(ask(host_of(server)), 6, "redirects (HTTP " + std::to_string(status) + ") to host", "redirect");
    EXPECT_EQ(thief.connections(), 0) << status;
  }
}

TEST_F(Hostile, H3_certificates_that_are_not_right) {
  const CertificateAuthority other("another CA");
  struct Row {
    const char *name;
    Identity identity;
    int version_max;
  };
  Row table[] = {{"expired", ca_.issue({"localhost"}, -10, -1), 0},
                 {"not yet valid", ca_.issue({"localhost"}, 2, 9), 0},
                 {"for another host", ca_.issue({"api.example.com"}), 0},
                 {"of another authority", other.issue({"localhost"}), 0},
                 {"TLS 1.1", ca_.issue({"localhost"}), TLS1_1_VERSION}};
  for (const Row &row : table) {
    ScriptedServer server(row.identity, answering(good_answer), row.version_max);
    expect_failure(ask(host_of(server)), 6, "unavailable", row.name);
    EXPECT_TRUE(server.requests().empty()) << row.name;
  }
}

TEST_F(Hostile, L5_a_connection_that_ends_after_each_byte_of_the_answer) {
  for (std::size_t bytes = 0; bytes < good_answer.size(); bytes += 3) {
    ScriptedServer server(identity_, answering(good_answer.substr(0, bytes)));
    const ProcessOutput output = ask(host_of(server));
    EXPECT_EQ(output.status, 6) << bytes << ": " << output.out << output.err;
  }
}

TEST_F(Hostile, H4_a_peer_that_does_not_speak_tls) {
  ScriptedServer silent([](Connection &connection) { connection.stall(); });
  expect_failure(ask(host_of(silent)), 7, "timed out", "silent");
  ScriptedServer plain([](Connection &connection) { connection.send(good_answer); });
  expect_failure(ask(host_of(plain)), 6, "unavailable", "plain HTTP");
}

TEST_F(Hostile, H8_the_proxy_and_its_password) {
  const std::string secret = "pr0xy-pass-canary";
  const auto with_proxy = [&](const ScriptedServer &proxy) {
    return "http://user:" + secret + "@127.0.0.1:" + std::to_string(proxy.port());
  };
  const std::pair<const char *, const char *> answers[] = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", "proxy"},
      {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "proxy"},
      {"HTTP/1.1 200 Connection established\r\n\r\nnot TLS at all", "unavailable"},
      {"", "Proxy"}};
  for (const auto &[answer, words] : answers) {
    ScriptedServer proxy(answering(answer));
    const ProcessOutput output = ask("api.example.com", "2s", with_proxy(proxy));
    expect_failure(output, 6, words, answer);
    EXPECT_EQ(output.err.find(secret), std::string::npos) << output.err;
    ASSERT_FALSE(proxy.requests().empty()) << answer;
    EXPECT_THAT(proxy.requests()[0], StartsWith("CONNECT api.example.com:443 HTTP/1.1\r\n"));
    EXPECT_THAT(proxy.requests()[0], HasSubstr("Proxy-Authorization: Basic "));
    EXPECT_EQ(regcred::test::find_leak(token_, proxy.requests()[0]), std::nullopt);
  }
}

TEST_F(Hostile, H8_NO_PROXY_goes_directly) {
  ScriptedServer proxy(answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"));
  ScriptedServer server(identity_, answering(good_answer));
  const std::string at = "http://127.0.0.1:" + std::to_string(proxy.port());
  EXPECT_EQ(ask(host_of(server), "2s", "environment", {{"HTTPS_PROXY", at}, {"NO_PROXY", "localhost"}}).status, 0);
  EXPECT_EQ(proxy.connections(), 0);
  EXPECT_NE(ask(host_of(server), "2s", "environment", {{"HTTPS_PROXY", at}}).status, 0);
  EXPECT_GE(proxy.connections(), 1);
}

// A resolver that never answers, in a mount namespace with a resolv.conf of our own.
TEST_F(Hostile, H4_a_name_that_nobody_resolves_in_time) {
  ask("api.example.com");  // writes the configuration
  const std::string resolver = directory_.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n");
  const std::string request = R"({"kind":"CredentialProviderRequest","image":"docker.cloudsmith.io/acme/app",)"
                              R"("apiVersion":"credentialprovider.kubelet.k8s.io/v1","serviceAccountToken":")" +
                              token_ + "\"}";
  // A socket on port 53 of a network namespace of its own that takes every question and answers none.
  const std::string script =
      "ip link set lo up && mount --bind " + resolver +
      " /etc/resolv.conf && "
      "/usr/bin/python3 -c 'import socket,time; s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
      "s.bind((\"127.0.0.1\", 53)); time.sleep(8)' & sleep 0.5; exec \"$0\" --config \"$1\"";
  const auto begin = std::chrono::steady_clock::now();
  const ProcessOutput output =
      run_process({{"/usr/bin/unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation",
                    "private", "/bin/sh", "-c", script, REGCRED_PROGRAM, directory_.path() + "/config.yaml"},
                   request,
                   {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}}});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  expect_failure(output, 7, "was not resolved within", "DNS");
}

}  // namespace
}  // namespace regcred::testing
