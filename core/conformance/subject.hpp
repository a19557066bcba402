// SPDX-License-Identifier: Apache-2.0
// The subject of the test: the backend's file, and the one registry entry and request that it is known to answer.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "conformance/conversation.hpp"

namespace regcred::conformance {

// What the kubelet asks.
struct RequestSpec {
  std::string image = "registry.example.com/team/app";
  std::string token;  // a compact JWT
  std::map<std::string, std::string> annotations;

  // host[:port]: the part before the image's first slash.
  [[nodiscard]] std::string registry() const { return image.substr(0, image.find('/')); }
};

struct Subject {
  std::string path;                  // absolute
  std::string name;                  // of the file, without directory and .so
  std::string settings_json = "{}";  // a JSON object that create() takes
  RequestSpec request;
  Conversation conversation;
  bool has_conversation = false;  // given by the author; else no call is known
};

// Where the parts of a Subject come from; empty text: not given.
struct SubjectSources {
  std::string backend;                   // path of the .so
  std::string settings;                  // file: the entry's `settings`, JSON or YAML
  std::string request;                   // file, see read_request()
  std::string conversation;              // file
  std::string image;                     // wins over the request file, as do the next two
  std::string token_file;                // file that holds a token
  std::vector<std::string> annotations;  // KEY=VALUE
};

// Reads all of them. Without a token in them the subject gets one like a pod's, valid for an hour around the
// conversation's `now`. Fails with ErrorCode::usage (an input file), or ErrorCode::backend_load: there is no backend.
[[nodiscard]] core::Result<Subject> read_subject(const SubjectSources &sources);

// A request from the text of a file: the kubelet's CredentialProviderRequest (image, serviceAccountToken,
// serviceAccountAnnotations), all members optional. Beside them `serviceAccountTokenClaims`: claims of that generated
// token, which replace or extend a pod's usual ones. Fails with ErrorCode::usage.
[[nodiscard]] core::Result<RequestSpec> read_request(std::string_view text, const std::string &where,
                                                     std::chrono::seconds now);

}  // namespace regcred::conformance
