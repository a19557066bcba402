#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The exec backend through the program as it ships: helpers of Debian, a provider as others write it, hostile programs.

usage: exec_test.py TREE [unittest's arguments]
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

TREE = None
TOKEN = ("eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL29pZGMuZXhhbXBsZS5jb20iLCJhdWQiOlsiYWNtZSJdLCJzdWIiOiJzeXN0ZW06c2Vydmlj"
         "ZWFjY291bnQ6ZGVmYXVsdDpidWlsZGVyIn0.c2lnbmF0dXJl")
# Speaks the kubelet's protocol as existing providers do: token and annotation in, a credential for a pattern out.
PROVIDER = """\
#!/usr/bin/python3
import json, os, sys
request = json.load(sys.stdin)
assert request["kind"] == "CredentialProviderRequest", request
print("exchanging", request.get("serviceAccountToken"), file=sys.stderr)
who = request.get("serviceAccountAnnotations", {}).get("acme.example/service", "nobody")
password = "pw-" + str(len(request.get("serviceAccountToken", ""))) + "-" + who
answer = {"kind": "CredentialProviderResponse", "apiVersion": request["apiVersion"], "cacheKeyType": "Registry",
          "cacheDuration": DURATION, "auth": {"*.example.com": {"username": "token", "password": password}}}
print(json.dumps(answer))
"""


class Exec(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="regcred-exec-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = {}

    def write(self, name, text, mode=0o755):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def config(self, settings, entry="", deadline="20s", proxy="none"):
        lines = ["apiVersion: regcred/v1", "kind: RegistryConfig", f"defaults: {{ deadline: {deadline}, proxy: {proxy} }}",
                 "registries:", "- name: r", "  backend: exec",
                 '  matchImages: ["registry.example.com", "*.dkr.ecr.eu-west-1.amazonaws.com"]',
                 *(f"  {line}" for line in entry.splitlines()), f"  settings: {json.dumps(settings)}"]
        return self.write("config.yaml", "\n".join(lines) + "\n", 0o600)

    def regcred(self, *arguments, stdin=""):
        return subprocess.run([TREE / "bin/regcred", *arguments], input=stdin, capture_output=True, text=True, timeout=60,
                              env={"PATH": "/usr/bin:/bin", "KUBELET_SECRET": "1", **self.environment})

    def ask(self, settings, entry="", image="registry.example.com/team/app", deadline="20s", proxy="none",
            **request):
        document = {"kind": "CredentialProviderRequest", "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
                    "image": image, **request}
        return self.regcred("--config", self.config(settings, entry, deadline, proxy), stdin=json.dumps(document))

    def answer(self, *arguments, **request):
        ended = self.ask(*arguments, **request)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return json.loads(ended.stdout)

    def assert_gone(self, file):
        pid = int(pathlib.Path(file).read_text())
        for _ in range(100):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        self.fail(f"process {pid} is left")

    # ---- real counterparts ----

    def test_ecr_login_has_no_credential_and_the_next_entry_is_asked(self):
        home = self.folder / "home"
        home.mkdir(mode=0o700)
        answer = self.answer({"protocol": "docker", "program": "/usr/bin/docker-credential-ecr-login", "home": str(home),
                              "env": {"AWS_ECR_DISABLE_CACHE": "true"}})
        self.assertEqual(answer["auth"], {}, "not a registry of ECR")
        ended = self.ask({"protocol": "docker", "program": "/usr/bin/docker-credential-ecr-login", "home": str(home),
                          "env": {"AWS_ECR_DISABLE_CACHE": "true", "AWS_EC2_METADATA_DISABLED": "true"}},
                         image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/app")
        self.assertEqual((ended.returncode, json.loads(ended.stdout or "{}").get("auth")), (0, {}),
                         "without keys it says: " + ended.stderr)

    def test_pass_gives_what_was_stored_and_its_agent_is_gone(self):
        home = self.folder / "home"
        home.mkdir(mode=0o700)
        env = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
        run = lambda *command, **more: subprocess.run(command, env=env, check=True, capture_output=True, text=True, **more)
        run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", "puller@example.com", "default", "default", "never")
        run("pass", "init", "puller@example.com")
        stored = {"ServerURL": "registry.example.com", "Username": "puller", "Secret": "pa55-in-pass"}
        run("docker-credential-pass", "store", input=json.dumps(stored))
        run("gpgconf", "--kill", "gpg-agent")
        answer = self.answer({"protocol": "docker", "program": "/usr/bin/docker-credential-pass", "home": str(home)})
        self.assertEqual(answer["auth"], {"registry.example.com": {"username": "puller", "password": "pa55-in-pass"}})
        self.assertEqual((answer["cacheKeyType"], answer.get("cacheDuration")), ("Registry", None))
        agents = subprocess.run(["pgrep", "-f", str(home)], capture_output=True, text=True).stdout
        self.assertEqual(agents, "", "gpg-agent is a daemon of its own session")

    # ---- a provider of the kubelet ----

    def test_a_provider_gets_token_and_annotations_and_its_cache_duration_stays(self):
        request = {"serviceAccountToken": TOKEN,
                   "serviceAccountAnnotations": {"acme.example/service": "builder", "other.example/x": "y"}}
        entry = 'annotations: ["acme.example/service"]'
        for written, given in (('"5m0s"', "300s"), ('"0s"', "0s"), ("None", None), ('"11h"', "39600s"), ('"9000h"', "31536000s")):
            program = self.write("provider", PROVIDER.replace("DURATION", written))
            answer = self.answer({"protocol": "kubelet", "program": program}, entry, **request)
            self.assertEqual(answer["auth"]["registry.example.com"]["password"], f"pw-{len(TOKEN)}-builder")
            self.assertEqual(answer.get("cacheDuration"), given)
            self.assertEqual(answer["cacheKeyType"], "Registry")
        shorter = self.answer({"protocol": "kubelet", "program": program}, entry + "\ncache: { maxDuration: 10m }", **request)
        self.assertEqual(shorter["cacheDuration"], "600s")
        withheld = self.answer({"protocol": "kubelet", "program": program}, "serviceAccountToken: never", **request)
        self.assertEqual(withheld["auth"]["registry.example.com"]["password"], "pw-0-nobody")

    def test_words_of_a_provider_are_not_shown_also_when_it_fails(self):
        program = self.write("provider", "#!/bin/sh\ncat; cat >&2; echo s3cret-of-the-program >&2; exit 3\n")
        config = self.config({"protocol": "kubelet", "program": program})
        request = {"kind": "CredentialProviderRequest", "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
                   "image": "registry.example.com/team/app", "serviceAccountToken": TOKEN}
        ended = self.regcred("--config", config, "--log-level", "debug", stdin=json.dumps(request))
        self.assertEqual((ended.returncode, ended.stdout), (6, ""), ended.stderr)
        self.assertIn("failed with exit status 3", ended.stderr)
        self.assertIn("wrote 1 lines to its standard error", ended.stderr)
        self.assertNotIn("s3cret", ended.stderr)
        self.assertNotIn(TOKEN.split(".")[1], ended.stderr)

    # ---- what no program should do ----

    def test_a_program_that_never_ends_and_its_daemons_are_gone(self):
        pid = self.folder / "pid"
        program = self.write("helper", f"""#!/bin/sh
            trap '' TERM
            setsid sh -c 'setsid sh -c "echo \\$\\$ >{pid}; exec sleep 1000" &' &
            sleep 1000""")
        start = time.monotonic()
        ended = self.ask({"protocol": "docker", "program": program}, deadline="4s")
        self.assertLess(time.monotonic() - start, 4)
        self.assertEqual(ended.returncode, 7, ended.stderr)
        self.assertIn("did not end within", ended.stderr)
        self.assert_gone(pid)

    def test_I3_nothing_is_left_when_regcred_itself_is_killed(self):
        pid, daemon = self.folder / "pid", self.folder / "daemon"
        program = self.write("helper", f"""#!/bin/sh
            setsid sh -c 'echo $$ >{daemon}; exec sleep 1000' &
            echo $$ >{pid}
            sleep 1000 & wait""")
        config = self.config({"protocol": "docker", "program": program})
        request = {"kind": "CredentialProviderRequest", "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
                   "image": "registry.example.com/team/app"}
        with subprocess.Popen([TREE / "bin/regcred", "--config", config], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, text=True, env={"PATH": "/usr/bin:/bin"}) as asking:
            asking.stdin.write(json.dumps(request))
            asking.stdin.close()
            end = time.monotonic() + 10
            while not (pid.exists() and pid.read_text() and daemon.exists() and daemon.read_text()):
                self.assertLess(time.monotonic(), end, "the program did not start")
                time.sleep(0.01)
            asking.kill()
        self.assert_gone(pid)
        self.assert_gone(daemon)

    def test_limits_of_the_operator_hold_for_the_program(self):
        program = self.write("helper", '#!/bin/sh\nn=$(grep NoNewPrivs /proc/self/status | tr -d "\\t")\n'
                                       'printf \'{"Username":"u","Secret":"%s-%s-%s"}\' "$n" "$(ulimit -c)" "$(ulimit -d)"\n')
        settings = {"protocol": "docker", "program": program}
        secret = self.answer(settings)["auth"]["registry.example.com"]["password"]
        self.assertEqual(secret, f"NoNewPrivs:1-0-{2 << 20}")
        program = (TREE / "bin/regcred").read_bytes()
        if b"__asan_init" in program or b"__tsan_init" in program:
            return  # a sanitizer needs more than any limit
        config = self.config(settings)
        request = json.dumps({"kind": "CredentialProviderRequest", "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
                              "image": "registry.example.com/team/app"})
        lower = subprocess.run(["setpriv", "--bounding-set=-sys_resource", "--inh-caps=-sys_resource", "prlimit",
                                f"--data={1 << 30}:{1 << 30}", TREE / "bin/regcred", "--config", config], input=request,
                               capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin:/bin"})
        self.assertEqual(lower.returncode, 0, lower.stderr)
        self.assertIn(f"NoNewPrivs:1-0-{1 << 20}", lower.stdout)

    def test_a_flood_is_one_line(self):
        ended = self.ask({"protocol": "docker", "program": self.write("helper", "#!/bin/sh\nexec yes\n")})
        self.assertEqual((ended.returncode, ended.stdout), (6, ""))
        self.assertIn("more than 1 MiB", ended.stderr)

    def test_a_program_that_others_may_write_is_found_by_check_before_a_pull(self):
        program = self.write("helper", "#!/bin/sh\necho\n", 0o777)
        config = self.config({"protocol": "docker", "program": program})
        checked = self.regcred("--config", config, "check")
        self.assertEqual(checked.returncode, 3, checked.stdout + checked.stderr)
        self.assertIn("chmod go-w " + program, checked.stdout + checked.stderr)
        ended = self.ask({"protocol": "docker", "program": program})
        self.assertEqual(ended.returncode, 3, ended.stderr)
        self.assertIn("chmod go-w " + program, ended.stderr)
        os.chmod(program, 0o755)
        checked = self.regcred("--config", config, "check")
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_nothing_of_the_kubelets_environment_reaches_the_program(self):
        program = self.write("helper", '#!/bin/sh\nprintf \'{"Username":"u","Secret":"%s"}\' "$(env | sort | tr "\\n" ";")"\n')
        answer = self.answer({"protocol": "docker", "program": program, "env": {"A": "b"}, "home": "/var/empty"})
        self.assertEqual(answer["auth"]["registry.example.com"]["password"],
                         "A=b;HOME=/var/empty;LANG=C;PATH=/usr/sbin:/usr/bin:/sbin:/bin;PWD=/;")

    def test_the_proxys_variables_do_where_the_operator_says_so(self):
        program = self.write("helper", '#!/bin/sh\nprintf \'{"Username":"u","Secret":"p-%s"}\' "$HTTPS_PROXY$NO_PROXY"\n')
        self.environment = {"HTTPS_PROXY": "http://proxy.example.com:3128", "NO_PROXY": ",x"}
        settings = {"protocol": "docker", "program": program}
        for proxy, password in (("environment", "p-http://proxy.example.com:3128,x"), ("none", "p-")):
            answer = self.answer(settings, proxy=proxy)
            self.assertEqual(answer["auth"]["registry.example.com"]["password"], password)


if __name__ == "__main__":
    TREE = pathlib.Path(sys.argv.pop(1))
    unittest.main(verbosity=2)
