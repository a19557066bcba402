#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The node cache and the memory of throttling through the program as it ships, against a token service that counts.

usage: node_cache_test.py TREE [unittest's arguments]
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from token_service import (Asked, Password, Reply, TokenService, configuration, entry, in_order_of_end, kubelet_request,  # noqa: E402
                           make_certificate, pod_token)

TREE = None
IMAGE = "registry.example.com/team/app"


# The leak check of a sanitizer's build cannot work in a process that is traced.
STRACE = ["strace", "-qq", "-E", "ASAN_OPTIONS=detect_leaks=0"]


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = tempfile.mkdtemp(prefix="regcred-cache-ca-")
        cls.ca = make_certificate(cls.certificates)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.certificates)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="regcred-cache-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.cache = self.folder / "cache"
        self.service = TokenService(self.ca)
        self.addCleanup(self.service.close)
        self.asked = 0
        self.program = TREE / "bin/regcred"
        self.configure(entry("r", self.service, "registry.example.com"))

    def configure(self, *entries, ca=None, directory=None, **more):
        self.config = self.write("config.yaml", configuration(ca or self.ca, directory or self.cache, entries, **more))

    def write(self, name, text, mode=0o600):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def start(self, image=IMAGE, annotations=None, around=(), environment=None, options=(), token=None, **who):
        self.asked += 1
        command = [*around, str(self.program), "--config", self.config, *options]
        request = kubelet_request(image, token or pod_token(pod=f"pod-{self.asked}", **who), annotations)
        return Asked(self.folder, self.asked, command, request, environment)

    def ask(self, **how):
        return self.start(**how).end()

    def password(self, **how):
        return self.ask(**how).password()

    def at_once(self, count, **how):
        return in_order_of_end([self.start(**how) for _ in range(count)])

    def assert_exchanges(self, count, why=None):
        self.assertEqual(self.service.count(), count, why)

    def entries_on_disk(self):
        return sorted(path for path in self.cache.rglob("*.v1") if "throttle" not in path.parts)

    def regcred(self, *arguments):
        return subprocess.run([TREE / "bin/regcred", "--config", self.config, *arguments], capture_output=True, text=True, timeout=60,
                              env={"PATH": "/usr/bin:/bin"})


