// SPDX-License-Identifier: Apache-2.0
// What no text and no log line may hold, in any run and in any encoding.
#include <nlohmann/json.hpp>
#include <regcred/jwt.hpp>

#include "common/contains.hpp"
#include "conformance/all_runs.hpp"
#include "conformance/checks.hpp"
#include "conformance/leak_finder.hpp"
#include "conformance/network_faults.hpp"
#include "conformance/stage.hpp"

namespace regcred::conformance {
namespace {

using nlohmann::json;

// What must not be in a text, and what may be in it even where both have the same bytes.
struct Texts {
  std::vector<std::string> secret;
  std::vector<std::string> open;
};
using Collect = std::function<void(const Stage &, Texts &)>;

// What an operator has written, or can read anyway.
std::vector<std::string> open_texts(const Subject &subject) {
  std::vector<std::string> texts = {subject.request.image, subject.settings_json, std::string(elsewhere_host)};
  for (const auto &[key, value] : subject.request.annotations) texts.insert(texts.end(), {key, value});
  for (const auto &[name, content] : subject.conversation.secrets) texts.push_back(name);
  for (const Call &call : subject.conversation.calls) texts.push_back(call.url.substr(0, call.url.find('?')));
  if (const auto claims = read_unverified_claims(subject.request.token)) {
    texts.insert(texts.end(), {claims->issuer, claims->subject});
    texts.insert(texts.end(), claims->audiences.begin(), claims->audiences.end());
  }
  return texts;
}

void add_token(const Stage &stage, Texts &texts) { texts.secret.push_back(stage.subject.request.token); }

void add_passwords(const Stage &stage, Texts &texts) {
  for (const SaidAuth &auth : stage.live({}).auth) {
    texts.secret.push_back(auth.secret);
    texts.open.push_back(auth.username);
  }
  for (const auto &[name, content] : stage.subject.conversation.secrets) texts.secret.push_back(content);
}

// Values that are one word, as tokens are, are secret; the names of members are part of honest messages.
void add_words(const json &value, Texts &texts) {
  if (value.is_string() && value.get_ref<const std::string &>().find(' ') == std::string::npos) {
    texts.secret.push_back(value.get<std::string>());
  }
  if (value.is_object()) {
    for (const auto &[name, member] : value.items()) texts.open.push_back(name);
  }
  if (!value.is_structured()) return;
  for (const json &item : value) add_words(item, texts);
}

// The words of the conversation's own bodies, and what those of the faults are made of. secrets.password looks for a
// password that came in a body.
void add_bodies(const Stage &stage, Texts &texts) {
  for (const Call &call : stage.subject.conversation.calls) {
    const json body = json::parse(call.reply.body, nullptr, /*allow_exceptions=*/false);
    if (!body.is_discarded()) add_words(body, texts);
  }
  Texts passwords;
  add_passwords(stage, passwords);
  std::erase_if(texts.secret, [&](const std::string &word) { return core::contains(passwords.secret, word); });
  texts.open.insert(texts.open.end(), passwords.open.begin(), passwords.open.end());
  texts.secret.emplace_back(body_canary);
}

CheckFunction nowhere(const std::string &what, Collect collect) {
  return with_backend([what, collect = std::move(collect)](const Stage &start) {
    Texts texts{{}, open_texts(start.subject)};
    collect(start, texts);
    const LeakFinder finder(texts.secret, texts.open);
    // The part itself is not shown: a report is read by more people than a secret.
    const auto judge = [&](const Stage &, const std::string &, const Said &said) {
      for (const SaidFailure &failure : said.failures) {
        if (finder.find(failure.text)) return failed("the text of the failure holds a part of " + what);
      }
      for (const std::string &line : said.log) {
        if (finder.find(line)) return failed("a log line holds a part of " + what);
      }
      return passed();
    };
    return in_all_runs(judge)(start.subject, start.progress);
  });
}

}  // namespace

std::vector<Check> secret_checks() {
  return {
      {"secrets.token", "No text or log line holds a part of the pod's token: the kubelet logs what fails.",
       nowhere("the pod's token", add_token)},
      {"secrets.password", "No text or log line holds a part of a credential or of a secret file.",
       nowhere("a password", add_passwords)},
      {"secrets.body", "No text or log line holds a part of a response: who wrote it, and what is in it, is unknown.",
       nowhere("a response body", add_bodies)},
  };
}

}  // namespace regcred::conformance
