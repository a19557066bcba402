// SPDX-License-Identifier: Apache-2.0
// What kubectl prints, and what it never would, as pods and service accounts.
#include "cluster/workloads.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/unique_fd.hpp"
#include "support/process.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

Result<Workloads> read(const std::string &text, const WorkloadLimits &limits = {}) {
  const testing::TemporaryDirectory directory;
  const UniqueFd fd(::open(directory.write("input", text).c_str(), O_RDONLY | O_CLOEXEC));
  return read_workloads(fd.get(), "input", {"k/a"}, limits);
}

const std::string account = R"({"kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "n"}})";

std::string pod(const std::string &spec, const std::string &metadata = "{}") {
  return R"({"apiVersion": "v1", "kind": "Pod", "metadata": )" + metadata + R"(, "spec": )" + spec + "}";
}
std::string list(const std::string &items) {
  return R"({"apiVersion": "v1", "items": [)" + items + R"(], "kind": "List"})";
}

// The images of all pods, each with the number of its pods.
std::vector<std::string> images(const Result<Workloads> &workloads) {
  std::vector<std::string> images;
  if (!workloads) return {workloads.error().what};
  for (const auto &[who, uses] : workloads->uses) {
    for (const auto &[image, use] : uses) images.push_back(image + ' ' + std::to_string(use.pods));
  }
  return images;
}

TEST(Workloads, every_image_of_a_pod_in_the_kubelets_form) {
  const std::string spec =
      R"({"containers": [{"image": "nginx:1.27", "name": "a"}, {"image": "nginx", "env": [{"name": "image",
      "value": "x"}]}, {"image": ""}, {}], "initContainers": [{"image": "reg.io/init@sha256:)" +
      std::string(64, 'a') + R"("}], "ephemeralContainers": [{"image": "Reg.io:5000/debug"}],
      "volumes": [{"image": {"reference": "reg.io/model:1"}}, {"name": "image"}, {"secret": {"secretName": "s"}}]})";
  EXPECT_THAT(images(read(list(pod(spec) + ',' + pod(R"({"containers": [{"image": "nginx:2"}]})") + ',' + account))),
              ElementsAre("Reg.io:5000/debug 1", "docker.io/library/nginx 2", "reg.io/init 1", "reg.io/model 1"));
  EXPECT_THAT(images(read(pod(R"({"containers": [{"image": "Not A Name"}]})") + account)), ElementsAre("Not A Name 1"));
}

TEST(Workloads, lists_arrays_and_documents_one_after_the_other) {
  const std::string one = pod(R"({"containers": [{"image": "a.io/x"}]})");
  const std::string bare = R"({"metadata": {}, "spec": {"containers": [{"image": "a.io/x"}]}})";
  for (const std::string &text :
       {list(one + ',' + account), '[' + account + ',' + one + ']', one + '\n' + account, one + account + '\n',
        list(one) + list(account), R"({"kind": "PodList", "items": [)" + bare + "]}" + account,
        "\xEF\xBB\xBF" + list(one + ',' + account)}) {
    EXPECT_THAT(images(read(text)), ElementsAre("a.io/x 1")) << text;
  }
}

TEST(Workloads, who_pulls) {
  const auto who = [](const std::string &spec, const std::string &metadata) {
    const Result<Workloads> workloads = read(list(pod(spec, metadata) + ',' + account));
    EXPECT_TRUE(workloads) << workloads.error().what;
    return workloads->uses.begin()->first;
  };
  const std::string spec =
      R"({"serviceAccountName": "builder", "imagePullSecrets": [{"name": "a"}, {}, {"name": ""}, {"name": "b"}]})";
  const PodIdentity pod = who(spec, R"({"namespace": "n"})");
  EXPECT_EQ(pod, (PodIdentity{"n", "builder", false, {"a", "b"}}));
  EXPECT_EQ(who(R"({"serviceAccount": "old"})", "{}").service_account, "old");
  for (const char *annotation : {R"("kubernetes.io/config.mirror": "x")", R"("kubernetes.io/config.source": "file")",
                                 R"("kubernetes.io/config.source": "http")"}) {
    const PodIdentity found =
        who(spec, R"({"annotations": {"more": {"annotations": {}}, )" + std::string(annotation) + "}}");
    EXPECT_TRUE(found.is_static) << annotation;
    EXPECT_EQ(found.service_account, "") << annotation;
  }
  EXPECT_FALSE(who(spec, R"({"annotations": {"kubernetes.io/config.source": "api"}})").is_static);
  EXPECT_FALSE(who(spec, R"({"labels": {"kubernetes.io/config.mirror": "x"}})").is_static);
}

