// SPDX-License-Identifier: Apache-2.0
#include "cluster/workloads.hpp"

#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "cluster/byte_source.hpp"
#include "common/image_reference.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::json;

constexpr std::string_view mirror_key = "kubernetes.io/config.mirror";
constexpr std::string_view source_key = "kubernetes.io/config.source";
// An object of the API has at most 1.5 MiB, for etcd. As far as it is kept, it fits into this number of values.
constexpr std::size_t object_nodes_max = 1'000'000;
// Shown with each image of a pod, so what one object can hold must not be multiplied.
constexpr std::size_t secrets_max = 16;
constexpr std::size_t annotation_bytes_max = 256;
constexpr const char *how_to_write = "write it with: kubectl get pods,serviceaccounts -A -o json";

const Json &member(const Json &object, const char *name) {
  static const Json none;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() ? none : *found;
}

std::string text_of(const Json &object, const char *name) {
  const Json &value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

// The names of a list of references: [{"name": ...}]. The kubelet passes over those without a name. "..." stands for
// those beyond the limit.
std::vector<std::string> names_of(const Json &list) {
  std::vector<std::string> names;
  if (!list.is_array()) return names;
  for (const Json &item : list) {
    std::string name = text_of(item, "name");
    if (name.empty()) continue;
    names.push_back(names.size() < secrets_max ? std::move(name) : "...");  // guard: workload-secrets
    if (names.back() == "...") break;
  }
  return names;
}

bool is_static(const Json &annotations) {
  const std::string source = text_of(annotations, std::string(source_key).c_str());
  return member(annotations, std::string(mirror_key).c_str()).is_string() || (!source.empty() && source != "api");
}

// The images that the kubelet pulls for a pod, in its own form.
std::set<std::string> images_of(const Json &spec) {
  std::set<std::string> images;
  const auto add = [&](const std::string &written) {
    if (written.empty()) return;
    images.insert(normalise_image(written).value_or(written));
  };
  for (const char *list : {"initContainers", "containers", "ephemeralContainers"}) {
    for (const Json &container : member(spec, list)) add(text_of(container, "image"));
  }
  for (const Json &volume : member(spec, "volumes")) add(text_of(member(volume, "image"), "reference"));
  return images;
}

// Listens to the parser and builds of each object what counts; an object is taken as soon as it ends.
class ObjectReader : public nlohmann::json_sax<Json> {
 public:
  ObjectReader(const std::set<std::string> &annotation_keys, std::size_t uses_max)
      : annotation_keys_(annotation_keys), uses_max_(uses_max) {}

  Workloads workloads;
  std::string problem;  // why the parse was ended, if not for its syntax

  void start_document() {
    root_ = nullptr;
    nodes_ = 0;
  }
  bool end_document() {
    if (root_.is_object() && !member(root_, "items").is_array()) return take(root_, text_of(root_, "kind"));
    return root_.is_structured() || end("is JSON, but neither an object nor a list of objects");
  }

  bool null() override { return scalar(nullptr); }
  bool boolean(bool) override { return scalar(nullptr); }
  bool number_integer(number_integer_t) override { return scalar(nullptr); }
  bool number_unsigned(number_unsigned_t) override { return scalar(nullptr); }
  bool number_float(number_float_t, const string_t &) override { return scalar(nullptr); }
  bool binary(binary_t &) override { return scalar(nullptr); }
  bool string(string_t &value) override { return is_skipping_ ? scalar(nullptr) : scalar(std::move(value)); }
  bool start_object(std::size_t) override { return enter(Json::object()); }
  bool start_array(std::size_t) override { return enter(Json::array()); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t, const std::string &, const nlohmann::detail::exception &) override { return false; }

  bool key(string_t &name) override {
    if (is_skipping_) return true;
    is_skipping_ = !is_wanted(name);
    key_ = std::move(name);
    return true;
  }

 private:
  bool end(std::string why) {
    problem = std::move(why);
    return false;
  }

  [[nodiscard]] bool is_wanted(const std::string &name) const {
    static const std::set<std::string_view> keys = {"items",
                                                    "kind",
                                                    "metadata",
                                                    "name",
                                                    "namespace",
                                                    "annotations",
                                                    "spec",
                                                    "containers",
                                                    "initContainers",
                                                    "ephemeralContainers",
                                                    "image",
                                                    "volumes",
                                                    "reference",
                                                    "imagePullSecrets",
                                                    "serviceAccountName",
                                                    "serviceAccount"};
    if (annotations_depth_ != open_.size()) return keys.contains(name);
    return name == mirror_key || name == source_key || annotation_keys_.contains(name);
  }

  bool scalar(Json value) {
    if (!is_skipping_) return put(std::move(value)) != nullptr;
    if (skipped_depth_ == 0) is_skipping_ = false;
    return true;
  }

  bool enter(Json value) {
    if (open_.size() + skipped_depth_ >= limits::json_depth_max) {  // guard: workload-depth
      return end("is nested deeper than " + std::to_string(limits::json_depth_max) + " levels");
    }
    if (is_skipping_) {
      ++skipped_depth_;
      return true;
    }
    const bool in_object = !open_.empty() && open_.back()->is_object();
    Json *const placed = put(std::move(value));
    if (placed == nullptr) return false;
    open_.push_back(placed);
    if (in_object && key_ == "annotations" && annotations_depth_ == 0) annotations_depth_ = open_.size();
    return true;
  }

  // The place of `value` in what is being built; null when the object has too much in it.
  Json *put(Json value) {
    if (++nodes_ > object_nodes_max) {  // guard: workload-object
      end("has an object with more than " + std::to_string(object_nodes_max) + " values");
      return nullptr;
    }
    if (open_.empty()) return &(root_ = std::move(value));
    Json &parent = *open_.back();
    if (parent.is_object()) return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }

  bool leave() {
    if (is_skipping_) {
      if (--skipped_depth_ == 0) is_skipping_ = false;
      return true;
    }
    if (annotations_depth_ == open_.size()) annotations_depth_ = 0;
    const Json &closed = *open_.back();
    open_.pop_back();
    if (!is_list_of_objects() || !closed.is_object()) return true;
    std::string kind = text_of(closed, "kind");
    if (kind.empty()) {  // the API's own lists name it once: PodList
      kind = text_of(root_, "kind");
      kind.resize(kind.ends_with("List") ? kind.size() - 4 : 0);
    }
    const bool goes_on = take(closed, kind);
    open_.back()->get_ref<Json::array_t &>().pop_back();
    nodes_ = 0;
    return goes_on;
  }

  // Whether the innermost open value is the document's list: its `items`, or the document itself.
  [[nodiscard]] bool is_list_of_objects() const {
    if (open_.empty() || !open_.back()->is_array()) return false;
    return open_.size() == 1 || (open_.size() == 2 && open_.back() == &member(root_, "items"));
  }

  bool take(const Json &object, const std::string &kind) {
    if (kind == "Pod") return take_pod(object);
    if (kind == "ServiceAccount") return take_account(object);
    ++(kind == "Secret" ? workloads.secrets : workloads.others);
    return true;
  }

  bool take_pod(const Json &pod) {
    const Json &metadata = member(pod, "metadata");
    const Json &spec = member(pod, "spec");
    PodIdentity who;
    who.name_space = text_of(metadata, "namespace");
    who.is_static = is_static(member(metadata, "annotations"));
    // Static pods cannot have one: a mirror pod that names an account is refused (admission/serviceaccount).
    if (!who.is_static) who.service_account = text_of(spec, "serviceAccountName");
    if (!who.is_static && who.service_account.empty()) who.service_account = text_of(spec, "serviceAccount");
    who.pull_secrets = names_of(member(spec, "imagePullSecrets"));
    ++workloads.pods;
    workloads.static_pods += who.is_static ? 1U : 0U;
    std::map<std::string, ImageUse> &uses = workloads.uses[std::move(who)];
    for (const std::string &image : images_of(spec)) {
      ImageUse &use = uses[image];
      if (++use.pods > 1) continue;
      use.first_pod = text_of(metadata, "name");
      if (!count_use()) return false;
    }
    return true;
  }

  bool take_account(const Json &object) {
    const Json &metadata = member(object, "metadata");
    ServiceAccount account;
    for (const auto &[key, value] : member(metadata, "annotations").items()) {
      if (value.is_string() && annotation_keys_.contains(key))
        account.annotations.emplace(key, printable(value.get_ref<const std::string &>(), annotation_bytes_max));
    }
    account.pull_secrets = names_of(member(object, "imagePullSecrets"));
    workloads.accounts.insert_or_assign({text_of(metadata, "namespace"), text_of(metadata, "name")},
                                        std::move(account));
    return count_use();
  }

  bool count_use() {
    return ++uses_ <= uses_max_ ||  // guard: workload-uses
           end("has more than " + std::to_string(uses_max_) + " images by pod identity, and service accounts");
  }

  const std::set<std::string> &annotation_keys_;
  const std::size_t uses_max_;
  std::size_t uses_ = 0;
  Json root_;
  std::vector<Json *> open_;  // the values that have not ended, from the document inwards
  std::string key_;
  std::size_t nodes_ = 0;
  std::size_t annotations_depth_ = 0;  // how many are open in the object of annotations; 0: outside
  bool is_skipping_ = false;           // within a value that does not count
  std::size_t skipped_depth_ = 0;
};

}  // namespace

