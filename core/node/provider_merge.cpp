// SPDX-License-Identifier: Apache-2.0
#include "node/provider_merge.hpp"

#include <algorithm>
#include <optional>

#include "cluster/kubelet_text.hpp"
#include "common/contains.hpp"
#include "common/text.hpp"
#include "config/yaml_tree.hpp"
#include "node/block_edit.hpp"
#include "node/tree_text.hpp"

namespace regcred::core {
namespace {

std::string name_of(const YamlNode &provider) {
  const YamlNode *const name = provider.find("name");
  return name == nullptr || name->kind != YamlNode::Kind::scalar ? std::string() : name->text;
}

YamlNode *list_of(YamlNode &document) {
  const YamlNode *const found = document.find(provider_list_key);
  return found == nullptr || found->kind != YamlNode::Kind::sequence ? nullptr : const_cast<YamlNode *>(found);
}

// Texts quoted and booleans in JSON's words, so that they mean the same in YAML and JSON.
void normalise(YamlNode &node) {
  if (is_kubelet_text(node)) node.plain = false;
  if (const std::optional<bool> boolean = kubelet_boolean(node)) node.text = *boolean ? "true" : "false";
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const bool is_key = node.kind == YamlNode::Kind::mapping && i % 2 == 0;
    if (!is_key) normalise(node.items[i]);
  }
}

// A key has quotes in JSON, and needs none in YAML.
void set_keys(YamlNode &node, bool in_json) {
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (node.kind == YamlNode::Kind::mapping && i % 2 == 0) node.items[i].plain = !in_json;
    set_keys(node.items[i], in_json);
  }
}

// Whether both entries mean the same to the kubelet, however they are written.
bool same_entry(YamlNode one, YamlNode other) {
  for (YamlNode *const node : {&one, &other}) {
    normalise(*node);
    set_keys(*node, false);
  }
  return same_tree(one, other);
}

Result<std::vector<YamlNode>> entries_of(const std::string &text, const std::string &origin) {
  if (text.empty()) return std::vector<YamlNode>{};
  Result<YamlNode> document = parse_kubelet_text(text, origin);
  if (!document) return tl::make_unexpected(document.error());
  const YamlNode *const list = list_of(*document);
  if (list == nullptr) return fail(ErrorCode::internal, origin, "has no providers");
  std::vector<YamlNode> entries = list->items;
  for (YamlNode &entry : entries) normalise(entry);
  return entries;
}

class Merger {
 public:
  explicit Merger(const ProviderMerge &merge) : merge_(merge) {}

  Result<std::string> merged() {
    Result<YamlNode> document = parse_kubelet_text(merge_.text, merge_.path);
    if (!document) return tl::make_unexpected(document.error());
    const YamlNode *const list = list_of(*document);
    if (list == nullptr || list->items.empty()) {
      return refuse("has no list of providers, and no kubelet starts with it", "see what this file is for");
    }
    Result<std::vector<YamlNode>> own = entries_of(merge_.own_text, "our providers");
    if (!own) return tl::make_unexpected(own.error());
    const std::size_t first = merge_.text.find_first_not_of(" \t\n\v\f\r");
    is_json_ = merge_.text[first] == '{';  // as the kubelet tells
    for (YamlNode &entry : *own) set_keys(entry, is_json_);
    if (Status planned = plan(*document, *list, std::move(*own)); !planned) {
      return tl::make_unexpected(planned.error());
    }
    const bool is_same =
        added_.empty() && std::none_of(is_changed_.begin(), is_changed_.end(), [](bool x) { return x; });
    if (is_same) return merge_.text;
    return written(*document);
  }

 private:
  tl::unexpected<Error> refuse(std::string what, std::string cure) const {
    return fail(ErrorCode::config, merge_.path, std::move(what), std::move(cure));
  }

  // What becomes of each entry.
  Status plan(const YamlNode &document, const YamlNode &list, std::vector<YamlNode> own) {
    for (const YamlNode &item : list.items) {
      const std::string name = name_of(item);
      const auto ours =
          std::find_if(own.begin(), own.end(), [&](const YamlNode &node) { return name_of(node) == name; });
      const bool is_ours = contains(merge_.ours, name);
      if (ours != own.end() && !is_ours) {  // guard: foreign-name
        return fail(ErrorCode::config, position(merge_.path, item),
                    "the entry " + in_quotes(name) + " is of another program, and regcred needs this name",
                    "give that entry and its program another name");
      }
      if (!is_ours) {
        kept_.emplace_back(item);
        is_changed_.push_back(false);
        continue;
      }
      is_changed_.push_back(ours == own.end() || !same_entry(*ours, item));
      if (ours == own.end()) {
        kept_.emplace_back();
      } else {
        kept_.emplace_back(is_changed_.back() ? *ours : item);
        own.erase(ours);
      }
    }
    added_ = std::move(own);
    const bool is_empty =
        added_.empty() && std::none_of(kept_.begin(), kept_.end(), [](const auto &item) { return item.has_value(); });
    if (!is_empty) return {};  // guard: last-provider
    return fail(ErrorCode::config, position(merge_.path, document),
                "would be left without a provider, and no kubelet starts so",
                "take both flags from the kubelet's command line and restart it first");
  }

  // `original` with the new list, in its own notation.
  Result<std::string> written(const YamlNode &original) {
    YamlNode document = original;
    std::vector<YamlNode> &items = list_of(document)->items;
    items.clear();
    for (const std::optional<YamlNode> &node : kept_) {
      if (node) items.push_back(*node);
    }
    items.insert(items.end(), added_.begin(), added_.end());
    if (!is_json_) {
      const std::optional<std::string> text = edit_block(merge_.text, original, {kept_, is_changed_, added_});
      if (text && reads_as(*text, document)) return *text;
    }
    std::string text = is_json_ ? tree_as_json(document) : tree_as_yaml(document);
    if (reads_as(text, document)) return text;  // guard: merge-read-again
    return refuse("cannot be written anew so that all of it keeps its meaning", "add regcred's entries by hand");
  }

  [[nodiscard]] bool reads_as(const std::string &text, const YamlNode &document) const {
    const Result<YamlNode> read = parse_kubelet_text(text, merge_.path);
    return read && same_tree(*read, document);
  }

  const ProviderMerge &merge_;
  bool is_json_ = false;
  std::vector<std::optional<YamlNode>> kept_;  // for each entry of the file
  std::vector<bool> is_changed_;
  std::vector<YamlNode> added_;
};

}  // namespace

Result<std::vector<std::string>> provider_names(const std::string &text, const std::string &origin) {
  const Result<std::vector<YamlNode>> entries = entries_of(text, origin);
  if (!entries) return tl::make_unexpected(entries.error());
  std::vector<std::string> names;
  for (const YamlNode &entry : *entries) names.push_back(name_of(entry));
  return names;
}

Result<std::string> merge_providers(const ProviderMerge &merge) { return Merger(merge).merged(); }

}  // namespace regcred::core
