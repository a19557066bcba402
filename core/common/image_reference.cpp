// SPDX-License-Identifier: Apache-2.0
#include "common/image_reference.hpp"

#include <algorithm>

#include "common/ascii.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t registry_bytes_max = 255 + 6;  // a DNS name (RFC 1035, 2.3.4) and ":65535"
constexpr std::size_t repository_bytes_max = 255;    // of the distribution reference (NameTotalLengthMax)
constexpr std::string_view docker_hub = "docker.io";
constexpr std::string_view docker_hub_legacy = "index.docker.io";

bool all_of(std::string_view text, bool (*test)(char)) { return std::all_of(text.begin(), text.end(), test); }

tl::unexpected<Error> refuse(std::string_view image, std::string what, std::string cure) {
  return fail(ErrorCode::usage, "image \"" + printable(image, 200) + "\"", std::move(what), std::move(cure));
}

// Whether the part before the first slash is a registry and not the first part of a Docker Hub name.
bool looks_like_registry(std::string_view part) {
  return part == "localhost" || part.find_first_of(".:") != std::string_view::npos ||
         std::any_of(part.begin(), part.end(), is_upper);
}

// One label of a host name: letters, digits, inner hyphens.
bool is_host_label(std::string_view label) {
  return !label.empty() && label.front() != '-' && label.back() != '-' &&
         all_of(label, [](char c) { return is_alnum(c) || c == '-'; });
}