Result<Workloads> read_workloads(int fd, const std::string &where, const std::set<std::string> &annotation_keys,
                                 const WorkloadLimits &limits) {
  const auto refuse = [&](std::string what, const char *cure = how_to_write) {
    return fail(ErrorCode::usage, where, std::move(what), cure);
  };
  ByteSource source(fd, limits.bytes_max);
  ObjectReader reader(annotation_keys, limits.uses_max);
  while (source.skip_space()) {
    reader.start_document();
    if (Json::sax_parse(ByteIterator(&source), ByteIterator(), &reader, Json::input_format_t::json, false) &&
        reader.end_document()) {
      continue;
    }
    if (source.is_too_long() || source.error() != 0) break;
    if (!reader.problem.empty()) return refuse(reader.problem);
    return refuse(source.has_ended() ? "is not whole: the JSON ends too early"
                                     : "is not JSON in UTF-8, at byte " + std::to_string(source.position()));
  }
  if (source.is_too_long()) {
    return refuse("is longer than " + std::to_string(limits.bytes_max) + " bytes",
                  "give the namespaces one by one: kubectl get pods,serviceaccounts -n NAMESPACE -o json");
  }
  if (source.error() != 0) return refuse(std::string("cannot be read: ") + std::strerror(source.error()));
  if (reader.workloads.pods == 0 && reader.workloads.accounts.empty()) {
    return refuse("has neither pods nor service accounts in it");
  }
  if (reader.workloads.accounts.empty()) return refuse("has pods, but not their service accounts");
  return std::move(reader.workloads);
}

}  // namespace regcred::core