class SingleFlight(Case):
    def setUp(self):
        super().setUp()
        self.service.behave = lambda *_: Reply(delay=0.3)

    def test_twenty_requests_of_one_account_at_once_make_one_exchange(self):
        runs = self.at_once(20)
        self.assertEqual({run.password().subject for run in runs}, {"default/builder/uid-of-default-builder"})
        self.assert_exchanges(1)

    def test_twenty_requests_of_two_accounts_make_two_and_each_gets_its_own(self):
        runs = [(account, self.start(account=account)) for account in ("builder", "tester") * 10]
        for account, run in runs:
            self.assertEqual(run.password().subject, f"default/{account}/uid-of-default-{account}")
        self.assert_exchanges(2)

    def test_by_token_each_pod_makes_its_own_and_may_repeat_it(self):
        self.configure(entry("r", self.service, "registry.example.com", cache="maxDuration: 1h, node: token"))
        for run in self.at_once(20):
            run.password()
        self.assert_exchanges(20)
        token = pod_token(pod="pod-again")
        self.assertEqual(self.password(token=token).number, self.password(token=token).number)
        self.assert_exchanges(21)

    def test_without_the_cache_each_makes_its_own(self):
        self.configure(entry("r", self.service, "registry.example.com", cache="maxDuration: 1h"))
        for run in self.at_once(5):
            run.password()
        self.assert_exchanges(5)
        self.assertEqual(self.entries_on_disk(), [])

    def test_a_leader_that_is_killed_in_the_exchange_is_followed_by_the_next(self):
        self.service.behave = lambda number, *_: Reply(hang=True) if number == 1 else Reply()
        leader = self.start()
        self.service.wait_for_exchange(1)
        followers = [self.start() for _ in range(5)]
        time.sleep(0.3)
        self.assert_exchanges(1, "the followers do not wait")
        killed = time.monotonic()
        leader.process.kill()
        took = self.service.wait_for_exchange(2) - killed
        print(f"the next exchange arrived {took * 1000:.0f} ms after the leader was killed", file=sys.stderr)
        self.assertLess(took, 5, "and not the 15 s of `wait`")
        for run in followers:
            self.assertEqual(run.password().number, 2)
        leader.end()
        self.assert_exchanges(2)

    def test_a_leader_that_is_killed_while_it_writes_leaves_nothing_that_counts(self):
        self.service.behave = lambda *_: Reply(delay=0.1)
        for number, call in enumerate(["renameat,renameat2", "write:when=1", "write:when=2", "write:when=3", "fchmod", "unlinkat"]):
            account = f"account-{number}"
            call, _, when = call.partition(":")
            inject = f"inject={call}:signal=KILL" + (f":{when}" if when else "")
            before = self.service.count()
            leader = self.start(account=account, around=[*STRACE, "-e", inject, "-o", str(self.folder / "strace")])
            try:
                self.service.wait_for_exchange(before + 1, 5)
            except AssertionError:  # a sanitizer's runtime writes before that
                self.assertEqual((call, leader.process.poll() is None), ("write", False))
            followers = [self.start(account=account) for _ in range(2)]
            leader.end()
            with self.subTest(call=call, when=when, leader=leader.status):
                for run in [*followers, self.ask(account=account)]:
                    self.assertEqual(run.password().subject, f"default/{account}/uid-of-default-{account}")
                    self.assertLess(run.ended - leader.ended, 5)
                if call.startswith("rename"):
                    self.assertNotEqual(leader.status, 0, "it was killed")
                    self.assertEqual(self.service.count(), before + 2)

    def test_a_worker_that_is_killed_fails_its_leader_and_nobody_for_long(self):
        self.service.behave = lambda number, *_: Reply(hang=True) if number == 1 else Reply()
        leader = self.start()
        self.service.wait_for_exchange(1)
        (worker,) = pathlib.Path(f"/proc/{leader.process.pid}/task/{leader.process.pid}/children").read_text().split()
        os.kill(int(worker), signal.SIGKILL)
        self.assertEqual(leader.end().status, 6, leader.err)
        self.assertEqual(self.password().number, 2)

    def test_a_leader_that_hangs_holds_nobody_longer_than_wait(self):
        self.configure(entry("r", self.service, "registry.example.com"), wait="1s", defaults="  deadline: 20s\n")
        self.service.behave = lambda number, *_: Reply(hang=True) if number == 1 else Reply()
        leader = self.start()
        self.service.wait_for_exchange(1)
        begun = time.monotonic()
        runs = self.at_once(3)
        took = [run.ended - begun for run in runs]
        self.assertGreater(min(took), 0.9)
        self.assertLess(max(took), 10)
        for run in runs:
            self.assertGreater(run.password().number, 1)
        self.assertGreater(self.password().number, 1, "what they got alone is in the cache")
        leader.process.kill()
        leader.end()

    def test_a_leader_that_fails_is_adopted_at_once_and_asked_again_later(self):
        self.service.behave = lambda *_: Reply(delay=3, status=403, body='{"error":"access_denied"}')
        leader = self.start()
        self.service.wait_for_exchange(1)
        followers = [self.start() for _ in range(5)]
        leader.end()
        for run in in_order_of_end(followers):
            self.assertEqual((run.status, run.out), (6, ""))
            self.assertEqual(run.err, leader.err, "the same text")
            self.assertLess(run.ended - leader.ended, 2.5, "another exchange would take 3 s")
        self.assert_exchanges(1)
        self.assertEqual(self.ask().status, 6)
        self.assert_exchanges(2, "a request that began after the failure asks again")


