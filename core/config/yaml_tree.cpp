// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <map>
#include <streambuf>
#include <unordered_set>

#include "common/limits.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

// Ends the parse from inside a callback; does not leave parse_yaml.
struct Refused {
  Error error;
};

[[noreturn]] void refuse(std::string where, std::string what, std::string cure) {
  throw Refused{{ErrorCode::config, std::move(where), std::move(what), std::move(cure)}};
}

std::string at(const std::string &origin, int line, int column) {
  return origin + ':' + std::to_string(line) + ':' + std::to_string(column);
}

// Hands the text to the parser in small pieces and stops it when it reads on without an event: it keeps
// all of a bracketed value in memory, many bytes for each of the text.
class BoundedInput final : public std::streambuf {
 public:
  explicit BoundedInput(std::string_view text) : text_(text) {}
  void note_event() { event_at_ = read_; }

 protected:
  int_type underflow() override {
    if (gptr() != egptr()) return traits_type::to_int_type(*gptr());
    if (read_ == text_.size()) return traits_type::eof();
    if (read_ - event_at_ > limits::yaml_lookahead_bytes_max) throw TooFar{};
    const std::size_t size = std::min(chunk_bytes, text_.size() - read_);
    // A get area is never written to; the interface is older than const.
    char *const from = const_cast<char *>(text_.data()) + read_;
    setg(from, from, from + size);
    read_ += size;
    return traits_type::to_int_type(*from);
  }

 public:
  struct TooFar {};

 private:
  static constexpr std::size_t chunk_bytes = 4096;
  std::string_view text_;
  std::size_t read_ = 0;
  std::size_t event_at_ = 0;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string &origin, BoundedInput &input) : origin_(origin), input_(input) {}

  [[nodiscard]] YamlNode take_root() { return std::move(root_); }
  // The place of the last value that the parser reported.
  [[nodiscard]] std::string last_place() const { return where(last_); }

  void OnDocumentStart(const YAML::Mark &mark) override {
    if (++documents_ > 1) another_ = mark;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override {
    if (documents_ > 1 && open_.empty()) return count_node(mark);  // a "---" with nothing behind it
    add(leaf(YamlNode::Kind::null, mark), anchor, mark);
  }

  void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                const std::string &value) override {
    refuse_tag(mark, tag);
    YamlNode node = leaf(YamlNode::Kind::scalar, mark);
    node.plain = tag == "?";
    node.text = value;
    add(std::move(node), anchor, mark);
  }

  void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override {
    if (++aliases_ > limits::yaml_aliases_max) {  // guard: yaml-aliases
      refuse(where(mark), "more than " + std::to_string(limits::yaml_aliases_max) + " aliases", "write the values out");
    }
    const auto target = anchors_.find(anchor);
    if (target == anchors_.end()) refuse(where(mark), "an alias to a value that holds it", "write the value out");
    count_nodes(target->second, mark, open_.size());
    add(target->second, YAML::NullAnchor, mark);
  }

  void OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    YAML::Mark mark;
    YAML::anchor_t anchor;
    std::unordered_set<std::string> keys;
  };

  [[nodiscard]] std::string where(const YAML::Mark &mark) const { return at(origin_, mark.line + 1, mark.column + 1); }

  YamlNode leaf(YamlNode::Kind kind, const YAML::Mark &mark) {
    input_.note_event();
    if (documents_ > 1) {
      refuse(where(another_), "a second document", "keep one document per file; remove what follows \"---\"");
    }
    last_ = mark;
    count_node(mark);
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void open(YamlNode::Kind kind, const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor) {
    refuse_tag(mark, tag);
    check_depth(mark, open_.size() + 1);
    if (expects_key()) refuse(where(mark), "a key that is a list or a mapping", "write the key as text");
    open_.push_back({leaf(kind, mark), mark, anchor, {}});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.node), done.anchor, done.mark);
  }

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node.kind == YamlNode::Kind::mapping &&
           open_.back().node.items.size() % 2 == 0;
  }

  void add(YamlNode node, YAML::anchor_t anchor, const YAML::Mark &mark) {
    if (expects_key()) check_key(node);
    if (anchor != YAML::NullAnchor) {
      if (anchors_.size() >= limits::yaml_aliases_max) {
        refuse(where(mark), "more than " + std::to_string(limits::yaml_aliases_max) + " anchors",
               "write the values out");
      }
      count_nodes(node, mark, open_.size());  // the copy for its aliases
      anchors_[anchor] = node;
    }
    if (open_.empty()) {
      root_ = std::move(node);
    } else {
      open_.back().node.items.push_back(std::move(node));
    }
  }

  void check_key(const YamlNode &node) {
    const std::string here = position(origin_, node);
    if (node.kind != YamlNode::Kind::scalar) refuse(here, "a key that is not text", "write the key as text");
    if (node.plain && node.text == "<<") refuse(here, "a merge key (<<), which is not supported", "write the keys out");
    if (!open_.back().keys.insert(node.text).second) {
      refuse(here, "the key " + in_quotes(node.text) + " stands here a second time", "remove one of the two");
    }
  }

  void refuse_tag(const YAML::Mark &mark, const std::string &tag) const {
    if (tag.empty() || tag == "?" || tag == "!") return;
    refuse(where(mark), "the tag " + in_quotes(tag) + ": tags are not supported", "remove it");
  }

  void count_node(const YAML::Mark &mark) {
    if (++nodes_ > limits::yaml_nodes_max) {
      refuse(where(mark), "more than " + std::to_string(limits::yaml_nodes_max) + " values", "split the configuration");
    }
  }
  // What an alias stands for, `depth` levels below the root.
  void count_nodes(const YamlNode &node, const YAML::Mark &mark, std::size_t depth) {
    count_node(mark);
    if (!node.items.empty()) check_depth(mark, depth + 1);
    for (const YamlNode &item : node.items) count_nodes(item, mark, depth + 1);
  }
  void check_depth(const YAML::Mark &mark, std::size_t depth) const {
    if (depth <= limits::yaml_depth_max) return;  // guard: yaml-depth
    refuse(where(mark), "nested deeper than " + std::to_string(limits::yaml_depth_max) + " levels",
           "see whether brackets or indentation are as meant");
  }

  const std::string &origin_;
  BoundedInput &input_;
  YamlNode root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  YAML::Mark last_;
  YAML::Mark another_;  // where the latest document after the first begins
  std::size_t nodes_ = 0;
  std::size_t aliases_ = 0;
  int documents_ = 0;
};

