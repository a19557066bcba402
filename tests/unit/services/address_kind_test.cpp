// SPDX-License-Identifier: Apache-2.0
// Where addresses are, and that a request is kept from those it may not go to at the moment of the connection.
#include "services/http/address_kind.hpp"

#include "curl_fixture.hpp"

namespace regcred::core {
namespace {

using regcred::testing::answering;
using regcred::testing::http_response;
using regcred::testing::ScriptedServer;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(PrivateHosts, addresses_and_names_that_only_their_network_knows) {
  for (const char *address : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "127.0.0.1",
                              "169.254.169.254", "fd12::1", "fe80::1", "::1", "198.18.0.1", "255.255.255.255"}) {
    EXPECT_TRUE(is_private_address(address)) << address;
  }
  for (const char *address : {"9.255.255.255", "11.0.0.0", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1",
                              "203.0.113.7", "2001:db8::1", "example.com", ""}) {
    EXPECT_FALSE(is_private_address(address)) << address;
  }
  for (const char *name :
       {"kubernetes", "localhost", "kubernetes.default.svc", "a.cluster.local", "x.internal", "10.0.0.1"}) {
    EXPECT_TRUE(is_private_name(name)) << name;
  }
  for (const char *name : {"issuer.example.com", "svc.example.com", "203.0.113.7"}) {
    EXPECT_FALSE(is_private_name(name)) << name;
  }
}

TEST(AddressKinds, H7b_every_form_of_an_address_is_of_its_kind) {
  const std::pair<AddressKind, std::vector<const char *>> addresses[] = {
      {AddressKind::loopback,
       {"127.0.0.1", "127.255.0.1", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0", "64:ff9b::7f00:1",
        "2002:7f00:1::", "::127.0.0.1"}},
      {AddressKind::link_local,
       {"169.254.169.254", "fe80::1", "febf::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
        "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"}},
      {AddressKind::private_network,
       {"10.0.0.1", "::ffff:10.0.0.1", "::ffff:192.168.1.1", "64:ff9b::a00:1", "2002:a00:1::", "fc00::1", "fec0::1",
        "ff02::1", "224.0.0.1", "100::1", "2001:0:a00:1::"}},
      {AddressKind::open, {"203.0.113.7", "::ffff:203.0.113.7", "2a00:1450::1", "2606:4700::1111", "168.63.129.17"}},
  };
  for (const auto &[kind, texts] : addresses) {
    for (const char *text : texts) EXPECT_EQ(kind_of_address(text), kind) << text;
  }
  const std::pair<AddressKind, std::vector<const char *>> names[] = {
      {AddressKind::loopback,
       {"localhost", "LocalHost:443", "a.localhost", "localhost.", "127.1", "0x7f000001", "2130706433", "017700000001",
        "127.0.0.1.", "[::1]", "[::1]:5000", "[::ffff:127.0.0.1]"}},
      {AddressKind::link_local, {"169.254.169.254:80", "0xa9fea9fe", "[fe80::1]", "metadata.google.internal"}},
      {AddressKind::private_network, {"10.1", "registry", "a.svc", "a.SVC.", "x.internal:5000"}},
      {AddressKind::open, {"example.com", "203.0.113.7:443", "[2a00::1]:5000", "10.0.0.1.example.com"}},
  };
  for (const auto &[kind, texts] : names) {
    for (const char *text : texts) EXPECT_EQ(kind_of_name(text), kind) << text;
  }
}

class GuardedCurl : public CurlTest {
 protected:
  std::string ask(const std::string &host, int port, AddressGuard &guard) {
    CurlAttempt http(config_, clock_);
    const std::string url = "https://" + host + ':' + std::to_string(port) + '/';
    const HttpRequest request{.method = "GET", .url = url, .guard = &guard};
    const auto outcome = http.send(request, {5000, 5000});
    return outcome ? "HTTP " + std::to_string(outcome->status) : outcome.error().text;
  }
};

TEST_F(GuardedCurl, H7b_no_connection_to_an_address_that_is_not_allowed) {
  ScriptedServer server(for_localhost(), answering(http_response(200, "")));
  // A name, an address, and forms that only libcurl takes for one.
  for (const char *host : {"localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "127.1", "0x7f000001", "2130706433"}) {
    AddressGuard guard{every_address_kind & ~kinds(AddressKind::loopback)};
    EXPECT_THAT(ask(host, server.port(), guard), HasSubstr("where this may not go")) << host;
    EXPECT_THAT(guard.refused, HasSubstr(", an address of this machine")) << host;
    EXPECT_THAT(guard.address, IsEmpty());
  }
  EXPECT_EQ(server.connections(), 0);
  AddressGuard guard{kinds(AddressKind::loopback)};
  EXPECT_EQ(ask("localhost", server.port(), guard), "HTTP 200");
  EXPECT_EQ(guard.address, "127.0.0.1");
}

TEST_F(GuardedCurl, H7b_through_a_proxy_the_name_counts_and_the_proxys_address_does_not) {
  ScriptedServer server(for_localhost(), answering(http_response(200, "")));
  ScriptedServer proxy(regcred::testing::passing_to(server));
  config_.proxy.url = "http://127.0.0.1:" + std::to_string(proxy.port());
  for (const char *host : {"localhost", "127.1", "[::1]", "a.svc", "10.0.0.1", "169.254.169.254"}) {
    AddressGuard guard{kinds(AddressKind::open)};
    EXPECT_THAT(ask(host, server.port(), guard), HasSubstr("where this may not go")) << host;
  }
  EXPECT_EQ(proxy.connections(), 0);
  AddressGuard guard{kinds(AddressKind::loopback)};
  EXPECT_EQ(ask("localhost", server.port(), guard), "HTTP 200");
  EXPECT_EQ(guard.address, "");
  config_.proxy.no_proxy = "localhost";
  AddressGuard direct{kinds(AddressKind::open)};
  EXPECT_THAT(ask("localhost", server.port(), direct), HasSubstr("where this may not go"));
  EXPECT_EQ(server.connections(), 1);
}

}  // namespace
}  // namespace regcred::core
