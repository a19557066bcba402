#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The vault backend, through the program as it ships, against a real OpenBao server.

usage: vault_test.py TREE EMULATOR OPENBAO [unittest's arguments]
"""
import base64
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server import OpenBao, openbao_server  # noqa: E402

WORLD = None
IMAGE = "registry.example.com/team/app"
PASSWORD = "pa55-word canary-0123456789"
SECRET = {"data": {"username": "robot$ci", "password": PASSWORD}}
POLICY = """
path "secret/data/registries/*" { capabilities = ["read"] }
path "secret/data/teams/default/*" { capabilities = ["read"] }
path "kv1/*" { capabilities = ["read"] }
path "database/creds/*" { capabilities = ["read"] }
"""


def set_up(world):
    """What backends/vault/README.md tells an operator to set up, and some faults."""
    role = openbao_server.JWT_ROLE
    world.api.allow_jwt(world.issuer, "puller", POLICY)
    world.write_to("auth/jwt/role/batch", {**role, "token_type": "batch"})
    world.write_to("auth/jwt/role/strangers", {**role, "bound_subject": "system:serviceaccount:other:app"})
    world.write_to("auth/jwt/role/leaser", {**role, "user_claim": "/kubernetes.io/namespace",
                                            "user_claim_json_pointer": True})
    world.write_to("sys/auth/kubernetes", {"type": "kubernetes"})
    world.write_to("auth/kubernetes/role/puller", {
        "bound_service_account_names": ["my-service-account"], "audience": "vault",
        "bound_service_account_namespaces": ["default"], "token_policies": ["pull"]})
    world.write_to("auth/kubernetes/config", {
        "kubernetes_host": f"http://127.0.0.1:{world.reviewer.server_port}", "disable_local_ca_jwt": True,
        "token_reviewer_jwt": world.token(), "kubernetes_ca_cert": pathlib.Path(world.ca).read_text()})
    world.write_to("sys/mounts/kv1", {"type": "kv", "options": {"version": "1"}})
    world.write_to("kv1/registry", SECRET["data"])
    for path in ("registries/registry.example.com", "registries/deleted", "teams/default/my-service-account", "hidden"):
        world.write_to(f"secret/data/{path}", SECRET)
    world.call("DELETE", "secret/data/registries/deleted")
    auth = base64.b64encode(f"robot$ci:{PASSWORD}".encode()).decode()
    config = {"auths": {"registry.example.com": {"auth": auth}}}
    world.write_to("secret/data/registries/docker", {"data": {".dockerconfigjson": json.dumps(config), **config}})
    world.write_to("sys/namespaces/tenant", {})
    world.api.allow_jwt(world.issuer, "puller", POLICY, namespace="tenant")
    world.write_to("sys/mounts/secret", {"type": "kv", "options": {"version": "2"}}, "tenant")
    world.write_to("secret/data/registries/own", {"data": {"username": "tenant", "password": PASSWORD}}, "tenant")


class Vault(unittest.TestCase):
    def ask(self, settings, token=None, image=IMAGE):
        config = WORLD.write("vault.yaml", json.dumps({
            "apiVersion": "regcred/v1", "kind": "RegistryConfig", "defaults": {"caFile": WORLD.ca, "proxy": "none", "throttleMemory": "off"},
            "registries": [{"name": "r", "matchImages": ["registry.example.com", "quay.example.com"], "backend": "vault",
                            "settings": {"address": WORLD.address, "role": "puller", "mount": "secret",
                                         "path": "registries/{registry}", **settings}}]}))
        self.token = token or WORLD.token(audience="vault")
        done = WORLD.run(WORLD.regcred("--config", config, "--log-level", "debug"),
                         WORLD.request(image=image, token=self.token))
        for secret in (PASSWORD, self.token, self.token.split(".")[1], base64.b64encode(PASSWORD.encode()).decode()[:16]):
            self.assertNotIn(secret, done.stderr)
        return done

    def credential(self, settings, **more):
        done = self.ask(settings, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual(list(answer["auth"]), ["registry.example.com"])
        return answer["auth"]["registry.example.com"], answer

    def expect_secret(self, settings, username="robot$ci"):
        before = WORLD.logins()
        auth, answer = self.credential(settings)
        self.assertEqual((auth["username"], auth["password"]), (username, PASSWORD))
        self.assertEqual(WORLD.logins(), before, "a login stayed behind")
        return answer

    def expect_failure(self, settings, *words, **more):
        before = WORLD.logins()
        done = self.ask(settings, **more)
        self.assertIn(done.returncode, (3, 6), done.stderr)  # 3: a setting cures it
        self.assertEqual(done.stdout, "")
        for word in words:
            self.assertIn(word, done.stderr.splitlines()[-1])
        self.assertEqual(WORLD.logins(), before, "a login stayed behind")

    def test_key_value_stores_of_both_versions(self):
        self.assertEqual(self.expect_secret({})["cacheKeyType"], "Image")
        self.assertEqual(self.expect_secret({"scope": "registry"})["cacheKeyType"], "Registry")
        self.expect_secret({"engine": "kv1", "mount": "kv1", "path": "registry"})
        self.expect_secret({"path": "teams/{namespace}/{serviceAccount}"})
        self.expect_secret({"role": "batch"})

    def test_docker_configurations(self):
        for field in (".dockerconfigjson", "auths"):
            self.expect_secret({"path": "registries/docker", "dockerConfigField": field})

    def test_inline_login_leaves_no_token(self):
        self.expect_secret({"login": "inline"})
        self.expect_failure({"login": "inline", "path": "hidden"}, "(HTTP 403)", "policies", "secret/data/hidden")
        self.expect_failure({"login": "inline", "role": "nobody"}, "no such role; correct settings.role")

    def test_kubernetes_login(self):
        self.expect_secret({"authMethod": "kubernetes"})
        self.expect_failure({"authMethod": "kubernetes"}, "it refuses the login", "tokenreviews",
                            token=WORLD.token(audience="vault", namespace="other"))
        self.expect_failure({"authMethod": "kubernetes", "role": "nobody"}, "no such role")

    def test_namespaces(self):
        self.expect_secret({"namespace": "tenant", "path": "registries/own"}, username="tenant")
        self.expect_secret({"namespace": "tenant", "path": "registries/own", "login": "inline"}, username="tenant")
        for login in ("token", "inline"):
            self.expect_failure({"namespace": "nobody", "login": login}, "correct settings.namespace", 'namespace "nobody"')

    def test_what_a_login_is_refused_for(self):
        for settings, token, words in (
                ({"role": "nobody"}, {}, ("no such role; correct settings.role",)),
                ({"role": "strangers"}, {}, ("bound_subject", "system:serviceaccount:default:my-service-account")),
                ({"authMount": "nowhere"}, {}, ("settings.authMount",)),
                ({}, {"audience": "other"}, ("bound_audiences", '"other"')),
                ({}, {"lifetime": -600}, ("expired",)),
                ({}, {"issuer": "https://other.example"}, ("bound_issuer",))):
            with self.subTest(settings=settings, token=token):
                options = {"audience": "vault", **token}
                issuer, WORLD.issuer = WORLD.issuer, options.pop("issuer", WORLD.issuer)
                try:
                    token = WORLD.token(**options)
                finally:
                    WORLD.issuer = issuer
                self.expect_failure(settings, *words, token=token)

    def test_what_a_read_is_refused_for(self):
        for settings, *words in (
                ({"path": "hidden"}, "(HTTP 403)", "policies do not allow read", '"secret/data/hidden"'),
                ({"path": "registries/none"}, "(HTTP 404)", "no secret is at this path", '"secret/data/registries/none"'),
                ({"path": "registries/deleted"}, "newest version is deleted"),
                ({"mount": "nowhere"}, "nothing is mounted there"),
                ({"passwordField": "secret"}, '"data.data.secret"', "correct settings.passwordField"),
                ({"path": "registries/docker", "dockerConfigField": "auth"}, "settings.dockerConfigField")):
            with self.subTest(settings=settings):
                self.expect_failure(settings, *words)

    def test_an_image_without_an_entry_is_no_error(self):
        done = self.ask({"path": "registries/docker", "dockerConfigField": "auths"}, image="quay.example.com/app")
        self.assertEqual((done.returncode, json.loads(done.stdout)["auth"]), (0, {}))

    def test_a_lease_outlives_the_answer_and_ends_with_its_login(self):
        WORLD.start_redis()
        WORLD.write_to("sys/mounts/database", {"type": "database"})
        WORLD.write_to("database/config/redis", {
            "plugin_name": "redis-database-plugin", "host": "127.0.0.1", "port": WORLD.redis_port,
            "username": "default", "password": "admin", "allowed_roles": "*"})
        WORLD.write_to("database/roles/puller", {"db_name": "redis", "default_ttl": "3600",
                                                 "creation_statements": json.dumps(["~*", "+@read"])})
        before = WORLD.logins()
        auth, answer = self.credential({"engine": "dynamic", "mount": "database", "path": "creds/puller",
                                        "role": "leaser"})
        self.assertEqual(WORLD.redis(auth["username"], auth["password"]), "+OK")
        self.assertEqual(WORLD.logins(), before + 1, "the login was revoked")
        minutes, seconds = 0, answer["cacheDuration"]
        if "m" in seconds:
            minutes, seconds = seconds.split("m")
        self.assertLessEqual(int(minutes) * 60 + float(seconds.rstrip("s") or 0), 60, "longer than the login")
        self.expect_failure({"engine": "dynamic", "mount": "database", "path": "creds/nobody", "role": "batch"},
                            "the engine has no such role")
        self.expect_failure({"login": "inline", "engine": "kv1", "mount": "database", "path": "creds/puller"},
                            "cannot have; set settings.login: token")

    def test_quotas_and_a_sealed_server(self):
        WORLD.write_to("sys/quotas/rate-limit/logins", {"rate": 1, "interval": "600s", "path": "auth/jwt/"})
        WORLD.call("POST", "auth/jwt/login", {"role": "x", "jwt": "x"}, token=None)
        self.expect_failure({}, "(HTTP 429)", "it asks to wait")
        WORLD.call("DELETE", "sys/quotas/rate-limit/logins")
        self.addCleanup(self.unseal)
        WORLD.call("PUT", "sys/seal")
        done = self.ask({})
        self.assertEqual(done.returncode, 6)
        self.assertRegex(done.stderr, r"\(HTTP 503(, \d+ tries)?\): it is sealed; unseal it")

    @staticmethod
    def unseal():
        log = (WORLD.folder / "openbao.log").read_text()
        WORLD.call("PUT", "sys/unseal", {"key": log.split("Unseal Key: ")[1].split()[0]}, token=None)


def main(tree, emulator, openbao, *arguments):
    global WORLD
    with tempfile.TemporaryDirectory(prefix="regcred-vault-") as folder, OpenBao(folder, tree, emulator, openbao) as world:
        set_up(world)
        WORLD = world
        unittest.main(argv=["vault_test.py", *arguments], verbosity=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
