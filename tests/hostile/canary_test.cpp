// SPDX-License-Identifier: Apache-2.0
// Canaries: a token, a password and a body that nobody may see. Every backend that ships is asked through the real
// program, against a server that answers with each kind of failure and quotes whatever it was sent, at log levels off
// and debug. The kubelet's log must hold none of the three; standard output the password, and only on success.
#include <cctype>
#include <mutex>
#include <regcred/base64.hpp>

#include "hostile/fixture.hpp"

namespace regcred::testing {
namespace {

struct ShippedBackend {
  const char *name;
  const char *image;
  std::string settings;  // HOST stands for the server
  std::string answer;    // PASSWORD stands for the credential, LOGIN for base64 of AWS:PASSWORD
  bool asks = true;      // makes a network call
};

void PrintTo(const ShippedBackend &backend, std::ostream *out) { *out << backend.name; }

const ShippedBackend backends[] = {
    {"cloudsmith", "docker.cloudsmith.io/acme/app", "{orgSlug: acme, apiHost: 'HOST'}", R"({"token":"PASSWORD"})"},
    {"acr", "acmeprod.azurecr.io/team/app",
     "{tenantId: acme.onmicrosoft.com, clientId: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, authorityHost: 'HOST', "
     "exchangeEndpoint: 'https://HOST'}",
     R"({"access_token":"PASSWORD","refresh_token":"PASSWORD","expires_in":3599})"},
    {"chainguard", "cgr.dev/acme/app", "{identity: ab12/cd34, issuerHost: 'HOST'}", R"({"token":"PASSWORD"})"},
    {"ecr", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/app",
     "{roleArn: 'arn:aws:iam::123456789012:role/puller', stsEndpoint: 'https://HOST', ecrEndpoint: 'https://HOST'}",
     R"({"AccessKeyId":"A","SecretAccessKey":"B","SessionToken":"C","authorizationData":[{"authorizationToken":"LOGIN"}]})"},
    {"google", "europe-docker.pkg.dev/acme/app",
     "{audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q', "
     "stsEndpoint: 'https://HOST'}",
     R"({"access_token":"PASSWORD","token_type":"Bearer","expires_in":3599})"},
    {"jfrog", "acme.jfrog.io/docker/app",
     "{artifactoryHost: 'HOST', providerName: k8s, registryHosts: [acme.jfrog.io]}",
     R"({"access_token":"PASSWORD","token_type":"Bearer","expires_in":7200,"username":"builder"})"},
    {"oidc", "registry.example.com/app",
     "{mode: tokenExchange, exchangeUrl: 'https://HOST/v1/token', username: oauth2, "
     "registryHosts: [registry.example.com]}",
     R"({"access_token":"PASSWORD","token_type":"Bearer","expires_in":7200})"},
    {"quay", "quay.io/acme/app", "{robot: acme+puller, apiHost: 'HOST', registryHosts: [quay.io]}",
     R"({"token":"PASSWORD"})"},
    {"harbor", "harbor.example.com/team/app", "{registryHosts: [harbor.example.com], audiences: [cloudsmith]}", "",
     false},
    {"exec", "exec.example.com/app", "{protocol: kubelet, program: 'PROGRAM'}", "", false},
    {"static", "fixed.example.com/app", "{username: robot, passwordFile: 'PASSWORD_FILE'}", "", false},
    {"vault", "harbor.example.com/team/app", "{address: 'https://HOST', role: puller, mount: secret, path: harbor}",
     R"({"auth":{"client_token":"s.login","lease_duration":60},"data":{"data":{"username":"u","password":"PASSWORD"}}})"},
};

// One way to fail. REQUEST in it stands for all that the server was sent, ANSWER for the right body.
struct Reply {
  const char *name;
  int status;
  std::string body;
  std::string headers = {};
};

const std::string marker = "b0dy-canary-4711-nobody-may-see-this";
const std::string json_type = "Content-Type: application/json\r\n";
const std::string not_now = "Retry-After: 3600\r\n";  // keeps the tries to one

std::vector<Reply> replies() {
  std::vector<Reply> table = {
      {"the right answer", 200, "ANSWER", json_type},
      {"half of the right answer", 200, "HALF", json_type},
      {"the right answer as a redirect", 307, "ANSWER", "Location: https://localhost:1/?REQUEST\r\n"},
      {"a page", 200, "<html>" + marker + " REQUEST</html>", "Content-Type: text/html\r\n"},
      {"wrong types", 200, R"({"token":[")" + marker + R"("],"access_token":{"a":"PASSWORD"}})", json_type},
      {"no member", 200, R"({"other":"PASSWORD )" + marker + "\"}", json_type},
      {"a password with a line end", 200, R"({"token":"PASSWORD\n","access_token":"PASSWORD\n"})", json_type},
      {"an expiry from another world", 200,
       R"({"token":"PASSWORD","access_token":"PASSWORD","expiry":")" + marker + R"(","expires_in":")" + marker + "\"}",
       json_type},
      {"headers that quote", 400, "{}", "WWW-Authenticate: Bearer error=\"REQUEST\"\r\nX-Debug: " + marker + "\r\n"},
      {"rate limits that quote", 429, "{}", "X-RateLimit-Limit: " + marker + "\r\nRetry-After: REQUEST\r\n"},
      {"a reason that quotes", 599, marker + " REQUEST", not_now},
  };
  for (const int status : {400, 401, 403, 404, 409, 422, 429, 500, 503}) {
    const std::string quoted = marker + " REQUEST PASSWORD";
    table.push_back({"an error that quotes", status,
                     R"({"error":")" + quoted + R"(","error_description":")" + quoted + R"(","detail":")" + quoted +
                         R"(","message":")" + quoted + R"(","errors":[{"message":")" + quoted + "\"}]}",
                     json_type + not_now});
  }
  return table;
}

std::string replaced(std::string text, const std::string &what, const std::string &by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// A request on one line, as it may be quoted anywhere.
std::string on_one_line(std::string request) {
  for (char &c : request) c = std::iscntrl(static_cast<unsigned char>(c)) != 0 || c == '"' || c == '\\' ? ' ' : c;
  return request;
}

class Canaries : public Hostile, public ::testing::WithParamInterface<ShippedBackend> {
 protected:
  Canaries() {
    password_file_ = directory_.write("password", password_ + "\n");
    config_ = directory_.write("config.yaml", config());
  }

  std::string config() const {
    std::string settings = replaced(GetParam().settings, "HOST", host_of(server_));
    settings = replaced(settings, "PASSWORD_FILE", password_file_);
    // A provider that quotes all it got on standard error.
    settings = replaced(settings, "PROGRAM",
                        directory_.write("provider",
                                         R"sh(#!/bin/sh
cat >&2
echo '{"kind":"CredentialProviderResponse","apiVersion":"credentialprovider.kubelet.k8s.io/v1","cacheKeyType":"Image",)sh"
                                         R"sh("auth":{"exec.example.com":{"username":"robot","password":")sh" +
                                             password_ + "\"}}}'\n",
                                         0755));
    const std::string host = std::string(GetParam().image).substr(0, std::string(GetParam().image).find('/'));
    const std::string deadline =
        std::string(GetParam().name) == "exec" ? "4s" : "2s";  // of which a program has two less
    return "apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults: {deadline: " + deadline +
           ", proxy: none, throttleMemory: off, caFile: " + directory_.write("ca.pem", ca_.pem()) +
           "}\nregistries:\n- name: r\n  matchImages: ['" + host + "']\n  backend: " + GetParam().name +
           "\n  settings: " + settings + "\n";
  }
  ProcessOutput ask_at(const std::string &level) {
    const nlohmann::json request = {{"kind", "CredentialProviderRequest"},
                                    {"apiVersion", "credentialprovider.kubelet.k8s.io/v1"},
                                    {"image", GetParam().image},
                                    {"serviceAccountToken", token_}};
    return run_process({{REGCRED_PROGRAM, "--config", config_, "--log-level", level}, request.dump(), {}});
  }
  void answer(Connection &connection) {
    const std::string sent = on_one_line(connection.read_request());
    const Reply reply = [this] {
      const std::lock_guard lock(mutex_);
      return reply_;
    }();
    std::string right = replaced(GetParam().answer, "PASSWORD", password_);
    right = replaced(std::move(right), "LOGIN", regcred::base64_encode("AWS:" + password_));
    const auto filled = [&](std::string text) {
      text = replaced(std::move(text), "HALF", right.substr(0, right.size() / 2));
      text = replaced(std::move(text), "ANSWER", right);
      return replaced(replaced(std::move(text), "PASSWORD", password_), "REQUEST", sent);
    };
    connection.send(http_response(reply.status, filled(reply.body), filled(reply.headers)));
  }
  void set_reply(const Reply &reply) {
    const std::lock_guard lock(mutex_);
    reply_ = reply;
  }
  void judge(const ProcessOutput &output, const std::string &row) const {
    const bool passes_token_on = std::string_view(GetParam().name) == "harbor";
    for (const std::string &secret : {token_, password_, marker}) {
      EXPECT_EQ(regcred::test::find_leak(secret, output.err), std::nullopt) << row << ": " << output.err;
    }
    EXPECT_EQ(output.out.find(marker), std::string::npos) << row;
    EXPECT_EQ(output.out.find(token_) != std::string::npos, passes_token_on && output.status == 0) << row;
    EXPECT_EQ(output.out.find(passes_token_on ? token_ : password_) != std::string::npos, output.status == 0)
        << row << ": " << output.status << ' ' << output.out << output.err;
    EXPECT_EQ(output.out.empty(), output.status != 0) << row;
  }

  // A credential as Cloudsmith, Chainguard and Quay give them: a JWT that lives until the year 2100.
  std::string password_ =
      "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDAsInN1YiI6ImNhbmFyeSJ9.cGFzc3dvcmQtY2FuYXJ5LTQ3MTE";
  std::mutex mutex_;
  Reply reply_;
  ScriptedServer server_{identity_, [this](Connection &connection) { answer(connection); }};
  std::string password_file_;
  std::string config_;
};

TEST_P(Canaries, L1_no_token_password_or_body_in_any_log) {
  int answered = 0;
  int failed = 0;
  for (const Reply &reply : GetParam().asks ? replies() : std::vector<Reply>{{"no call", 0, ""}}) {
    set_reply(reply);
    for (const char *level : {"off", "debug"}) {
      const std::string row = reply.name + (' ' + std::to_string(reply.status)) + " at level " + level;
      const ProcessOutput output = ask_at(level);
      judge(output, row);
      ++(output.status == 0 ? answered : failed);
      // The lines that a leak would stand in were there.
      const bool has_lines = output.err.find("regcred: debug: ") != std::string::npos;
      EXPECT_TRUE(!GetParam().asks || has_lines == (std::string_view(level) == "debug")) << row;
    }
  }
  EXPECT_GE(answered, 2);
  EXPECT_GE(failed, GetParam().asks ? 30 : 0);
  EXPECT_EQ(server_.requests().empty(), !GetParam().asks);
}

INSTANTIATE_TEST_SUITE_P(table, Canaries, ::testing::ValuesIn(backends), ::testing::PrintToStringParamName());

}  // namespace
}  // namespace regcred::testing
