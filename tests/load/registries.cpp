// SPDX-License-Identifier: Apache-2.0
#include "load/registries.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regcred/testing/fake_request.hpp>
#include <set>
#include <stdexcept>

#include "support/scripted_server.hpp"

namespace regcred::testing {
namespace {

using std::chrono::milliseconds;

// How a registry answers the exchange of request `number`; `again` when that has been asked before.
using Reply = std::string (*)(int number, bool again);

struct Kind {
  const char *name;     // of the entry; also the first part of its images' host and of the exchange's path
  const char *backend;  // "" for a host that no entry has
  int status;
  const char *words;
  int jitter_ms;  // the server answers after a part of it, which depends on the request
  Reply reply;    // nullptr: the server is not asked
};

const std::string json_type = "Content-Type: application/json\r\n";

std::string password_for(int number) { return "password-of-request-" + std::to_string(number); }

// What Cloudsmith gives is a JWT; this one lives until the year 2100.
std::string jwt_for(int number) {
  return "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.request-" + std::to_string(number);
}

std::string exchanged(int number, bool) {
  const nlohmann::json body = {{"access_token", password_for(number)}, {"expires_in", 3600}};
  return http_response(200, body.dump(), json_type);
}
std::string exchanged_by_cloudsmith(int number, bool) {
  return http_response(201, nlohmann::json{{"token", jwt_for(number)}}.dump(), json_type);
}
std::string unavailable_at_first(int number, bool again) {
  return again ? exchanged(number, again) : http_response(503, "", json_type);
}
std::string throttled_at_first(int number, bool again) {
  return again ? exchanged(number, again) : http_response(429, "", "Retry-After: 1\r\n");
}
std::string throttled(int, bool) { return http_response(429, "{}", "Retry-After: 3600\r\n"); }
std::string denied(int, bool) { return http_response(401, R"({"error":"invalid_grant"})", json_type); }
std::string redirected(int, bool) { return http_response(307, "", "Location: https://elsewhere.example.com/\r\n"); }
std::string cut_short(int number, bool again) {
  const std::string whole = exchanged(number, again);
  return whole.substr(0, whole.size() / 2);
}

const Kind kinds[] = {
    {"cloudsmith", "cloudsmith", 0, "", 100, exchanged_by_cloudsmith},
    {"quick", "oidc", 0, "", 100, exchanged},
    {"slow", "oidc", 0, "", 3000, exchanged},
    {"flaky", "oidc", 0, "", 100, unavailable_at_first},
    {"busy", "oidc", 0, "", 100, throttled_at_first},
    {"throttled", "oidc", 6, "throttled", 100, throttled},
    {"denied", "oidc", 6, "denied", 100, denied},
    {"redirecting", "oidc", 6, "redirects", 100, redirected},
    {"breaking", "oidc", 6, "no complete HTTP answer", 100, cut_short},
    {"fixed", "static", 0, "", 0, nullptr},
    {"nowhere", "", 4, "none of the 10 patterns of matchImages matches", 0, nullptr},
};
constexpr int plain_kind = 1;

// The server's work on one connection.
class Service {
 public:
  void serve(Connection &connection) {
    const std::string request = connection.read_request();
    const Kind *const kind = kind_of(request);
    const std::size_t at = request.find(".request-");
    if (kind == nullptr || at == std::string::npos) {
      connection.send(http_response(404, ""));
      return;
    }
    const int number = std::stoi(request.substr(at + 9));
    const bool again = !asked_.insert(number);
    std::this_thread::sleep_for(milliseconds(number * 7919 % (kind->jitter_ms + 1)));
    connection.send(kind->reply(number, again));
  }

 private:
  class Numbers {
   public:
    bool insert(int number) {
      const std::lock_guard lock(mutex_);
      return numbers_.insert(number).second;
    }

   private:
    std::mutex mutex_;
    std::set<int> numbers_;
  };

  static const Kind *kind_of(const std::string &request) {
    for (const Kind &kind : kinds) {
      const std::string path = std::string("/") + kind.name + "/ HTTP/1.1\r\n";  // of Cloudsmith /openid/ORG/
      if (kind.reply != nullptr && request.substr(0, request.find('\n') + 1).ends_with(path)) return &kind;
    }
    return nullptr;
  }

