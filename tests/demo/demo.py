#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows requests from end to end: a pod's token, the exchange at an emulated Cloudsmith, an emulated AWS and a real
OpenBao, a pull from a real registry.

usage: demo.py TREE EMULATOR

Fetches OpenBao into build/openbao, unless it is there. Ends with status 1 when anything is not as it should be; so the demo is a test as well.
"""
import json
import pathlib
import re
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import openbao_server  # noqa: E402
from htpasswd import htpasswd  # noqa: E402
from world import IMAGE, World  # noqa: E402

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
ANNOTATION = {"cloudsmith.io/service-slug": "purple-team-sa"}
CLOUDSMITH_IMAGE = "iduffy-demo/purple-team/ubuntu:latest"
TOOLS_IMAGE = "tools/hello:1.0"
TOOLS_LOGIN = ("puller", "password-out-of-openbao")


def title(text):
    print(f"\n== {text}")


def show(label, text):
    """Long base64 words are secrets here: their first characters tell enough."""
    text = re.sub(r"\beyJ[\w-]{8,}[\w.-]*", lambda word: word[0][:12] + "...", text.strip())
    for number, line in enumerate(text.splitlines()):
        print(f"  {label if number == 0 else '':<10} {line}")


def require(condition, what):
    if not condition:
        sys.exit(f"demo: expected {what}")


def server_saw(world):
    exchange = world.received()[-1]
    claims = exchange["claims"]
    show("server", f"POST /openid/{exchange['org']}/  service_slug={exchange['service_slug']}  ->  {exchange['status']}\n"
                   f"token of {claims['sub']}, aud={','.join(claims['aud'])}, iss={claims['iss']}")
    return exchange


def ask(world, command, request):
    show("request", request)
    answer = world.run(command, request)
    show("answer" if answer.returncode == 0 else f"exit {answer.returncode}", answer.stdout or answer.stderr)
    return answer


def credential(answer, registry):
    require(answer.returncode == 0, "an answer")
    entry = json.loads(answer.stdout)["auth"][registry]
    return entry["username"], entry["password"]


def digest_of(layout):
    return json.loads(pathlib.Path(layout, "index.json").read_text())["manifests"][-1]["digest"]


def push(world, image, registry, login):
    """The small image, under this name."""
    pushed = world.skopeo(f"oci:{world.folder}/image", f"docker://{registry}/{image}", login, registry)
    require(pushed.returncode == 0, "a push: " + pushed.stderr)


def pull(world, image, registry, login):
    """Whether the registry lets this login pull; what came is the image that was pushed."""
    copy = world.folder / "pulled"
    shutil.rmtree(copy, ignore_errors=True)
    result = world.skopeo(f"docker://{registry}/{image}", f"oci:{copy}", login, registry)
    if result.returncode != 0:
        show("registry", "refused")
        refusal = re.search("unauthorized|authentication required", result.stderr)  # skopeo of Debian 12; of 13
        require(refusal, "no other failure: " + result.stderr)
        return False
    show("registry", f"pulled {image} by {login[0]}")
    digest = digest_of(copy)
    require(digest == digest_of(world.folder / "image"), "the image that was pushed")
    show("digest", digest)
    return True


def pull_from_cloudsmith(world, answer):
    require(pull(world, CLOUDSMITH_IMAGE, world.registry, credential(answer, "docker.cloudsmith.io")), "a pull")
    return world.logins()[-1]["who"]


def start_openbao(world, program, registry):
    """As an operator sets it up by backends/vault/README.md. Gives its address."""
    address, api = openbao_server.start_in(world, program)
    api.allow_jwt(world.issuer, "image-puller")
    username, password = TOOLS_LOGIN
    api.write(f"secret/data/registries/{registry}", {"data": {"username": username, "password": password}})
    return address


def one_provider(world):
    title("1. The service account chooses its service: annotation cloudsmith.io/service-slug")
    answer = ask(world, world.drop_in(), world.request(annotations=ANNOTATION))
    require(server_saw(world)["service_slug"] == "purple-team-sa", "the annotation's slug")
    require(pull_from_cloudsmith(world, answer) == "iduffy-demo/purple-team-sa", "a pull by purple-team-sa")

    title("2. Without the annotation: CLOUDSMITH_SERVICE_SLUG of the provider's environment")
    answer = ask(world, world.drop_in(), world.request())
    require(server_saw(world)["service_slug"] == "default-v9ty", "the default slug")
    pull_from_cloudsmith(world, answer)

    title("3. A service that the server refuses: one line for the kubelet's log, nothing on stdout")
    answer = ask(world, world.drop_in(), world.request(annotations={"cloudsmith.io/service-slug": "not-assigned"}))
    require(answer.returncode == 6 and not answer.stdout, "exit status 6")
    server_saw(world)

    title("4. Two registries in one file: this one is answered by the backend `static`, from a root-only file")
    config = world.two_registries()
    answer = ask(world, world.regcred("--config", config), world.request("registry.internal.example.com:5000/tools/cc"))
    require(credential(answer, "registry.internal.example.com:5000")[0] == "puller", "the static user")
    answer = world.run(world.regcred("explain", IMAGE, "--config", config), "")
    show("explain", answer.stdout)
    require("answered by  cloudsmith" in answer.stdout, "cloudsmith to answer")


def one_file_for_a_cluster(world, program):
    title("5. A cluster's one file for Cloudsmith, ECR and Vault: for each, pods send a token for its own audience")
    clouds = world.clouds()
    (world.folder / "tools.htpasswd").write_text(htpasswd(*TOOLS_LOGIN))
    registry = world.serve_registry("tools", f"htpasswd: {{ realm: tools, path: {world.folder}/tools.htpasswd }}")
    push(world, TOOLS_IMAGE, registry, TOOLS_LOGIN)
    vault = start_openbao(world, program, registry)
    file = world.cluster(clouds, vault, registry)
    checked = world.run(world.regcred("check", "--config", file), "")
    require(checked.returncode == 0, "nothing to be found: " + checked.stdout)
    show("check", checked.stdout)
    answer = ask(world, world.regcred("--config", file), world.request())
    pull_from_cloudsmith(world, answer)

    title("6. AWS: a token for sts.amazonaws.com assumes an IAM role, whose keys sign a request for ECR's password")
    show("aws", f"{clouds['aws']}   (emulated; verifies token, trust policy and signature)")
    answer = ask(world, world.regcred("--config", file),
                 world.request(f"{ECR}/team/app", token=world.token(audience="sts.amazonaws.com")))
    require(credential(answer, ECR)[0] == "AWS", "ECR's user")

    title("7. Vault: a token for vault logs in, and the registry's password comes out of the key-value store")
    show("vault", f"{vault}   (a real OpenBao; verifies the token's signature by the issuer's JWKS)")
    show("registry", f"https://{registry}   (docker-registry with a password)")
    require(not pull(world, TOOLS_IMAGE, registry, ("puller", "not-the-password")), "the registry to refuse")
    answer = ask(world, world.regcred("--config", file),
                 world.request(f"{registry}/tools/hello", token=world.token(audience="vault")))
    require(pull(world, TOOLS_IMAGE, registry, credential(answer, registry)), "a pull")


def main(tree, emulator):
    program = openbao_server.fetch()
    with tempfile.TemporaryDirectory(prefix="regcred-demo-") as folder, World(folder, tree, emulator) as world:
        title("The world: a cluster's OIDC issuer, Cloudsmith with its own CA, a registry")
        world.start_registry()
        show("issuer", world.issuer)
        show("api", f"https://{world.api_host}   (emulated; verifies the token's signature by the issuer's JWKS)")
        show("registry", f"https://{world.registry}   (docker-registry, token authentication)")
        world.small_image()
        push(world, CLOUDSMITH_IMAGE, world.registry, ("publisher", "publisher-password"))
        require(not pull(world, CLOUDSMITH_IMAGE, world.registry, ("token", "not-a-credential")), "the registry to refuse")
        one_provider(world)
        one_file_for_a_cluster(world, program)
    print("\nAll as it should be; everything has been stopped.")


if __name__ == "__main__":
    main(*sys.argv[1:])