class Hits(Case):
    def test_a_later_request_is_answered_by_the_cache_for_less_long(self):
        first = self.ask()
        time.sleep(1.1)
        second = self.ask()
        self.assertEqual(first.password().number, second.password().number)
        for run in (first, second):
            left = run.password().life_left()
            self.assertLessEqual(run.cache_duration(), left - 60 + 2)
        self.assertLess(second.cache_duration(), first.cache_duration())
        self.assert_exchanges(1)

    def test_what_ends_soon_is_not_served(self):
        self.service.behave = lambda *_: Reply(lifetime=60)
        self.password()
        self.password()
        self.assert_exchanges(2, "the margin is all of its life")

    def test_unknown_life_without_a_limit_is_not_kept(self):
        self.service.behave = lambda *_: Reply(status=200, body='{"access_token":"pw|/|x|1|0|0"}')
        self.configure(entry("r", self.service, "registry.example.com", cache="node: serviceAccount"))
        for _ in range(2):
            self.password()
        self.assert_exchanges(2)

    def test_a_token_that_is_not_alive_is_asked_about(self):
        self.password()
        expired = self.password(token=pod_token(lifetime=-10))
        self.assertEqual(expired.number, 2, "the registry decides")

    def test_a_token_for_somebody_else_is_refused_before_the_cache(self):
        self.password()
        refused = self.ask(token=pod_token(audience="another"))
        self.assertEqual((refused.status, refused.out), (3, ""))
        self.assert_exchanges(1)

    def test_two_entries_of_one_host_do_not_mix(self):
        self.configure(entry("tools", self.service, "registry.example.com/tools", "/tools"),
                       entry("rest", self.service, "registry.example.com", "/rest"))
        for _ in range(2):
            for image, path in (("tools/cc", "/tools"), ("team/app", "/rest"), ("tools/ld", "/tools"), ("team/web", "/rest")):
                self.assertEqual(self.password(image=f"registry.example.com/{image}").path, path)
        self.assert_exchanges(4, "each is for its image only")

    def test_images_of_a_registry_share_where_its_answers_are_for_all_of_it(self):
        for image in ("team/app", "team/web", "x"):
            self.password(image=f"registry.example.com/{image}")
        self.assert_exchanges(1)

    def test_a_hit_forks_nothing_and_maps_neither_libcurl_nor_libcrypto(self):
        self.password()
        log = self.folder / "strace"
        traced = self.ask(around=[*STRACE, "-f", "-e", "trace=process,openat,socket", "-o", str(log)])
        self.assertEqual(traced.password().number, 1)
        calls = log.read_text()
        self.assertNotRegex(calls, r"\b(fork|vfork|clone|clone3)\(")
        is_bundle = (TREE / "lib/regcred/runtime").exists()  # whose launcher starts its loader, and whose libcurl is no file
        self.assertEqual(len(re.findall(r"\bexecve\(", calls)), 2 if is_bundle else 1)
        for name in ("libcurl", "libcrypto", "libssl", "regcred-http", "backends/", "resolv.conf"):
            self.assertNotIn(name, calls)
        self.assertNotIn("socket(AF_INET", calls)
        missed = self.ask(account="other", around=[*STRACE, "-f", "-e", "trace=process,openat,socket", "-o", str(log)])
        self.assertEqual(missed.password().number, 2)
        self.assertRegex(log.read_text(), r"\b(fork|vfork|clone|clone3)\(", "strace sees the fork of a miss")
        for name in ("regcred-http",) if is_bundle else ("regcred-http", "libcurl"):
            self.assertIn(name, log.read_text())

    def test_the_lock_is_not_open_in_the_worker_and_what_it_starts(self):
        seen = self.folder / "seen"
        program = self.write("helper", f"""#!/bin/sh
            for process in $$ $PPID; do ls -l /proc/$process/fd; done >{seen}
            printf '{{"Username":"u","Secret":"pw"}}'
            """, 0o755)
        self.config = self.write("config.yaml", configuration(self.ca, self.cache, [
            "- name: r\n  matchImages: [registry.example.com]\n  backend: exec\n  cache: { maxDuration: 1h, node: serviceAccount }\n"
            f"  settings: {{ protocol: docker, program: {program} }}\n"]))
        self.assertEqual(self.ask(token=pod_token()).status, 0)
        self.assertNotIn(str(self.cache), seen.read_text())
        self.assertIn("/dev/null", seen.read_text(), "the list is there")