  Numbers asked_;
};

std::string settings_of(const Kind &kind, int port, const std::string &password_file) {
  const std::string host = "localhost:" + std::to_string(port);
  const std::string backend = kind.backend;
  if (backend == "cloudsmith")
    return "{orgSlug: cloudsmith, registryHosts: [cloudsmith.example.com], apiHost: '" + host + "'}";
  if (backend == "static") return "{username: puller, passwordFile: '" + password_file + "'}";
  return "{mode: tokenExchange, username: puller, exchangeUrl: 'https://" + host + '/' + kind.name + "/'}";
}

std::string write_file(const std::string &path, const std::string &text) {
  std::ofstream(path, std::ios::binary) << text;
  if (::chmod(path.c_str(), 0600) != 0) throw std::runtime_error(path + " cannot be written");
  return path;
}

LoadRequest request_of(const Kind &kind, int number) {
  LoadRequest request{kind.name, {}, {}, kind.status, {}, kind.words};
  request.token = base64url_encode(R"({"alg":"none"})") + '.' +
                  base64url_encode(nlohmann::json{{"sub", "pod-" + std::to_string(number)}}.dump()) + ".request-" +
                  std::to_string(number);
  if (kind.status == 0) {
    request.password = kind.reply == nullptr                   ? "fixed-password"
                       : kind.reply == exchanged_by_cloudsmith ? jwt_for(number)
                                                               : password_for(number);
  }
  request.input = nlohmann::json{
      {"kind", "CredentialProviderRequest"},
      {"apiVersion", "credentialprovider.kubelet.k8s.io/v1"},
      {"image", std::string(kind.name) + ".example.com/team/app"},
      {"serviceAccountToken",
       request.token}}.dump();
  return request;
}

// The server process: tells its port, and ends with the pipe that its parent holds.
[[noreturn]] void run_server(int port_fd, int hold_fd, const std::string &ca_file) {
  {
    const CertificateAuthority ca("load CA");
    write_file(ca_file, ca.pem());
    Service service;
    const ScriptedServer server(ca.issue({"localhost"}), [&](Connection &connection) { service.serve(connection); });
    const int port = server.port();
    char byte = 0;
    if (::write(port_fd, &port, sizeof port) == sizeof port) {
      while (::read(hold_fd, &byte, 1) < 0 && errno == EINTR) continue;
    }
  }
  ::_exit(0);
}

}  // namespace

Registries::Registries(const std::string &folder) : ca_file_(folder + "/ca.pem"), config_file_(folder + "/load.yaml") {
  std::array<int, 2> port_pipe{};
  std::array<int, 2> hold_pipe{};
  if (::pipe2(port_pipe.data(), O_CLOEXEC) != 0 || ::pipe2(hold_pipe.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe2");
  }
  server_ = ::fork();
  if (server_ == 0) {
    ::close(hold_pipe[1]);
    run_server(port_pipe[1], hold_pipe[0], ca_file_);
  }
  ::close(port_pipe[1]);
  ::close(hold_pipe[0]);
  hold_fd_ = hold_pipe[1];
  const bool told = ::read(port_pipe[0], &port_, sizeof port_) == sizeof port_;
  ::close(port_pipe[0]);
  if (server_ < 0 || !told) throw std::runtime_error("the server did not start");

  const std::string password_file = write_file(folder + "/password", "fixed-password\n");
  std::string yaml =
      "apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults: {proxy: none, throttleMemory: off, caFile: '" +
      ca_file_ + "'}\nregistries:\n";
  for (const Kind &kind : kinds) {
    if (*kind.backend == '\0') continue;
    yaml += std::string("- {name: ") + kind.name + ", matchImages: [" + kind.name +
            ".example.com], backend: " + kind.backend + ", settings: " + settings_of(kind, port_, password_file) +
            "}\n";
  }
  write_file(config_file_, yaml);
}

Registries::~Registries() {
  ::close(hold_fd_);
  ::waitpid(server_, nullptr, 0);
}

std::string Registries::exchange_url() const {
  return "https://localhost:" + std::to_string(port_) + '/' + kinds[plain_kind].name + '/';
}

LoadRequest Registries::mixed(int number) { return request_of(kinds[number % kind_count()], number); }

LoadRequest Registries::plain(int number) { return request_of(kinds[plain_kind], number); }

int Registries::kind_count() { return static_cast<int>(std::size(kinds)); }

}  // namespace regcred::testing
