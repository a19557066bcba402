#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows one request from end to end: a pod's token, the exchange at an emulated Cloudsmith, a pull from a real registry.

usage: demo.py TREE EMULATOR

Ends with status 1 when anything is not as it should be; so the demo is a test as well.
"""
import json
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from world import IMAGE, World  # noqa: E402

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
ANNOTATION = {"cloudsmith.io/service-slug": "purple-team-sa"}


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


def pull(world, credentials, expected):
    result = world.skopeo(f"docker://{world.registry}/iduffy-demo/purple-team/ubuntu:latest",
                          f"oci:{world.folder}/pulled", credentials)
    require((result.returncode == 0) == expected, "the registry to " + ("accept" if expected else "refuse") + ": " + result.stderr)
    show("registry", f"pulled by {world.logins()[-1]['who']}" if expected else "refused")
    if expected:
        digest = digest_of(f"{world.folder}/pulled")
        require(digest == digest_of(f"{world.folder}/image"), "the image that was pushed")
        show("digest", digest)


def main(tree, emulator):
    with tempfile.TemporaryDirectory(prefix="regcred-demo-") as folder, World(folder, tree, emulator) as world:
        title("The world: a cluster's OIDC issuer, Cloudsmith with its own CA, a registry")
        world.start_registry()
        show("issuer", world.issuer)
        show("api", f"https://{world.api_host}   (emulated; verifies the token's signature by the issuer's JWKS)")
        show("registry", f"https://{world.registry}   (docker-registry, token authentication)")
        pushed = world.skopeo(f"oci:{world.small_image()}",
                              f"docker://{world.registry}/iduffy-demo/purple-team/ubuntu:latest",
                              ("publisher", "publisher-password"))
        require(pushed.returncode == 0, "a push: " + pushed.stderr)
        pull(world, ("token", "not-a-credential"), expected=False)

        title("1. The service account chooses its service: annotation cloudsmith.io/service-slug")
        answer = ask(world, world.drop_in(), world.request(annotations=ANNOTATION))
        require(server_saw(world)["service_slug"] == "purple-team-sa", "the annotation's slug")
        pull(world, credential(answer, "docker.cloudsmith.io"), expected=True)
        require(world.logins()[-1]["who"] == "iduffy-demo/purple-team-sa", "a pull by purple-team-sa")

        title("2. Without the annotation: CLOUDSMITH_SERVICE_SLUG of the provider's environment")
        answer = ask(world, world.drop_in(), world.request())
        require(server_saw(world)["service_slug"] == "default-v9ty", "the default slug")
        pull(world, credential(answer, "docker.cloudsmith.io"), expected=True)

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

        title("5. AWS: a token for sts.amazonaws.com assumes an IAM role, whose keys sign a request for ECR's password")
        clouds = world.clouds()
        show("aws", f"{clouds['aws']}   (emulated; verifies token, trust policy and signature)")
        answer = ask(world, world.regcred("--config", world.ecr_entry(clouds)),
                     world.request(f"{ECR}/team/app", token=world.token(audience="sts.amazonaws.com")))
        require(credential(answer, ECR)[0] == "AWS", "ECR's user")
    print("\nAll as it should be; everything has been stopped.")


if __name__ == "__main__":
    main(*sys.argv[1:])
