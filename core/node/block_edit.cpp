// SPDX-License-Identifier: Apache-2.0
#include "node/block_edit.hpp"

#include <algorithm>

#include "node/tree_text.hpp"

namespace regcred::core {
namespace {

class BlockEdit {
 public:
  BlockEdit(const std::string &text, const YamlNode &document, const YamlNode &list) : list_(list) {
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t end = std::min(text.find('\n', from), text.size() - 1);
      lines_.push_back(text.substr(from, end + 1 - from));
      from = end + 1;
    }
    if (!lines_.empty() && !lines_.back().ends_with('\n')) lines_.back() += '\n';
    end_ = lines_.size();
    for (std::size_t i = 0; i + 1 < document.items.size(); i += 2) {
      const auto line = static_cast<std::size_t>(document.items[i].line) - 1;
      if (&document.items[i + 1] != &list && line > first_line(0)) end_ = std::min(end_, line);
    }
  }

  [[nodiscard]] std::optional<std::string> edited(const ListEdit &edit) const {
    if (!is_block()) return std::nullopt;
    std::string out;
    std::size_t at = 0;
    std::size_t last_end = 0;
    for (std::size_t i = 0; i < list_.items.size(); ++i) {
      const std::size_t end = content_end(i);
      if (edit.is_changed[i]) {
        copy(at, first_line(i), out);
        if (edit.kept[i]) out += item_text(*edit.kept[i]);
      } else {
        copy(at, end, out);
      }
      at = end;
      last_end = end;
    }
    copy(at, last_end, out);
    for (const YamlNode &node : edit.added) out += item_text(node);
    copy(last_end, lines_.size(), out);
    return out;
  }

 private:
  [[nodiscard]] std::size_t first_line(std::size_t i) const {
    return static_cast<std::size_t>(list_.items[i].line) - 1;
  }
  [[nodiscard]] std::size_t dash(std::size_t i) const { return lines_[first_line(i)].find_first_not_of(' '); }

  // Whether each item is a mapping that begins behind "- " on a line of its own.
  [[nodiscard]] bool is_block() const {
    for (std::size_t i = 0; i < list_.items.size(); ++i) {
      const YamlNode &item = list_.items[i];
      const std::string &line = lines_[first_line(i)];
      const std::size_t column = static_cast<std::size_t>(item.column) - 1;
      if (item.kind != YamlNode::Kind::mapping || item.items.empty() || dash(i) != dash(0)) return false;
      if (line[dash(i)] != '-' || line.find_first_not_of(' ', dash(i) + 1) != column || line[column] == '{')
        return false;
      if (i > 0 && first_line(i) == first_line(i - 1)) return false;
    }
    return true;
  }

  // Behind the last line of an item; comments and blank lines before the next one are not the item's.
  [[nodiscard]] std::size_t content_end(std::size_t i) const {
    std::size_t end = i + 1 < list_.items.size() ? first_line(i + 1) : end_;
    while (end > first_line(i) + 1) {
      const std::string &line = lines_[end - 1];
      const std::size_t text = line.find_first_not_of(" \t\r\n");
      if (text != std::string::npos && (line[text] != '#' || text > dash(0) + 1)) break;
      --end;
    }
    return end;
  }

  void copy(std::size_t from, std::size_t to, std::string &out) const {
    for (std::size_t i = from; i < to; ++i) out += lines_[i];
  }

  [[nodiscard]] std::string item_text(const YamlNode &node) const {
    YamlNode list;
    list.kind = YamlNode::Kind::sequence;
    list.items.push_back(node);
    return tree_as_yaml(list, dash(0));
  }

  const YamlNode &list_;
  std::vector<std::string> lines_;
  std::size_t end_ = 0;  // behind the last line of the list
};

}  // namespace

std::optional<std::string> edit_block(const std::string &text, const YamlNode &document, const ListEdit &edit) {
  const YamlNode *const list = document.find(provider_list_key);
  if (list == nullptr || list->kind != YamlNode::Kind::sequence || list->items.empty()) return std::nullopt;
  return BlockEdit(text, document, *list).edited(edit);
}

}  // namespace regcred::core
