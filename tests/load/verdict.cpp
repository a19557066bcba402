// SPDX-License-Identifier: Apache-2.0
#include "load/verdict.hpp"

#include <nlohmann/json.hpp>
#include <regcred/testing/leaks.hpp>

namespace regcred::testing {
namespace {

std::string what_is_wrong_in_answer(const LoadRequest &request, const std::string &document) {
  const nlohmann::json answer = nlohmann::json::parse(document, nullptr, false);
  if (!answer.is_object() || !answer.contains("auth")) return "no whole document: " + document;
  const nlohmann::json &auth = answer["auth"];
  const std::string host = request.kind + ".example.com";
  if (auth.size() != 1 || !auth.contains(host)) return "not for " + host + " alone: " + document;
  if (auth[host]["password"] != request.password) return "the credential of another request: " + document;
  return "";
}

}  // namespace

std::string what_is_wrong(const LoadRequest &request, const Finished &finished) {
  const std::string seen = request.kind + ", request " + std::to_string(finished.number) + ": status " +
                           std::to_string(finished.status) + ", \"" + finished.err + "\": ";
  if (finished.status != request.status) return seen + "expected " + std::to_string(request.status);
  if (test::find_leak(request.token, finished.err)) return seen + "holds a piece of the token";
  if (request.status == 0) {
    const std::string wrong = what_is_wrong_in_answer(request, finished.out);
    return wrong.empty() ? "" : seen + wrong;
  }
  if (!finished.out.empty()) return seen + "a failure with an output: " + finished.out;
  if (finished.err.find(request.words) == std::string::npos) return seen + "without \"" + request.words + '"';
  if (!finished.err.starts_with("regcred: ") || finished.err.find('\n') != finished.err.size() - 1) {
    return seen + "not one line";
  }
  return "";
}

}  // namespace regcred::testing
