// SPDX-License-Identifier: Apache-2.0
#include "match/pattern_lint.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "common/ascii.hpp"
#include "common/contains.hpp"
#include "common/text.hpp"
#include "match/pattern_syntax.hpp"

namespace regcred::core {
namespace {

// Collects findings about one pattern.
class Lint {
 public:
  explicit Lint(std::string_view pattern) : quoted_(in_quotes(pattern)) {}

  void add(Severity severity, const char *rule, std::string_view what, std::string cure) {
    findings_.push_back({severity, rule, {}, "the pattern " + quoted_ + ' ' + std::string(what), std::move(cure)});
  }
  [[nodiscard]] std::vector<Finding> take() { return std::move(findings_); }
  [[nodiscard]] bool empty() const { return findings_.empty(); }

 private:
  std::string quoted_;
  std::vector<Finding> findings_;
};

bool has_upper_case(std::string_view text) { return std::any_of(text.begin(), text.end(), is_upper); }

// "team/app:1.2" -> the position of the tag's colon or the digest's at sign, or npos.
std::size_t tag_position(std::string_view path) {
  const std::size_t name = path.rfind('/');
  return name == std::string_view::npos ? name : path.find_first_of(":@", name);
}

// "https://", "oci://", "docker://": a host with a colon and no port behind it, and then two slashes.
bool has_scheme(const PatternParts &parts) {
  return !parts.host.empty() && parts.authority.ends_with(':') && parts.path.starts_with("//");
}

void lint_docker_hub(const PatternParts &parts, Lint &lint) {
  constexpr std::array<std::string_view, 3> never_sent = {"index.docker.io", "registry-1.docker.io", "hub.docker.com"};
  if (contains(never_sent, parts.host)) {
    lint.add(Severity::error, "pattern-docker-hub",
             "names a host of Docker Hub that the kubelet never sends: every image of it is docker.io/...",
             "write docker.io");
    return;
  }
  const std::string_view path = parts.path;
  if (parts.host == "docker.io" && path.size() > 1 && path.find('/', 1) == std::string_view::npos &&
      path != "/library") {
    lint.add(Severity::note, "pattern-docker-hub",
             "is about the account " + in_quotes(path.substr(1)) +
                 " of Docker Hub: an official image of that name is docker.io/library" + std::string(path),
             "write docker.io/library" + printable(path, 120) + " if the official image is meant");
  }
}

// "nginx", "team/app": how pods may say it, and never how the kubelet does. A name with an upper case letter is a host.
bool is_short_name(const PatternParts &parts) {
  return parts.port.empty() && parts.host != "localhost" && !has_upper_case(parts.host) &&
         parts.host.find_first_of(".*[:") == std::string_view::npos;
}

void lint_host(const PatternParts &parts, Lint &lint) {
  if (is_short_name(parts)) {
    const bool official = parts.path.size() <= 1;
    lint.add(Severity::error, "pattern-short-name", "has no registry host, and the kubelet sends names in full",
             "write docker.io/" + std::string(official ? "library/" : "") +
                 printable(std::string(parts.host) + std::string(parts.path), 120));
    return;
  }
  if (parts.host == "*" && parts.port.empty()) {
    lint.add(Severity::warning, "pattern-catch-all", "matches only hosts without a dot, such as localhost",
             "there is no pattern for every registry: \"*.*\" has hosts of two labels, \"*.*.*\" those of three");
  }
  if (has_upper_case(parts.host)) {
    lint.add(Severity::warning, "pattern-upper-case", "has upper case letters in its host, and letter case counts",
             "write the host as the pods' images do, in lower case");
  }
  constexpr std::string_view aws = ".amazonaws.com";
  if (parts.host.find(".ecr.cn-") != std::string_view::npos && parts.host.ends_with(aws)) {
    lint.add(Severity::error, "pattern-ecr-china", "has a region of AWS China, whose hosts end in .amazonaws.com.cn",
             "add .cn");
  }
}

void lint_path(const PatternParts &parts, Lint &lint) {
  const std::string_view path = parts.path;
  if (const std::size_t star = path.find('*'); star != std::string_view::npos) {
    std::size_t kept = path.rfind('/', star);
    if (kept == std::string_view::npos) kept = 0;
    const std::string prefix = std::string(parts.authority) + std::string(path.substr(0, kept == 0 ? 0 : kept + 1));
    lint.add(Severity::error, "pattern-path-glob", "has a \"*\" in its path, where it is literal, so no image matches",
             "end the pattern before it: " + in_quotes(prefix) + " matches every path that starts so");
    return;
  }
  if (const std::size_t tag = tag_position(path); tag != std::string_view::npos) {
    lint.add(Severity::error, "pattern-tag", "has a tag or digest, which the kubelet cuts off before it compares",
             "write " + in_quotes(std::string(parts.authority) + std::string(path.substr(0, tag))));
    return;
  }
  if (has_upper_case(path)) {
    lint.add(Severity::error, "pattern-upper-case", "has upper case letters in its path, which image names cannot have",
             "write the path in lower case");
    return;
  }
  if (path.size() > 1 && path.find('/', 1) == std::string_view::npos) {  // a namespace, hardly a repository
    lint.add(Severity::note, "pattern-prefix",
             "is a prefix of the text: it matches " +
                 in_quotes(std::string(parts.authority) + std::string(path) + "2/app") + ", too",
             "end it with / if only what lies below is meant");
  }
}

}  // namespace

std::vector<Finding> lint_pattern(std::string_view pattern) {
  const PatternParts parts = split_pattern(pattern);
  Lint lint(pattern);
  if (has_scheme(parts)) {
    const std::string_view rest = pattern.substr(pattern.find("//") + 2);
    lint.add(Severity::error, "pattern-scheme", "has a scheme and is read as the host " + in_quotes(parts.host),
             rest.empty() ? "write a registry's host" : "write " + in_quotes(rest));
    return lint.take();
  }
  if (parts.host.empty()) {
    lint.add(Severity::error, "pattern-never", "names no host, so no image matches", "write a registry's host");
    return lint.take();
  }
  lint_docker_hub(parts, lint);
  lint_host(parts, lint);
  lint_path(parts, lint);
  return lint.take();
}

}  // namespace regcred::core
