// SPDX-License-Identifier: Apache-2.0
// The image string: as the kubelet sends it, and as people type it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace regcred::core {

// A repository name, split as the kubelet splits it before it compares (Go's net/url and net.SplitHostPort). Owns its
// text; the views live as long as the object is neither changed nor moved.
class ImageReference {
 public:
  // Splits `name` at the first slash and at the port colon. Checks nothing: see parse_kubelet_image.
  explicit ImageReference(std::string name);

  // The whole name: "reg.io:5000/team/app".
  [[nodiscard]] const std::string &name() const noexcept { return name_; }
  // The part before the first slash: "reg.io:5000", "[::1]:5000".
  [[nodiscard]] std::string_view registry() const noexcept { return view().substr(0, registry_bytes_); }
  // The registry without its port. IPv6 brackets are gone when there is a port and stay when there is none, which is
  // what the kubelet's comparison sees: "reg.io", "::1" of "[::1]:5000", but "[::1]" of "[::1]".
  [[nodiscard]] std::string_view host() const noexcept { return view().substr(host_at_, host_bytes_); }
  // The digits after the port colon, or empty.
  [[nodiscard]] std::string_view port() const noexcept {
    return view().substr(registry_bytes_ - port_bytes_, port_bytes_);
  }
  // From the first slash on, with it: "/team/app". Empty when there is no slash.
  [[nodiscard]] std::string_view path() const noexcept { return view().substr(registry_bytes_); }
  // Labels of the host: 2 for "reg.io", 1 for "localhost".
  [[nodiscard]] std::size_t host_labels() const noexcept { return host_labels_; }

 private:
  [[nodiscard]] std::string_view view() const noexcept { return name_; }

  std::string name_;
  std::size_t registry_bytes_ = 0;
  std::size_t host_at_ = 0;
  std::size_t host_bytes_ = 0;
  std::size_t port_bytes_ = 0;
  std::size_t host_labels_ = 1;
};

// Where a registry's host ends and its port begins, by the rules of Go's net.SplitHostPort. An authority that these
// rules refuse is all host.
struct HostPort {
  std::string_view host;
  std::string_view port;
};
[[nodiscard]] HostPort split_host_port(std::string_view authority) noexcept;

// Accepts a name as the kubelet sends it: registry host with optional port, then the repository's path by the grammar
// of the distribution reference; no scheme, tag or digest, at most limits::image_bytes_max bytes. A registry alone
// ("reg.io:5000") passes, as in the kubelet's own tests. Anything else is ErrorCode::usage with `where` naming the
// image. Docker Hub's short names are refused: the kubelet sends "docker.io/library/nginx" for "nginx".
[[nodiscard]] Result<ImageReference> parse_kubelet_image(std::string_view image);

// Turns what a person types into what the kubelet would send: tag and digest dropped, "nginx" ->
// "docker.io/library/nginx", "team/app" -> "docker.io/team/app", "index.docker.io/x/y" -> "docker.io/x/y" (the
// normalising mode of the distribution reference parser). Fails as parse_kubelet_image does.
[[nodiscard]] Result<std::string> normalise_image(std::string_view text);

// What follows the name in a text that normalise_image accepts: "v1" of "nginx:v1", "sha256:1234" of
// "nginx:v1@sha256:1234". Empty without a tag and a digest. Not for a registry alone, whose port it would give.
[[nodiscard]] std::string_view tag_or_digest(std::string_view text) noexcept;

}  // namespace regcred::core
