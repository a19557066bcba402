// SPDX-License-Identifier: Apache-2.0
// The least an exchange can cost with this TLS library: OpenSSL alone, linked statically as everything else here.
// usage: raw_openssl PORT PATH CA_FILE CA_DIRECTORY JSON_BODY    (https://localhost:PORT on 127.0.0.1)
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

int connected(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 ? fd : -1;
}

std::string exchange(SSL *tls, const std::string &request) {
  if (SSL_write(tls, request.data(), static_cast<int>(request.size())) != static_cast<int>(request.size())) return {};
  std::string response;
  char bytes[16384];
  for (int size = 0; (size = SSL_read(tls, bytes, sizeof bytes)) > 0;)
    response.append(bytes, static_cast<std::size_t>(size));
  return response;
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  const std::string body = argv[5];
  const std::string request =
      std::string("POST ") + argv[2] + " HTTP/1.1\r\nHost: localhost:" + argv[1] +
      "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  SSL_CTX *const context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_locations(context, argv[3], argv[4]) != 1) return 1;
  SSL *const tls = SSL_new(context);
  SSL_set1_host(tls, "localhost");
  SSL_set_tlsext_host_name(tls, "localhost");
  SSL_set_fd(tls, connected(std::atoi(argv[1])));
  if (SSL_connect(tls) != 1) return 1;
  const std::string response = exchange(tls, request);
  std::cout << response << '\n';
  return response.starts_with("HTTP/1.1 20") ? 0 : 1;
}
