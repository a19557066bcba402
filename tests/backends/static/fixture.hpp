// One question to the static backend: settings and an image in, the outcome out.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>
#include <string>
#include <utility>
#include <vector>

#include "backends/backend_under_test.hpp"

namespace regcred::test {

inline constexpr const char *password = "pa55-word-canary-0123456789";

class Static : public ::testing::Test {
 protected:
  static const regcred_backend_v1 &backend() { return load_backend(BACKEND_SO); }
  Static() {
    host.add_secret_file("/etc/regcred/secrets/password", password);
    host.add_secret_file("harbor-user", "robot$ci");
  }
  Outcome ask(const std::string &settings, const std::string &image = "harbor.example.com/team/app") {
    return run(backend(), settings, FakeRequest(image), host);
  }
  FakeHost host;
};

}  // namespace regcred::test
