// SPDX-License-Identifier: Apache-2.0
#include "keyring.hpp"

#include <algorithm>
#include <regcred/text.hpp>

namespace exec_backend {
namespace {

struct Parts {
  std::string_view host;
  std::string_view port;
  std::string_view path;  // with its slash; may be empty
};

Parts parts_of(std::string_view text) {
  Parts parts;
  const std::size_t slash = std::min(text.find('/'), text.size());
  parts.path = text.substr(slash);
  parts.host = text.substr(0, slash);
  const std::size_t colon = parts.host.rfind(':');
  const bool in_brackets = colon != std::string_view::npos && parts.host.find(']', colon) != std::string_view::npos;
  if (colon != std::string_view::npos && !in_brackets) {
    parts.port = parts.host.substr(colon + 1);
    parts.host = parts.host.substr(0, colon);
  }
  return parts;
}

}  // namespace

std::string keyring_key(std::string_view written) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (written.starts_with(scheme)) {
      written.remove_prefix(scheme.size());
      break;
    }
  }
  const std::size_t slash = std::min(written.find('/'), written.size());
  std::string_view path = written.substr(slash);
  if (path.starts_with("/v1/") || path.starts_with("/v2/")) path.remove_prefix(3);
  if (path == "/") path = {};
  return std::string(written.substr(0, slash)) + std::string(path);
}

bool key_matches(std::string_view key, std::string_view image) {
  const Parts pattern = parts_of(key);
  const Parts asked = parts_of(image);
  // filepath.Match for each label, where `*` is the only operator that a host can hold.
  return regcred::matches_parts(pattern.host, asked.host, '.') && pattern.port == asked.port &&
         asked.path.starts_with(pattern.path);
}

bool divides(std::string_view key, std::string_view image) {
  const std::size_t path = key.find('/');
  return path != std::string_view::npos && key_matches(key.substr(0, path), image);
}

std::string place_of(std::string_view key, std::string_view image) {
  const std::size_t host_bytes = std::min(image.find('/'), image.size());
  std::size_t path_bytes = parts_of(key).path.size();
  // A key may end within a segment: the rest of the segment narrows it.
  if (path_bytes > 0 && image[host_bytes + path_bytes - 1] != '/') {
    path_bytes = std::min(image.find('/', host_bytes + path_bytes), image.size()) - host_bytes;
  }
  std::string place(image.substr(0, host_bytes + path_bytes));
  while (place.ends_with('/')) place.pop_back();
  return place;
}

std::vector<std::size_t> matching(const std::vector<std::string> &keys, std::string_view image) {
  std::vector<std::string> kept;
  std::transform(keys.begin(), keys.end(), std::back_inserter(kept), keyring_key);
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (key_matches(kept[i], image)) found.push_back(i);
  }
  if (found.empty() && image.starts_with("docker.io/")) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (kept[i] == "index.docker.io") found.push_back(i);
    }
  }
  std::stable_sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) { return kept[a] > kept[b]; });
  return found;
}

}  // namespace exec_backend
