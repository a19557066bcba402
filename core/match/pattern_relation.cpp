// SPDX-License-Identifier: Apache-2.0
#include "match/pattern_relation.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "match/pattern_syntax.hpp"

namespace regcred::core {
namespace {

struct Split {
  std::vector<std::string_view> labels;
  std::string_view port;
  std::string path;  // without escapes
};

Split split(std::string_view pattern) {
  const PatternParts parts = split_pattern(pattern);
  Split result;
  result.port = parts.port;
  for (std::size_t start = 0; start <= parts.host.size();) {
    const std::size_t dot = std::min(parts.host.find('.', start), parts.host.size());
    result.labels.push_back(parts.host.substr(start, dot - start));
    start = dot + 1;
  }
  for (std::size_t i = 0; i < parts.path.size(); ++i) {
    result.path += parts.path[i] == '%' ? static_cast<char>(escaped_byte(parts.path, i)) : parts.path[i];
    if (parts.path[i] == '%') i += 2;
  }
  return result;
}

// One row per prefix of `a`, one column per prefix of `b`; bounded by the lengths of two host labels.
using Row = std::vector<bool>;

// Whether some text matches both labels: each `*` may take any run of the other's characters.
bool labels_overlap(std::string_view a, std::string_view b) {
  Row row(b.size() + 1);
  for (std::size_t i = 0; i <= a.size(); ++i) {
    Row next(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
      const bool by_a = i > 0 && a[i - 1] == '*';
      const bool by_b = j > 0 && b[j - 1] == '*';
      next[j] = (i == 0 && j == 0) || (by_a && (row[j] || (j > 0 && next[j - 1]))) ||
                (by_b && (next[j - 1] || (i > 0 && row[j]))) || (i > 0 && j > 0 && a[i - 1] == b[j - 1] && row[j - 1]);
    }
    row = std::move(next);
  }
  return row[b.size()];
}

// Whether `wide` matches every text that `narrow` matches. A `*` of `narrow` stands for characters that `wide` does not
// name, so only a `*` of `wide` can take it.
bool label_covers(std::string_view wide, std::string_view narrow) {
  Row row(narrow.size() + 1);
  for (std::size_t i = 0; i <= wide.size(); ++i) {
    Row next(narrow.size() + 1);
    for (std::size_t j = 0; j <= narrow.size(); ++j) {
      const bool star = i > 0 && wide[i - 1] == '*';
      next[j] = (i == 0 && j == 0) || (star && (row[j] || (j > 0 && next[j - 1]))) ||
                (i > 0 && j > 0 && !star && wide[i - 1] == narrow[j - 1] && row[j - 1]);
    }
    row = std::move(next);
  }
  return row[narrow.size()];
}

template <class Compare>
bool hosts_fit(const Split &a, const Split &b, Compare compare) {
  return a.labels.size() == b.labels.size() &&
         std::equal(a.labels.begin(), a.labels.end(), b.labels.begin(), b.labels.end(), compare);
}

bool paths_overlap(const Split &a, const Split &b) { return a.path.starts_with(b.path) || b.path.starts_with(a.path); }

}  // namespace

bool pattern_covers(std::string_view wide, std::string_view narrow) {
  const Split w = split(wide);
  const Split n = split(narrow);
  return w.port == n.port && n.path.starts_with(w.path) && hosts_fit(w, n, label_covers);
}

bool patterns_overlap(std::string_view a, std::string_view b) {
  const Split left = split(a);
  const Split right = split(b);
  return left.port == right.port && paths_overlap(left, right) && hosts_fit(left, right, labels_overlap);
}

bool only_ports_differ(std::string_view a, std::string_view b) {
  const Split left = split(a);
  const Split right = split(b);
  return left.port != right.port && paths_overlap(left, right) && hosts_fit(left, right, labels_overlap);
}

}  // namespace regcred::core
