// SPDX-License-Identifier: Apache-2.0
#include "cli/identity.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "common/limits.hpp"
#include "common/unique_fd.hpp"
#include "services/clock/clock.hpp"
#include "support/process.hpp"
#include "unit/config/fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

class IdentityOf : public ::testing::Test {
 protected:
  IdentityOf() {
    first_.name = "first";
    first_.audience = "cloudsmith";
    first_.origin = "config.yaml:4:5";
    second_.name = "second";
    second_.audience = "sts.example.com";
  }
  Result<Identity> identity(const IdentityOptions &options) {
    return read_identity(options, candidates_, {"regcred", environment_, clock_, 0, input_.get(), 2}, expected_);
  }
  Error failure(const IdentityOptions &options) {
    const auto outcome = identity(options);
    return outcome ? Error{ErrorCode::internal, "", "no failure", ""} : outcome.error();
  }
  // Puts a kubectl on PATH that writes down its arguments and then does `script`.
  void have_kubectl(const std::string &script) {
    directory_.write("bin/kubectl", "#!/bin/sh\necho \"$*\" >> " + directory_.path() + "/calls\n" + script, 0700);
    environment_ = with(environment_, "PATH", directory_.path() + "/bin:/usr/bin:/bin");
  }
  std::string calls() {
    const UniqueFd fd(::open((directory_.path() + "/calls").c_str(), O_RDONLY));
    std::string text(4096, '\0');
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(fd.get(), text.data(), text.size()))));
    return text;
  }

  regcred::testing::TemporaryDirectory directory_;
  Environment environment_;
  SystemClock clock_;
  RegistryEntry first_;
  RegistryEntry second_;
  std::vector<const RegistryEntry *> candidates_ = {&first_};
  std::string expected_;  // by the backend of the first
  UniqueFd input_{::open("/dev/null", O_RDONLY)};
};

TEST_F(IdentityOf, a_token_file_is_taken_without_the_blanks_around_its_token) {
  const auto read = identity({.token_file = directory_.write("token", "  a.b.c\r\n\n", 0644)});
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->token.reveal(), "a.b.c");
}

TEST_F(IdentityOf, JSON_around_a_token_is_taken_off) {
  for (const char *json : {R"({"kind":"TokenRequest","status":{"token":"a.b.c"}})",
                           "{\n  \"kind\": \"ExecCredential\",\n  \"status\": {\n    \"token\": \"a.b.c\"\n  }\n}\n",
                           R"({"kind":"CredentialProviderRequest","serviceAccountToken":"a.b.c"})"}) {
    const auto read = identity({.token_file = directory_.write("token", json)});
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(read->token.reveal(), "a.b.c");
  }
  for (const char *json : {R"({"kind":"Secret","data":{"token":"canary"}})", R"("canary")", "[\"canary\"]", "{}",
                           R"({"status":{"token":""}})", R"({"status":{"token":7}})"}) {
    const Error error = failure({.token_file = directory_.write("token", json)});
    EXPECT_THAT(error.what, HasSubstr("contains JSON without a token at status.token")) << json;
    EXPECT_THAT(error.what + error.cure, Not(HasSubstr("canary")));
  }
}

TEST_F(IdentityOf, kubectl_without_a_cluster_is_cured_by_what_works) {
  for (const char *words :
       {"The connection to the server localhost:8080 was refused", "Missing or incomplete configuration",
        "You must be logged in to the server (Unauthorized)", ""}) {
    have_kubectl("echo '" + std::string(words) + "' >&2; exit 1\n");
    const Error error = failure({.service_account = "team-a/puller"});
    EXPECT_THAT(error.cure, HasSubstr("set KUBECONFIG to the kubeconfig file")) << words;
    EXPECT_THAT(error.cure, HasSubstr("--token-file FILE"));
  }
  have_kubectl("echo 'error: serviceaccounts is forbidden' >&2; exit 1\n");
  EXPECT_THAT(failure({.service_account = "team-a/puller"}).cure, HasSubstr("kubectl auth whoami"));
}

TEST_F(IdentityOf, a_dash_is_standard_input) {
  input_ = UniqueFd(::open(directory_.write("token", "a.b.c\n").c_str(), O_RDONLY));
  EXPECT_EQ(identity({.token_file = "-"})->token.reveal(), "a.b.c");
}

TEST_F(IdentityOf, H5_a_file_without_one_token_is_refused_and_not_quoted) {
  const std::string files[] = {
      "", "\n", "a.b.c d.e.f", "canary\x01", "canary\n\ncanary", std::string(limits::token_bytes_max + 1, 'x')};
  for (const std::string &content : files) {
    const Error error = failure({.token_file = directory_.write("token", content)});
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_THAT(error.what, Not(HasSubstr("canary")));
  }
  EXPECT_THAT(failure({.token_file = "/nowhere/token"}).what, HasSubstr("cannot be opened: No such file"));
  EXPECT_EQ(failure({.token_file = directory_.path()}).code, ErrorCode::usage);
}

TEST_F(IdentityOf, H4_a_fifo_without_a_writer_is_not_waited_for) {
  const std::string fifo = directory_.path() + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  ::alarm(5);  // kills a test that waits
  EXPECT_THAT(failure({.token_file = fifo}).what, HasSubstr("holds no token"));
  ::alarm(0);
}

TEST_F(IdentityOf, a_pipe_of_the_shell_is_read_to_its_end) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  std::thread slow([writer = UniqueFd(ends[1])] {
    for (const char *piece : {"a.", "b", ".c\n"}) {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      if (::write(writer.get(), piece, std::strlen(piece)) < 0) return;
    }
  });
  const auto read = identity({.token_file = "/dev/fd/" + std::to_string(reader.get())});
  slow.join();
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->token.reveal(), "a.b.c");
}