class Changes(Case):
    """What makes another key, and what does not."""

    def miss_after(self, change, **how):
        before = self.password().number
        self.assertEqual(self.password().number, before, "a hit")
        change()
        self.assertGreater(self.password(**how).number, before)

    def test_settings(self):
        self.miss_after(lambda: self.configure(entry("r", self.service, "registry.example.com", settings=", fields: { x: y }")))

    def test_maximum_duration_of_the_operator_holds_for_hits(self):
        self.password()
        self.configure(entry("r", self.service, "registry.example.com", cache="maxDuration: 2m, node: serviceAccount"))
        self.assertLessEqual(self.ask().cache_duration(), 120)

    def test_ca_file(self):
        both = self.write("ca.pem", pathlib.Path(self.ca).read_text())
        self.configure(entry("r", self.service, "registry.example.com"), ca=both)
        self.miss_after(lambda: os.replace(self.write("new.pem", pathlib.Path(self.ca).read_text()), both))

    def test_backend(self):
        tree = self.folder / "tree"
        for name in ("bin/regcred", "lib/regcred/backends/oidc.so", *self.rest_of_the_tree()):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TREE / name, tree / name)
        backend = tree / "lib/regcred/backends/oidc.so"
        self.program = tree / "bin/regcred"
        self.miss_after(lambda: (shutil.copy(backend, tree / "new"), os.replace(tree / "new", backend)))

    @staticmethod
    def rest_of_the_tree():
        library = TREE / "lib/regcred"
        return [str(path.relative_to(TREE)) for path in library.rglob("*") if path.is_file() and path.parent.name != "backends"]

    def test_annotation(self):
        self.miss_after(lambda: None, annotations={"acme.example/any": "x"})

    def test_service_account_of_the_same_name_made_again(self):
        self.miss_after(lambda: None, uid="uid-of-the-new-one")

    def test_namespace(self):
        self.miss_after(lambda: None, namespace="other")

    def test_issuer(self):
        self.miss_after(lambda: None, issuer="https://another.example")

    def test_unrelated_entry_changes_nothing(self):
        own = entry("r", self.service, "registry.example.com")
        self.configure(own, entry("s", self.service, "other.example.com", "/s"))
        before = self.password().number
        self.configure(own, entry("s", self.service, "other.example.com", "/t", settings=", fields: { x: y }"))
        self.assertEqual(self.password().number, before)