bool is_host(std::string_view host) {
  while (true) {
    const std::size_t dot = host.find('.');
    if (!is_host_label(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

// Hex digits and colons in brackets: the grammar of the reference, which does not ask for a valid address.
bool is_bracketed_address(std::string_view host) {
  if (host.size() < 3 || host.front() != '[' || host.back() != ']') return false;
  return all_of(host.substr(1, host.size() - 2),
                [](char c) { return is_digit(c) || c == ':' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

bool is_registry(std::string_view registry) {
  const std::size_t bracket = registry.rfind(']');
  const std::size_t colon = registry.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = registry.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string_view port = registry.substr(colon + 1);
    if (port.empty() || !all_of(port, is_digit)) return false;
  }
  return is_bracketed_address(host) || is_host(host);
}

// One component of a repository's path: lower-case words joined by ".", "_", "__" or any number of "-".
bool is_path_component(std::string_view part) {
  const auto is_word = [](char c) { return is_lower(c) || is_digit(c); };
  if (part.empty() || !is_word(part.front()) || !is_word(part.back())) return false;
  for (std::size_t at = 0; at < part.size();) {
    std::size_t end = at;
    while (end < part.size() && !is_word(part[end])) ++end;
    const std::string_view separator = part.substr(at, end - at);
    const bool right = separator.empty() || separator == "." || separator == "_" || separator == "__" ||
                       all_of(separator, [](char c) { return c == '-'; });
    if (!right) return false;
    at = end + 1;
  }
  return true;
}

// `path` starts with its slash, or is empty.
bool is_repository(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view part = path.substr(0, path.find('/'));
    if (!is_path_component(part)) return false;
    path.remove_prefix(part.size());
  }
  return true;
}

// What no image may have, whoever wrote it.
Status check_text(std::string_view image) {
  if (image.empty()) return refuse(image, "is empty", "name an image, as in docker.io/library/nginx");
  if (image.size() > limits::image_bytes_max) {
    return refuse(image.substr(0, 100), "is longer than " + std::to_string(limits::image_bytes_max) + " bytes",
                  "no registry has such names");
  }
  const auto is_graphic = [](char c) { return c > ' ' && c < '\x7f'; };
  if (!all_of(image, is_graphic)) {
    return refuse(image, "holds a space, a control character or a letter outside ASCII",
                  "write the name as in docker.io/library/nginx");
  }
  if (image.find("://") != std::string_view::npos) {
    return refuse(image, "starts with a scheme", "remove everything up to and including ://");
  }
  return {};
}

// Takes "@sha256:..." off the end. False when what follows the "@" is not a digest.
bool drop_digest(std::string_view &text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return true;
  const std::string_view digest = text.substr(at + 1);
  const std::size_t colon = digest.find(':');
  if (colon == 0 || colon == std::string_view::npos || digest.size() - colon - 1 < 32) return false;
  const auto is_algorithm = [](char c) { return is_alnum(c) || c == '+' || c == '.' || c == '-' || c == '_'; };
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  text = text.substr(0, at);
  return all_of(digest.substr(0, colon), is_algorithm) && all_of(digest.substr(colon + 1), is_hex);
}

// Where the colon before a tag is, or npos.
std::size_t tag_colon(std::string_view text) noexcept {
  const std::size_t slash = text.rfind('/');
  return text.find(':', slash == std::string_view::npos ? 0 : slash);
}

// Takes ":v1" off the end. False when what follows the colon is not a tag.
bool drop_tag(std::string_view &text) {
  const std::size_t colon = tag_colon(text);
  if (colon == std::string_view::npos) return true;
  const std::string_view tag = text.substr(colon + 1);
  text = text.substr(0, colon);
  return !tag.empty() && tag.size() <= 128 && tag.front() != '.' && tag.front() != '-' &&
         all_of(tag, [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_image_id(std::string_view text) {
  return text.size() == 64 && all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

}  // namespace

HostPort split_host_port(std::string_view authority) noexcept {
  const HostPort all_host{authority, {}};
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos) return all_host;
  const std::string_view port = authority.substr(colon + 1);
  if (authority.front() == '[') {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos || bracket + 1 != colon) return all_host;
    const std::string_view host = authority.substr(1, bracket - 1);
    const bool nested = host.find('[') != std::string_view::npos || port.find_first_of("[]") != std::string_view::npos;
    return nested ? all_host : HostPort{host, port};
  }
  if (authority.find_first_of("[]") != std::string_view::npos || authority.find(':') != colon) return all_host;
  return {authority.substr(0, colon), port};
}

ImageReference::ImageReference(std::string name) : name_(std::move(name)) {
  registry_bytes_ = std::min(name_.find('/'), name_.size());
  const HostPort parts = split_host_port(registry());
  host_at_ = registry().empty() ? 0 : static_cast<std::size_t>(parts.host.data() - name_.data());
  host_bytes_ = parts.host.size();
  port_bytes_ = parts.port.size();
  host_labels_ = 1 + static_cast<std::size_t>(std::count(parts.host.begin(), parts.host.end(), '.'));
}

Result<ImageReference> parse_kubelet_image(std::string_view image) {
  if (auto text = check_text(image); !text) return tl::make_unexpected(text.error());
  ImageReference reference{std::string(image)};
  const std::string_view path = reference.path();
  if (image.find('@') != std::string_view::npos || path.find(':') != std::string_view::npos) {
    return refuse(image, "has a tag, a digest or user information", "send the name alone, as the kubelet does");
  }
  if (!looks_like_registry(reference.registry())) {
    return refuse(image, "has no registry host",
                  "send it in full: the kubelet writes docker.io/library/nginx for nginx");
  }
  if (reference.registry().size() > registry_bytes_max || !is_registry(reference.registry())) {
    return refuse(image, "has a registry that is not host[:port]", "write it as in registry.example.com:5000/team/app");
  }
  if (!is_repository(path)) {
    const bool has_upper = std::any_of(path.begin(), path.end(), is_upper);
    return refuse(image, has_upper ? "has upper-case letters in its path" : "has a path that no repository can have",
                  "paths are lower-case letters and digits, with . _ - between them and / between their parts");
  }
  if (path.size() > repository_bytes_max + 1) {  // and its slash
    return refuse(image, "has a path of more than 255 bytes, which no registry takes", "shorten it");
  }
  return reference;
}

Result<std::string> normalise_image(std::string_view text) {
  if (auto checked = check_text(text); !checked) return tl::make_unexpected(checked.error());
  std::string_view name = text;
  if (!drop_digest(name)) return refuse(text, "has an @ that starts no digest", "write a digest as in @sha256:1234...");
  if (!drop_tag(name)) return refuse(text, "has a colon that starts no tag", "write a tag as in nginx:1.27");
  if (is_image_id(name)) return refuse(text, "is an image ID, not a name", "name the image as the pod does");

  const std::size_t slash = name.find('/');
  std::string_view registry = docker_hub;
  std::string_view path = name;
  if (slash != std::string_view::npos && looks_like_registry(name.substr(0, slash))) {
    registry = name.substr(0, slash);
    path = name.substr(slash + 1);
    if (registry == docker_hub_legacy) registry = docker_hub;
  }
  std::string full(registry);
  if (registry == docker_hub && path.find('/') == std::string_view::npos) full += "/library";
  full += '/';
  full += path;
  const auto reference = parse_kubelet_image(full);
  if (!reference) return refuse(text, reference.error().what, reference.error().cure);  // named as it was typed
  return full;
}

std::string_view tag_or_digest(std::string_view text) noexcept {
  const std::size_t digest = text.find('@');
  const std::size_t at = digest == std::string_view::npos ? tag_colon(text) : digest;
  return at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
}

}  // namespace regcred::core