// Throws Refused at a control character, which YAML does not allow; yaml-cpp would take some for the end of the text.
void refuse_control_characters(std::string_view text, const std::string &origin) {
  int line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      ++line;
      line_start = i + 1;
    } else if ((byte < ' ' && byte != '\t' && byte != '\r') || byte == 0x7FU) {
      refuse(at(origin, line, static_cast<int>(i - line_start) + 1), "a control character", "remove it");
    }
  }
}

}  // namespace

const YamlNode *YamlNode::find(std::string_view key) const {
  if (kind != Kind::mapping) return nullptr;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].text == key) return &items[i + 1];
  }
  return nullptr;
}

std::string position(const std::string &origin, const YamlNode &node) { return at(origin, node.line, node.column); }

Result<YamlNode> parse_yaml(std::string_view text, const std::string &origin) {
  BoundedInput input(text);
  std::istream stream(&input);
  stream.exceptions(std::ios::badbit);  // lets the stop signal of BoundedInput through
  TreeBuilder builder(origin, input);
  try {
    refuse_control_characters(text, origin);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take_root();
  } catch (Refused &refused) {
    return tl::make_unexpected(std::move(refused.error));
  } catch (const BoundedInput::TooFar &) {
    return fail(ErrorCode::config, builder.last_place(),
                "here or below stands one bracketed value, text or comment of more than 1 MiB",
                "write lists with one \"- \" line for each item");
  } catch (const YAML::Exception &error) {
    return fail(ErrorCode::config, at(origin, error.mark.line + 1, error.mark.column + 1),
                "not valid YAML: " + printable(error.msg, 200), "see quotes, brackets and indentation there");
  }
}

}  // namespace regcred::core