TEST(Workloads, of_accounts_what_was_asked_for_and_of_secrets_nothing) {
  const Result<Workloads> workloads = read(list(
      R"({"kind": "ServiceAccount", "metadata": {"name": "a", "namespace": "n", "annotations": {"k/a": "1", "k/b": "2",
      "annotations": {"k/a": "3"}}}, "imagePullSecrets": [{"name": "s"}], "secrets": [{"name": "t"}]},
      {"kind": "Secret", "metadata": {"name": "x"}, "data": {"password": "c2VjcmV0"}},
      {"kind": "ConfigMap", "metadata": {"name": "y"}}, {"kind": 7}, {}, {"kind": "List", "items": [{"kind": "Pod"}]})"));
  ASSERT_TRUE(workloads) << workloads.error().what;
  const ServiceAccount &found = workloads->accounts.at({"n", "a"});
  EXPECT_THAT(found.annotations, ElementsAre(Pair("k/a", "1")));
  EXPECT_THAT(found.pull_secrets, ElementsAre("s"));
  EXPECT_EQ(workloads->secrets, 1U);
  EXPECT_EQ(workloads->others, 4U);
  EXPECT_EQ(workloads->pods, 0U);
}

TEST(Workloads, values_of_another_type_count_as_absent) {
  EXPECT_THAT(images(read(list(pod(R"({"containers": {"image": "a"}, "volumes": "x", "imagePullSecrets": 1})") + ',' +
                               pod("[]", "7") + ',' + pod(R"({"containers": [7, [], {"image": ["a"]}]})") +
                               R"(, 7, "text", null, [[]], )" + account))),
              IsEmpty());
}

TEST(Workloads, what_is_not_such_json_is_refused) {
  const std::pair<std::string, const char *> table[] = {
      {"", "has neither pods nor service accounts in it"},
      {" \n", "has neither pods nor service accounts in it"},
      {R"({"kind": "List", "items": []})", "has neither pods nor service accounts in it"},
      {R"({"kind": "List", "items": null})", "has neither pods nor service accounts in it"},
      {pod("{}"), "has pods, but not their service accounts"},
      {"7", "neither an object nor a list of objects"},
      {"\"text\"", "neither an object nor a list of objects"},
      {"apiVersion: v1\nitems:\n", "is not JSON in UTF-8, at byte 1"},
      {"error: You must be logged in", "is not JSON in UTF-8"},
      {list(account) + "x", "is not JSON in UTF-8"},
      {list(account) + std::string(1, '\0'), "is not JSON in UTF-8"},
      {list(account).substr(0, 60), "ends too early"},
      {"{\"a\": \"\xff\"}", "is not JSON in UTF-8"},
      {"\xFF\xFE{", "is not JSON in UTF-8"}};
  for (const auto &[text, why] : table) {
    const Result<Workloads> workloads = read(text);
    ASSERT_FALSE(workloads) << text;
    EXPECT_EQ(workloads.error().code, ErrorCode::usage);
    EXPECT_EQ(workloads.error().where, "input");
    EXPECT_THAT(workloads.error().what, HasSubstr(why)) << text;
    EXPECT_THAT(workloads.error().cure, HasSubstr("kubectl get pods,serviceaccounts"));
  }
  EXPECT_THAT(images(read_workloads(-1, "input", {})), ElementsAre(HasSubstr("cannot be read: ")));
}

TEST(Workloads, H5_everything_has_a_limit) {
  const std::string deep(100'000, '[');
  for (const std::string &text : {deep, "{\"a\":" + deep, "{\"items\":" + deep, list("{\"status\":" + deep)}) {
    EXPECT_THAT(images(read(text)), ElementsAre(HasSubstr("nested deeper than 32 levels")));
  }
  const auto nested = [](std::size_t levels) {
    return R"({"status": )" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}" + account;
  };
  EXPECT_TRUE(read(nested(32)));
  EXPECT_THAT(images(read(nested(33))), ElementsAre(HasSubstr("nested deeper than 32 levels")));
  std::string many;
  for (int i = 0; i < 510'000; ++i) many += R"({"image": "a"},)";
  EXPECT_THAT(images(read(pod(R"({"containers": [)" + many + "{}]}"))),
              ElementsAre(HasSubstr("an object with more than 1000000 values")));
  std::string secrets;
  for (int i = 0; i < 20; ++i) secrets += R"({"name": "s"},)";
  const Result<Workloads> cut = read(list(pod(R"({"imagePullSecrets": [)" + secrets + "{}]}") +
                                          R"(, {"kind": "ServiceAccount", "metadata": {"annotations": {"k/a": ")" +
                                          std::string(9999, 'x') + "\"}}}"));
  ASSERT_TRUE(cut) << cut.error().what;
  EXPECT_EQ(cut->uses.begin()->first.pull_secrets.size(), 17U);
  EXPECT_EQ(cut->uses.begin()->first.pull_secrets.back(), "...");
  EXPECT_LE(cut->accounts.begin()->second.annotations.at("k/a").size(), 260U);
  const std::string two = list(account + ',' + pod(R"({"containers": [{"image": "a"}, {"image": "b"}]})"));
  EXPECT_THAT(images(read(two, {.uses_max = 2})), ElementsAre(HasSubstr("more than 2 images")));
  EXPECT_TRUE(read(two, {.uses_max = 3}));
  EXPECT_TRUE(read(two, {.bytes_max = two.size()}));
  const Result<Workloads> longer = read(two, {.bytes_max = two.size() - 1});
  EXPECT_THAT(images(longer), ElementsAre(HasSubstr("is longer than")));
  EXPECT_THAT(longer.error().cure, HasSubstr("-n NAMESPACE"));
}

}  // namespace
}  // namespace regcred::core
