// A registry's answer to one backend (BACKEND_SO, SETTINGS, IMAGE): three bytes of status and header, then the body.
// Whatever it is, the outcome keeps the ABI's rules, and no text quotes token or body.
#include <array>
#include <nlohmann/json.hpp>
#include <regcred/testing.hpp>

#include "backends/backend_under_test.hpp"
#include "fuzz/require.hpp"

using namespace regcred::test;
using regcred::fuzz::require;

namespace {

constexpr std::array<int, 12> statuses = {200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503, 599};
constexpr std::array<const char *, 4> types = {"application/json", "text/html", "", "application/json; charset=utf-8"};
constexpr const char *canary = "canary-3141592653589793";

const std::string &token() {
  static const std::string made = fake_token(pod_claims());
  return made;
}

Outcome ask(FakeHost &host) { return run(load_backend(BACKEND_SO), SETTINGS, FakeRequest(IMAGE).token(token()), host); }

// Where the backend sends its request, found by one that nobody answers.
const std::pair<std::string, std::string> &target() {
  static const std::pair<std::string, std::string> found = [] {
    FakeHost nobody;
    static_cast<void>(ask(nobody));
    return nobody.calls().empty() ? std::pair<std::string, std::string>()
                                  : std::pair(nobody.calls().front().method, nobody.calls().front().url);
  }();
  return found;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  require(!target().first.empty(), "the backend asks somebody");
  if (size < 3) return 0;
  FakeHost host;
  std::string body(regcred::fuzz::text_of(data + 3, size - 3));
  regcred::HttpHeaders headers = {{"Content-Type", types.at(data[1] % types.size())}};
  if (data[2] > 127) headers.emplace_back("Location", body.substr(0, 200));
  const int status = statuses.at(data[0] % statuses.size());
  host.expect(target().first, target().second).reply(status, body + (data[2] % 2 == 0 ? "" : canary), headers);
  const Outcome outcome = ask(host);
  require(outcome.code >= REGCRED_OK && outcome.code <= REGCRED_INTERNAL, "the code is a known one");
  require(outcome.problems.empty(), outcome.problems.empty() ? "" : outcome.problems.front().c_str());
  require(!find_leak(token(), outcome.text), "no text holds the token");
  require(outcome.text.find(canary) == std::string::npos, "no text quotes the body");
  require(outcome.code != REGCRED_OK || (status < 300 && !outcome.auth.empty()), "only success has a credential");
  require(outcome.code == REGCRED_OK || !outcome.text.empty(), "a failure has its reason");
  return 0;
}
