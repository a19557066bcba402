// SPDX-License-Identifier: Apache-2.0
// One question to the static backend: settings and an image in, the outcome out.
#pragma once

#include "backends/conversation.hpp"

namespace regcred::test {

class Static : public Conversation {
 protected:
  Static() {
    password = "pa55-word-canary-0123456789";
    host.add_secret_file("/etc/regcred/secrets/password", password);
    host.add_secret_file("harbor-user", "robot$ci");
  }
  Outcome ask(const std::string &settings, const std::string &image = "harbor.example.com/team/app") {
    return run(backend(), settings, FakeRequest(image), host);
  }
  FakeHost host;
};

}  // namespace regcred::test
