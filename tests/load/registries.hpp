// SPDX-License-Identifier: Apache-2.0
// Registries under load: a server process on loopback that answers as several would, each after a time of its own; the
// configuration with an entry for each; and requests to them, each with what it must lead to.
#pragma once

#include <sys/types.h>

#include <string>

namespace regcred::testing {

struct LoadRequest {
  std::string kind;      // name of the registry entry: "flaky"
  std::string input;     // what the kubelet would write
  std::string token;     // no other request has it
  int status = 0;        // that regcred must end with
  std::string password;  // of the answer, when that is 0: made by the server of this request's token
  std::string words;     // of the error, when it is not
};

class Registries {
 public:
  // Forks the server, so no thread may have been started. Files go into `folder`. Throws std::runtime_error.
  explicit Registries(const std::string &folder);
  // Ends the server.
  ~Registries();
  Registries(const Registries &) = delete;
  Registries &operator=(const Registries &) = delete;

  [[nodiscard]] pid_t server() const { return server_; }
  [[nodiscard]] const std::string &config_file() const { return config_file_; }
  [[nodiscard]] const std::string &ca_file() const { return ca_file_; }
  // Of the exchange that every request may make: POST, the token anywhere in the body.
  [[nodiscard]] std::string exchange_url() const;

  // Number `number` of a mix of all kinds: every run of kind_count() numbers has each kind once.
  [[nodiscard]] static LoadRequest mixed(int number);
  // Number `number` of requests that all make one exchange.
  [[nodiscard]] static LoadRequest plain(int number);
  [[nodiscard]] static int kind_count();

 private:
  std::string ca_file_;
  std::string config_file_;
  int port_ = 0;
  int hold_fd_ = -1;  // the server runs until this is closed
  pid_t server_ = -1;
};

}  // namespace regcred::testing
