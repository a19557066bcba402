// SPDX-License-Identifier: Apache-2.0
// What is wrong below HTTP: names, connections that end or never become TLS, IPv6.
#include <atomic>
#include <memory>
#include <thread>

#include "hostile/fixture.hpp"

namespace regcred::testing {
namespace {

using std::chrono::milliseconds;

class Connections : public Hostile {};

constexpr const char *record_without_end = "\x16\x03\x03\x3f\xff";  // the head of a TLS record of 16 KiB

TEST_F(Connections, H4_a_peer_that_does_not_speak_tls) {
  struct Row {
    const char *name;
    ScriptedServer::Script script;
    int status;
    const char *words;
  };
  const Row table[] = {
      {"silent", [](Connection &connection) { connection.stall(); }, 7, "no TLS session with localhost"},
      {"drips in the handshake", dripping_at_once(record_without_end, "x", milliseconds(100)), 7,
       "no TLS session with localhost"},
      {"plain HTTP", [](Connection &connection) { connection.send(good_answer); }, 6,
       "does not speak TLS, most likely plain HTTP"},
      {"garbage", [](Connection &connection) { connection.send(std::string(4096, '\xff')); }, 6, "does not speak TLS"},
      {"a TLS alert", [](Connection &connection) { connection.send(std::string("\x15\x03\x03\x00\x02\x02\x28", 7)); },
       6, "no TLS session with localhost"},
      {"ends at once", [](Connection &) {}, 6, "no TLS session with localhost"},
      // Sooner, and the client may take it for a connection that was refused.
      {"resets in the handshake",
       [](Connection &connection) {
         std::this_thread::sleep_for(milliseconds(100));
         connection.reset();
       },
       6, "no TLS session with localhost"},
  };
  for (const Row &row : table) {
    ScriptedServer server(row.script);
    expect_failure(ask(host_of(server)), row.status, row.words, row.name);
    EXPECT_GE(server.connections(), 1) << row.name;
  }
}

// Each byte, twice: an orderly end, and one as of a host that was restarted. Only the whole answer is one.
TEST_F(Connections, L5_L6_that_end_after_each_byte_of_the_answer) {
  std::atomic<std::size_t> at = 0;
  std::atomic<bool> with_reset = false;
  ScriptedServer server(identity_, after_request([&](Connection &connection) {
                          connection.send(good_answer.substr(0, at));
                          if (with_reset) connection.reset();
                        }));
  for (const bool reset : {false, true}) {
    with_reset = reset;
    for (at = 0; at <= good_answer.size(); ++at) {
      const ProcessOutput output = ask(host_of(server));
      const bool whole = at == good_answer.size();
      EXPECT_EQ(output.status, whole ? 0 : 6) << at << (reset ? " reset: " : " ended: ") << output.err;
    }
  }
  EXPECT_EQ(server.requests().size(), 2 * (good_answer.size() + 1)) << "no half answer is asked for again";
}

TEST_F(Connections, H3_over_IPv6) {
  const auto serve = [this](const char *name) {
    return std::make_unique<ScriptedServer>(ca_.issue({name}), answering(good_answer), 0, Loopback::v6);
  };
  std::unique_ptr<ScriptedServer> server;
  try {
    server = serve("six.example.com");
  } catch (const std::runtime_error &) {
    GTEST_SKIP() << "this machine has no ::1";
  }
  replace_in_etc("hosts", "::1 six.example.com\n");
  EXPECT_EQ(ask("six.example.com:" + std::to_string(server->port())).status, 0);
  EXPECT_EQ(server->requests().size(), 1U);
  const auto other = serve("seven.example.com");
  expect_failure(ask("six.example.com:" + std::to_string(other->port())), 6, "is for another name", "IPv6");
  EXPECT_TRUE(other->requests().empty());
}

// A resolver that never answers, in mount and network namespaces of its own.
TEST_F(Connections, H4_a_name_that_nobody_resolves_in_time) {
  const std::string resolver = directory_.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n");
  // Python holds a socket on port 53 that takes every question and answers none.
  const std::string script = "ip link set lo up && mount --bind " + resolver +
                             " /etc/resolv.conf && exec /usr/bin/python3 -c 'import socket,subprocess,sys; "
                             "s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((\"127.0.0.1\", 53)); "
                             "sys.exit(subprocess.run(sys.argv[1:]).returncode)' \"$@\"";
  around_ = {"/usr/bin/unshare", "--mount", "--net",   "--pid", "--fork", "--kill-child",
             "--propagation",    "private", "/bin/sh", "-c",    script,   "sh"};
  const std::vector<std::pair<std::string, std::string>> path = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}};
  expect_failure(ask("api.example.com", "2s", "none", path), 7, "the name api.example.com was not resolved within",
                 "DNS");
  expect_failure(ask("api.example.com", "2s", "http://proxy.example.com:3128", path), 7,
                 "the name of the proxy proxy.example.com:3128 was not resolved within", "DNS of a proxy");
}

}  // namespace
}  // namespace regcred::testing
