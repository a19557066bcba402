// SPDX-License-Identifier: Apache-2.0
#include "kubelet/request_reader.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "common/contains.hpp"
#include "common/image_reference.hpp"
#include "common/kubernetes_names.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"
#include "kubelet/request_fields.hpp"
#include "kubelet/token_claims.hpp"

namespace regcred::core {
namespace {

constexpr std::string_view group = "credentialprovider.kubelet.k8s.io";
constexpr std::string_view kind = "CredentialProviderRequest";
constexpr std::array<std::string_view, 3> versions = {"v1", "v1beta1", "v1alpha1"};
constexpr std::string_view version_with_token = "v1";

// A field that every version has, as a string that is not empty.
Status require_text(const RequestField<std::string> &field, const std::string &name) {
  if (!field.problem.empty()) {
    return refuse_request("its field " + name + ' ' + field.problem, "send the request as the kubelet writes it");
  }
  if (!field.value || field.value->empty()) {
    return refuse_request("has no " + name, "send kind, apiVersion and image");
  }
  return {};
}

Status check_kind(const RequestFields &fields) {
  if (auto text = require_text(fields.kind, "kind"); !text) return text;
  if (*fields.kind.value == kind) return {};
  return refuse_request("has kind " + in_quotes(*fields.kind.value) + " instead of " + std::string(kind),
                        "send a " + std::string(kind));
}

// Gives the version, "v1".
Result<std::string> check_api_version(const RequestFields &fields) {
  if (auto text = require_text(fields.api_version, "apiVersion"); !text) return tl::make_unexpected(text.error());
  const std::string &api_version = *fields.api_version.value;
  const std::size_t slash = api_version.find('/');
  if (slash == std::string::npos || std::string_view(api_version).substr(0, slash) != group) {
    return refuse_request(
        "has apiVersion " + in_quotes(api_version) + ", which is not of the group " + std::string(group),
        "set apiVersion: " + std::string(group) + "/v1 for this provider in the CredentialProviderConfig");
  }
  std::string version = api_version.substr(slash + 1);
  if (contains(versions, version)) return version;
  return refuse_request(
      "has the unsupported version " + in_quotes(version),
      "set apiVersion: " + std::string(group) + "/v1 (or v1beta1 or v1alpha1) in the CredentialProviderConfig");
}

Result<ImageReference> read_image(const RequestFields &fields) {
  if (auto text = require_text(fields.image, "image"); !text) return tl::make_unexpected(text.error());
  auto image = parse_kubelet_image(*fields.image.value);
  if (image) return image;
  return refuse_request("its " + image.error().where + ' ' + image.error().what, image.error().cure);
}

// Says what is wrong with the token, and never what it is.
Status check_token(const RequestField<Secret> &field) {
  const std::string name = "its field serviceAccountToken ";
  const std::string cure = "the kubelet sends the token that the API server issued; see what changed it in between";
  if (!field.problem.empty()) return refuse_request(name + field.problem, cure);
  if (!field.value) return {};
  const std::string_view token = field.value->reveal();
  if (token.size() > limits::token_bytes_max) {
    return refuse_request(name + "is longer than " + std::to_string(limits::token_bytes_max) + " bytes", cure);
  }
  const auto is_graphic = [](char c) { return c > ' ' && c < '\x7f'; };
  if (!std::all_of(token.begin(), token.end(), is_graphic)) {
    // guard: token-not-quoted
    return refuse_request(name + "holds a space, a control character or a byte outside ASCII", cure);
  }
  return {};
}

Status check_annotations(const RequestFields &fields) {
  if (fields.annotations.problem.empty()) return {};
  return refuse_request("its field serviceAccountAnnotations " + fields.annotations.problem,
                        "it maps annotation keys to strings, each key once");
}

// Large enough from the start: growing would leave pieces of the token behind. What is not used costs no memory.
struct WipedAtEnd {
  WipedAtEnd() { bytes.reserve(limits::request_bytes_max + 1); }  // guard: request-buffer-stays
  ~WipedAtEnd() { wipe(bytes); }
  WipedAtEnd(const WipedAtEnd &) = delete;
  WipedAtEnd &operator=(const WipedAtEnd &) = delete;
  std::string bytes;
};

using Clock = std::chrono::steady_clock;

// Whether `fd` has bytes, its end or an error before `end`.
bool wait_readable(int fd, Clock::time_point end) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd entry{fd, POLLIN, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(0, left)));
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;  // an error shows when it is read
    if (left <= 0) return false;
  }
}

}  // namespace

Result<std::string> read_request_bytes(int fd, std::int64_t wait_ms_max) {
  constexpr std::size_t step_bytes = 8U << 10U;  // most requests are smaller, and what is not touched costs no time
  const Clock::time_point end = Clock::now() + std::chrono::milliseconds(wait_ms_max);
  const bool never_readable = (::fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY;  // read() says so, poll() waits
  WipedAtEnd buffer;
  std::string &bytes = buffer.bytes;
  while (true) {
    if (!never_readable && !wait_readable(fd, end)) {  // guard: request-deadline
      return fail(ErrorCode::deadline, "request on stdin",
                  "is not complete after " + std::to_string(wait_ms_max) + " ms",
                  "close stdin once the request is written");
    }
    const std::size_t had = bytes.size();
    bytes.resize(had + std::min(step_bytes, limits::request_bytes_max + 1 - had));
    const ssize_t got = ::read(fd, bytes.data() + had, bytes.size() - had);
    const int error = errno;
    bytes.resize(had + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) return std::move(bytes);
    if (got < 0 && error != EINTR && error != EAGAIN) {
      return refuse_request("cannot be read: " + std::generic_category().message(error),
                            "start regcred with a pipe or a file as its stdin");
    }
    if (bytes.size() > limits::request_bytes_max) {  // guard: request-limit
      return refuse_request("is larger than " + std::to_string(limits::request_bytes_max) + " bytes",
                            "let fewer annotations through in tokenAttributes of the CredentialProviderConfig");
    }
  }
}

Result<Request> parse_request(std::string_view text) {
  auto fields = read_request_fields(text);
  if (!fields) return tl::make_unexpected(std::move(fields.error()));
  if (auto checked = check_kind(*fields); !checked) return tl::make_unexpected(std::move(checked.error()));
  const auto version = check_api_version(*fields);
  if (!version) return tl::make_unexpected(version.error());
  auto image = read_image(*fields);
  if (!image) return tl::make_unexpected(std::move(image.error()));

  Request request;
  request.api_version = std::move(*fields->api_version.value);
  request.image = std::move(*image);
  if (*version != version_with_token) return request;
  if (auto checked = check_token(fields->token); !checked) return tl::make_unexpected(std::move(checked.error()));
  if (auto checked = check_annotations(*fields); !checked) return tl::make_unexpected(std::move(checked.error()));
  if (fields->token.value) request.service_account_token = std::move(*fields->token.value);
  request.token_claims = read_token_claims(request.service_account_token.reveal());
  if (fields->annotations.value) request.annotations = std::move(*fields->annotations.value);
  return request;
}

Request make_request(ImageReference image, Secret token, std::map<std::string, std::string> annotations) {
  std::optional<TokenClaims> claims = read_token_claims(token.reveal());
  return {std::string(credential_provider_v1), std::move(image), std::move(token), std::move(annotations),
          std::move(claims)};
}

}  // namespace regcred::core