TEST_F(IdentityOf, a_service_account_gives_token_and_annotations_through_kubectl) {
  have_kubectl(R"(case "$1" in
create) echo a.b.c ;;
get) echo '{"metadata":{"annotations":{"x/one":"1","x/two":"2"}}}' ;;
esac
)");
  const auto read = identity({.service_account = "team-a/puller", .annotations = {"x/two=by hand", "x/three="}});
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->token.reveal(), "a.b.c");
  EXPECT_THAT(read->annotations, ElementsAre(Pair("x/one", "1"), Pair("x/three", ""), Pair("x/two", "by hand")));
  EXPECT_THAT(read->notes, IsEmpty());
  EXPECT_EQ(calls(),
            "create token puller --namespace=team-a --audience=cloudsmith\n"
            "get serviceaccount puller --namespace=team-a --output=json\n");
}

TEST_F(IdentityOf, an_account_without_annotations_has_none) {
  for (const char *account : {R"({"metadata":{}})", R"({"metadata":{"annotations":null}})"}) {
    have_kubectl("case \"$1\" in create) echo a.b.c ;; get) echo '" + std::string(account) + "' ;; esac\n");
    const auto read = identity({.service_account = "team-a/puller"});
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_THAT(read->annotations, IsEmpty());
  }
}

TEST_F(IdentityOf, entries_that_want_other_audiences_are_named) {
  have_kubectl("case \"$1\" in create) echo a.b.c ;; get) echo '{\"metadata\":{}}' ;; esac\n");
  candidates_ = {&first_, &second_};
  EXPECT_THAT(identity({.service_account = "team-a/puller"})->notes,
              ElementsAre("the token is for audience \"cloudsmith\", as entry first wants it; these match the image, "
                          "too, and want another: second (audience \"sts.example.com\")"));
}

TEST_F(IdentityOf, an_entry_without_audience_gets_a_token_for_what_its_backend_expects) {
  have_kubectl("case \"$1\" in create) echo a.b.c ;; get) echo '{\"metadata\":{}}' ;; esac\n");
  first_.audience.clear();
  first_.backend = "ecr";
  expected_ = "sts.amazonaws.com";
  EXPECT_THAT(identity({.service_account = "team-a/puller"})->notes,
              ElementsAre("the token is for audience \"sts.amazonaws.com\", which backend ecr expects; entry first "
                          "names none"));
  EXPECT_THAT(calls(), HasSubstr("--audience=sts.amazonaws.com\n"));
}

TEST_F(IdentityOf, an_entry_without_audience_is_told_how_to_get_one_and_nobody_is_asked) {
  have_kubectl("exit 0\n");
  first_.audience.clear();
  const Error error = failure({.service_account = "team-a/puller"});
  EXPECT_EQ(error.code, ErrorCode::config);
  EXPECT_THAT(error.what, HasSubstr("names no `audience`"));
  EXPECT_THAT(error.cure, HasSubstr("set `audience` at config.yaml:4:5"));
  EXPECT_EQ(calls(), "");
}

TEST_F(IdentityOf, kubectl_that_refuses_is_quoted_in_one_line) {
  have_kubectl("printf 'error: failed to create token:\\n is forbidden\\n' >&2; exit 1\n");
  const Error error = failure({.service_account = "team-a/puller"});
  EXPECT_EQ(error.code, ErrorCode::usage);
  EXPECT_EQ(error.where, "kubectl create token");
  EXPECT_EQ(error.what, "ended with status 1: error: failed to create token:\\n is forbidden");
}

TEST_F(IdentityOf, kubectl_that_is_missing_or_says_nonsense_is_a_failure) {
  environment_ = with(environment_, "PATH", "/nowhere");
  EXPECT_THAT(failure({.service_account = "team-a/puller"}).cure, HasSubstr("--token-file"));
  have_kubectl("case \"$1\" in create) echo a.b.c ;; get) echo nonsense ;; esac\n");
  EXPECT_THAT(failure({.service_account = "team-a/puller"}).what, HasSubstr("gave no ServiceAccount"));
  have_kubectl("exit 0\n");
  EXPECT_EQ(failure({.service_account = "team-a/puller"}).what, "holds no token");
}

TEST_F(IdentityOf, names_that_kubectl_could_take_for_options_are_refused) {
  for (const char *account : {"puller", "team-a/", "/puller", "--kubeconfig=x/puller", "team-a/-o", "a/b/c", "A/b"}) {
    have_kubectl("exit 0\n");
    EXPECT_THAT(failure({.service_account = account}).what, HasSubstr("is not NAMESPACE/NAME")) << account;
  }
  EXPECT_EQ(calls(), "");
}

TEST_F(IdentityOf, an_annotation_without_a_key_is_refused) {
  for (const char *annotation : {"x", "=x", ""}) {
    EXPECT_THAT(failure({.annotations = {annotation}}).what, HasSubstr("is not KEY=VALUE")) << annotation;
  }
}

TEST_F(IdentityOf, annotations_that_do_not_get_through_are_noted) {
  const IdentityOptions options{.annotations = {"x/one=1", "x/two=2"}};
  EXPECT_THAT(
      notes_on_annotations(options, first_, {"x/one", "x/three"}),
      ElementsAre("entry first does not let the annotation \"x/two\" through; it lets through: x/one, x/three"));
  EXPECT_THAT(notes_on_annotations(options, first_, {"x/one", "x/two"}), IsEmpty());
}

}  // namespace
}  // namespace regcred::core
