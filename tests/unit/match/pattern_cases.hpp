// SPDX-License-Identifier: Apache-2.0
// The kubelet's own test table and further cases that follow from its rules.
#pragma once

#include <string_view>

namespace pattern_cases {

struct Case {
  std::string_view pattern;
  std::string_view image;
  bool matches;
};

// Upstream's TestUrlsMatch and Test_Provide.
inline constexpr Case upstream[] = {
    {"*.kubernetes.io", "prefix.kubernetes.io", true},
    {"prefix.*.io", "prefix.kubernetes.io", true},
    {"prefix.kubernetes.*", "prefix.kubernetes.io", true},
    {"*-good.kubernetes.io", "prefix-good.kubernetes.io", true},
    {"*.kubernetes.io/blah", "prefix.kubernetes.io/blah", true},
    {"prefix.*.io/foo", "prefix.kubernetes.io/foo/bar", true},
    {"*.kubernetes.io:1111/blah", "prefix.kubernetes.io:1111/blah", true},
    {"prefix.*.io:1111/foo", "prefix.kubernetes.io:1111/foo/bar", true},
    {"*.kubernetes.io", "kubernetes.io", false},
    {"*.*.kubernetes.io", "prefix.kubernetes.io", false},
    {"*.*.kubernetes.io", "kubernetes.io", false},
    {"kubernetes.io", "kubernetes.com", false},
    {"k*.io", "quay.io", false},
    {"*.kubernetes.io:1234/blah", "prefix.kubernetes.io:1111/blah", false},
    {"prefix.*.io/foo", "prefix.kubernetes.io:1111/foo/bar", false},
    {"test.registry.io", "test.registry.io/foo/bar", true},
    {"test.registry.io/foo/bar", "test.registry.io/foo/bar", true},
    {"test.registry.io", "test.registry.io", true},
    {"*.registry.io:8080", "test.registry.io:8080/foo", true},
    {"*.*.registry.io", "foo.bar.registry.io/foo/bar", true},
    {"*.registry.io", "test.registry.io", true},
};

// What follows from the rules; several rows were confirmed with the kubelet's own function.
inline constexpr Case derived[] = {
    {"gcr.io", "gcr.io/p/i", true},
    {"gcr.io/", "gcr.io/p/i", true},
    {"gcr.io/foo", "gcr.io/foobar/x", true},  // a prefix of text, not of path segments
    {"gcr.io/foo/", "gcr.io/foobar/x", false},
    {"gcr.io/foo/", "gcr.io/foo", false},
    {"gcr.io/*", "gcr.io/foo", false},  // no globs in paths
    {"*.registry.io/*", "a.registry.io/x", false},
    {"*.io", "a.k8s.io/x", false},  // one label for each *
    {"*", "gcr.io/x", false},
    {"*", "localhost/x", true},
    {"*.*", "docker.io/library/nginx", true},
    {"*.*", "quay.io:443/x", false},
    {"quay.io:443", "quay.io/x", false},  // no default port
    {"quay.io", "quay.io:443/x", false},
    {"reg.io:*", "reg.io:443/x", false},
    {"reg.io:", "reg.io/x", true},
    {"https://reg.io", "reg.io/x", false},
    {"http://reg.io", "reg.io/x", false},
    {"Reg.io", "reg.io/x", false},
    {"k*.io", "k.io/x", true},  // a * may stand for nothing
    {"*a*b*.io", "xaxbx.io/y", true},
    {"*a*b*.io", "xbxax.io/y", false},
    {"app*.k8s.io", "app1.k8s.io/x", true},
    {"172.18.0.10:5000", "172.18.0.10:5000/x", true},
    {"172.18.*.*:5000", "172.18.0.10:5000/x", true},
    {"[::1]:5000", "[::1]:5000/x", true},
    {"[::1]", "[::1]/x", false},  // without a port the brackets stay, and are a class of characters
    {"[::A]", "A/x", true},       // which is this absurd
    {"[::A]", "B/x", false},
    {"*", "[::1]/x", true},
    {"*:5000", "[::1]:5000/x", true},
    {"[::1]:", "[::1]/x", false},
    {"[fd00::%31]:1", "[fd00::1]:1/x", false},
    {"user@reg.io", "reg.io/x", true},
    {"user:pass@reg.io", "reg.io/x", true},
    {"a@b@reg.io", "reg.io/x", true},
    {"us er@reg.io", "reg.io/x", false},
    {"u%zz@reg.io", "reg.io/x", false},
    {"reg.io/x?y", "reg.io/x", true},
    {"reg.io?/x", "reg.io/z", true},
    {"reg.io/x#y", "reg.io/x", true},
    {"reg.io#/x", "reg.io/z", true},
    {"reg.io/x#%zz", "reg.io/x", false},
    {"reg.io/x?%zz", "reg.io/x", true},  // a query is not decoded
    {"reg.io/%61pp", "reg.io/app", true},
    {"reg.io%2Fapp", "reg.io/app", false},
    {"", "reg.io/x", false},
    {"/x", "reg.io/x", false},
    {".", "reg.io/x", false},
    {"%invalid%", "reg.io/x", false},
    {"re g.io", "reg.io/x", false},
    {"reg.io/%zz", "reg.io/%zz", false},
    {"reg.io/a b", "reg.io/a", false},
    {"[a-z]eg.io", "reg.io/x", false},
    {"re[g].io", "reg.io/x", false},
    {"re?.io", "reg.io/x", false},
    {"a:1:2", "a:1/x", false},
    {"docker.io", "docker.io/library/nginx", true},  // `nginx` in the pod
    {"docker.io/nginx", "docker.io/library/nginx", false},
    {"index.docker.io", "docker.io/library/nginx", false},
    {"reg.*", "reg.io/x", true},
    {"REG.io", "reg.io/x", false},
    {"reg.io/a", "reg.io/abc", true},
    {"*.reg.io", "a.b.reg.io/x", false},
    // Keyring keys follow the same comparison.
    {"*.docker.io/path:1111", "prefix.docker.io/path:1111", true},
    {"prefix.*.io/path:1111", "prefix.docker.io/path/subpath:1111", false},
    {"prefix.docker.c*", "prefix.docker.io/foo", false},
    {"bar.example.com/pong", "bar.example.com/pongz", true},
};

}  // namespace pattern_cases