class Faults(Case):
    """A fault of the cache never fails a pull and never gives a wrong answer."""

    def assert_only_misses(self, times=2, around=()):
        before = self.service.count()
        for _ in range(times):
            run = self.ask(around=around)
            self.assertEqual(run.password().subject, "default/builder/uid-of-default-builder")
            self.assertEqual(run.err, "", "the kubelet's log says nothing")
        self.assert_exchanges(before + times)

    def mounted(self, *commands):
        script = " && ".join([*commands, 'exec "$@"'])
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]

    def test_full_disk(self):
        self.cache.mkdir(mode=0o700)
        around = self.mounted(f"mount -t tmpfs -o size=64k,mode=0700 none {self.cache}",
                              f"{{ head -c 1000000 /dev/zero >{self.cache}/fill 2>/dev/null; true; }}")
        self.assert_only_misses(around=around)

    def test_read_only(self):
        self.password()
        around = self.mounted(f"mount --bind {self.cache} {self.cache}", f"mount -o remount,ro,bind {self.cache}")
        self.assertEqual(self.password(around=around).number, 1, "what is there can be read")
        shutil.rmtree(self.cache)
        self.cache.mkdir(mode=0o700)
        self.assert_only_misses(around=around)

    def test_directory_of_another_user(self):
        self.password()
        os.chown(self.cache, 65534, 65534)
        self.assert_only_misses()

    def test_directory_that_others_can_read_or_write(self):
        self.password()
        for mode in (0o755, 0o750, 0o770, 0o777, 0o1777, 0o701):
            self.cache.chmod(mode)
            self.assert_only_misses()

    def test_directory_is_a_link(self):
        self.password()
        self.cache.rename(self.folder / "real")
        self.cache.symlink_to(self.folder / "real")
        self.assert_only_misses()

    def test_directory_below_one_that_others_can_write(self):
        self.password()
        self.folder.chmod(0o777)
        run = self.ask()
        self.folder.chmod(0o700)
        self.assertTrue(run.status != 0 or run.password().number > 1, "who can rename the directory decides")

    def test_entry_is_not_a_plain_file_of_our_own(self):
        first = self.password().number
        (path,) = self.entries_on_disk()
        content = path.read_bytes()
        other = self.folder / "other"
        for make in (lambda: os.mkfifo(path, 0o600), lambda: path.mkdir(), lambda: path.symlink_to(other), lambda: os.link(other, path),
                     lambda: (path.write_bytes(content), path.chmod(0o600), os.chown(path, 65534, 0)), lambda: (path.write_bytes(content), path.chmod(0o644)),
                     lambda: path.write_bytes(b"\0" * (1 << 20)), lambda: path.write_bytes(b"")):
            other.unlink(missing_ok=True)
            other.write_bytes(content)
            other.chmod(0o600)
            path.unlink()
            make()
            with self.subTest(mode=oct(path.lstat().st_mode), size=path.lstat().st_size, links=path.lstat().st_nlink):
                self.assertGreater(self.password().number, first)
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
                path.touch(0o600)
            first = self.service.count()

    def test_a_byte_that_differs_anywhere(self):
        self.password()
        (path,) = self.entries_on_disk()
        content = path.read_bytes()
        at = sorted({*range(0, len(content), max(1, len(content) // 60)), len(content) - 1})
        for offset in at:
            torn = bytearray(content)
            torn[offset] ^= 1 << (offset % 8)
            path.write_bytes(torn)
            with self.subTest(offset=offset):
                before = self.service.count()
                self.assertEqual(self.password().number, before + 1)
        for length in (1, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:length])
            self.assertEqual(self.password().number, self.service.count())

    def test_entry_of_another_key_in_its_place(self):
        self.password()
        (mine,) = self.entries_on_disk()
        self.password(account="other")
        (other,) = [path for path in self.entries_on_disk() if path != mine]
        shutil.copy(other, mine)
        self.assertEqual(self.password().subject, "default/builder/uid-of-default-builder")

    def test_files_of_secrets_are_for_us_alone(self):
        old = os.umask(0)
        try:
            self.password()
        finally:
            os.umask(old)
        for path in [self.cache, *self.cache.rglob("*")]:
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)
            self.assertEqual(path.stat().st_uid, os.geteuid())

    def test_a_tmpfs_is_required_by_default(self):
        text = pathlib.Path(self.config).read_text().replace("requireTmpfs: false, ", "")
        self.write("config.yaml", text)
        filesystem = subprocess.run(["stat", "-f", "-c", "%T", self.folder], capture_output=True, text=True, check=True).stdout.strip()
        if filesystem in ("tmpfs", "ramfs"):
            self.skipTest("the temporary directory is a tmpfs")
        self.assert_only_misses()
        self.assertEqual(self.entries_on_disk(), [], "no secret on a disk")

    def test_a_tmpfs_fulfils_that(self):
        text = pathlib.Path(self.config).read_text().replace("requireTmpfs: false, ", "")
        memory = pathlib.Path(tempfile.mkdtemp(prefix="regcred-cache-", dir="/dev/shm"))
        self.addCleanup(shutil.rmtree, memory)
        self.write("config.yaml", text.replace(str(self.cache), str(memory / "cache")))
        self.assertEqual(self.password().number, self.password().number)
        self.assert_exchanges(1)

    def test_a_line_that_cannot_be_taken_for_a_secret(self):
        self.password()
        self.cache.chmod(0o755)
        run = self.ask(options=["--log-level", "debug"])
        self.assertIn(str(self.cache), run.err)
        for name in ("uid-of-default-builder", run.password().subject):
            self.assertNotIn(name, run.err)


class Throttled(Case):
    def throttled(self, **reply):
        return Reply(status=429, **reply)

    def test_the_next_requests_open_no_connection_and_say_until_when(self):
        self.service.behave = lambda *_: self.throttled(headers="Retry-After: 3304\r\n")
        self.configure(entry("r", self.service, "registry.example.com", cache="maxDuration: 1h"),
                       entry("s", self.service, "other.example.com", "/s", cache="node: serviceAccount, maxDuration: 1h"))
        first = self.ask()
        self.assertEqual((first.status, first.out), (6, ""))
        connections = self.service.connections
        for number in range(20):
            run = self.ask(account=f"account-{number}", image="other.example.com/x" if number % 2 else IMAGE)
            self.assertEqual((run.status, run.out), (6, ""))
            self.assertIn("throttled", run.err)
            self.assertRegex(run.err, r"until \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ|until \d\d:\d\d:\d\dZ")
            self.assertEqual(run.err.count("\n"), 1)
        self.assertEqual(self.service.connections, connections)

    def test_a_short_one_is_waited_for(self):
        self.service.behave = lambda number, *_: self.throttled(headers="Retry-After: 5\r\n") if number == 1 else Reply()
        own = entry("r", self.service, "registry.example.com", cache="maxDuration: 1h")
        self.configure(own, defaults="  deadline: 2s\n")
        self.assertEqual(self.ask().status, 6, "there is no time to wait")
        self.configure(own, defaults="  deadline: 20s\n")
        runs = in_order_of_end([self.start() for _ in range(4)])
        self.assertEqual([run.status for run in runs], [0] * 4, [run.err for run in runs])
        arrived = sorted(exchange[4] for exchange in self.service.exchanges)
        self.assertGreater(arrived[1] - arrived[0], 4, "nobody asks before")
        self.assertLess(arrived[-1] - arrived[0], 18)
        self.assertEqual(len(arrived), 5)

    def test_clear_forgets_it(self):
        self.service.behave = lambda number, *_: self.throttled(headers="Retry-After: 3304\r\n") if number == 1 else Reply()
        self.assertEqual(self.ask().status, 6)
        self.assertEqual(self.ask().status, 6)
        self.assert_exchanges(1)
        cleared = self.regcred("cache", "clear", "--throttle")
        self.assertEqual(cleared.returncode, 0, cleared.stderr)
        self.assertEqual(self.password().number, 2)

    def test_get_and_doctor_ask_all_the_same_and_say_so(self):
        self.service.behave = lambda number, *_: self.throttled(headers="Retry-After: 3304\r\n") if number == 1 else Reply()
        self.assertEqual(self.ask().status, 6)
        token = self.write("token", pod_token())
        got = self.regcred("get", IMAGE, "--token-file", token)
        self.assertEqual(got.returncode, 0, got.stderr)
        self.assertIn("regcred: note: ", got.stderr)
        self.assertIn("node cache", got.stderr)
        self.assert_exchanges(2)
        doctor = self.regcred("doctor", IMAGE, "--token-file", token, "-o", "json")
        (step,) = [step for step in json.loads(doctor.stdout)["steps"] if step["step"] == "exchange-memory"]
        self.assertRegex(step["what"], r"^https://localhost:\d+ asked for no requests until 20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ")
        self.assertIn("cache clear --throttle", json.dumps(step))
        self.assert_exchanges(3)
        self.assertEqual(self.ask().status, 6, "by hand nothing is written either")


class Commands(Case):
    def test_list_shows_what_is_there_and_no_secret(self):
        password = json.loads(self.ask().out)["auth"]["registry.example.com"]["password"]
        self.password(account="other", namespace="team-a")
        listed = self.regcred("cache", "list")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        for words in ("default/builder", "team-a/other", " r "):
            self.assertIn(words, listed.stdout)
        as_json = json.loads(self.regcred("cache", "list", "-o", "json").stdout)
        self.assertEqual(len(as_json["entries"]), 2)
        for row in as_json["entries"]:
            self.assertEqual(row["entry"], "r")
            self.assertEqual(row["registry"], "registry.example.com")
            self.assertGreater(row["secondsLeft"], 3000)
            self.assertRegex(row["key"], "^[0-9a-f]{8,}$")
        for text in (listed.stdout, json.dumps(as_json)):
            self.assertNotIn("pw|", text)
            self.assertNotIn(password, text)

    def test_clear_by_entry_registry_namespace_and_all(self):
        self.configure(entry("r", self.service, "registry.example.com"), entry("s", self.service, "other.example.com", "/s"))

        def fill():
            for namespace in ("default", "team-a"):
                for image in (IMAGE, "other.example.com/x"):
                    self.password(namespace=namespace, image=image)

        for arguments, left in ((["--entry", "r"], 2), (["--registry", "other.example.com"], 2), (["--namespace", "team-a"], 2), (["--all"], 0)):
            fill()
            self.assertEqual(len(self.entries_on_disk()), 4)
            cleared = self.regcred("cache", "clear", *arguments)
            self.assertEqual(cleared.returncode, 0, cleared.stderr)
            self.assertIn("kubelet", cleared.stdout, "its own copy lives on")
            self.assertEqual(len(self.entries_on_disk()), left, arguments)

    def test_clear_without_saying_what_is_refused(self):
        self.password()
        refused = self.regcred("cache", "clear")
        self.assertEqual((refused.returncode, refused.stdout), (2, ""))
        self.assertIn("--all", refused.stderr)
        self.assertEqual(len(self.entries_on_disk()), 1)

    def test_check_looks_at_the_directory(self):
        self.password()
        for mode, rule in ((0o755, "cache-directory"), (0o700, "cache-on-disk")):
            self.cache.chmod(mode)
            checked = self.regcred("check", "-o", "json")
            rules = {finding["rule"] for finding in json.loads(checked.stdout)["findings"]}
            self.assertIn(rule, rules, checked.stdout)


if __name__ == "__main__":
    TREE = pathlib.Path(sys.argv.pop(1))
    unittest.main(verbosity=2)
