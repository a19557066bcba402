#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What one request costs, next to the least that such a program can cost; all runs interleaved (A B A B ...).

usage: bench.py TREE BENCH_PROGRAMS EMULATOR [--bundle ARCHIVE] [--plugin PROGRAM]
                [--ecr-provider PROGRAM] [--json FILE] [--rounds N]

Prints a table of medians and ratios and writes the same as JSON. Judges nothing: machines differ, ratios hold.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from world import World  # noqa: E402

CLEAN_ENV = {"PATH": "/usr/bin:/bin"}


class Bench(World):
    """The world, and the programs that are measured in it."""

    def __init__(self, folder, tree, emulator, programs):
        super().__init__(folder, tree, emulator)
        self.programs = pathlib.Path(programs)
        self.memory = None

    def __exit__(self, *why):
        super().__exit__(*why)
        if self.memory:
            shutil.rmtree(self.memory, ignore_errors=True)

    def start(self):
        super().start()
        self.token_request = self.request().encode()  # one token for all runs: signing is not measured
        self.quick_host = self.recorded_by_nginx()
        self.quick_env = {**self.drop_in_env, "CLOUDSMITH_API_HOST": self.quick_host}

    def program(self, name):
        return str(self.programs / name)

    def bare_curl(self, host=None):
        body = json.dumps({"oidc_token": json.loads(self.token_request)["serviceAccountToken"], "service_slug": "default-v9ty"})
        return [self.program("bare_curl"), f"https://{host or self.quick_host}/openid/iduffy-demo/", self.ca, "/etc/ssl/certs", body]

    def recorded_by_nginx(self):
        """HOST:PORT of nginx with one answer of the emulated Cloudsmith: wall time is to be the plugin's, not the server's."""
        recorded = subprocess.run(self.bare_curl(self.api_host), check=True, capture_output=True, text=True).stdout.strip()
        if "token" not in json.loads(recorded):
            sys.exit(f"bench: the emulated Cloudsmith answered {recorded}")
        port = self.free_port()
        places = "".join(f"{name}_temp_path {self.folder}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = self.write("nginx.conf", f"""\
daemon off;
pid {self.folder}/nginx.pid;
events {{}}
http {{
  access_log off; {places}
  ssl_certificate {self.folder}/server.pem; ssl_certificate_key {self.folder}/server.key; ssl_protocols TLSv1.3;
  server {{ listen 127.0.0.1:{port} ssl; default_type application/json; location / {{ return 201 '{recorded}'; }} }}
}}
""")
        self.spawn("nginx", ["/usr/sbin/nginx", "-e", "stderr", "-c", config], lambda: self.listens(port))
        return f"localhost:{port}"

    def raw_openssl(self):
        _, url, ca, directory, body = self.bare_curl()
        host, _, path = url.removeprefix("https://").partition("/")
        return [self.program("raw_openssl"), host.split(":")[1], f"/{path}", ca, directory, body]

    def local_request(self, image):
        return self.request(image, token="e30.e30.e30").encode()

    @staticmethod
    def static_entries(count):
        lines = []
        for number in range(count):
            lines += [f"  - name: team-{number}",
                      f"    matchImages: [\"registry-{number}.example.com\"]",
                      "    backend: static",
                      f"    settings: {{ username: team-{number}, passwordFile: /etc/regcred/team-{number} }}"]
        return lines

    def large_config(self, entries):
        lines = ["apiVersion: regcred/v1", "kind: RegistryConfig", "registries:", *self.static_entries(entries)]
        return self.write(f"large-{entries}.yaml", "\n".join(lines) + "\n")

    def cache_config(self, name, api_host, others=0, throttle="throttleMemory: off"):
        """Cloudsmith with a node cache of its own, behind `others` entries."""
        lines = ["apiVersion: regcred/v1", "kind: RegistryConfig", "defaults:", f"  caFile: {self.ca}", "  proxy: none",
                 f"  nodeCache: {{ directory: {self.cache_directory(name)}, requireTmpfs: false }}",
                 f"  {throttle}", "registries:", *self.static_entries(others),
                 "  - name: cloudsmith", "    matchImages: [docker.cloudsmith.io]", "    backend: cloudsmith", "    audience: cloudsmith",
                 "    cache: { node: serviceAccount }",
                 f"    settings: {{ orgSlug: iduffy-demo, serviceSlug: default-v9ty, apiHost: \"{api_host}\" }}"]
        return self.write(f"{name}.yaml", "\n".join(lines) + "\n")

    def cache_directory(self, name):
        """In memory where there is such a place, as on a node."""
        if not self.memory:
            self.memory = tempfile.mkdtemp(prefix="regcred-bench-", dir="/dev/shm" if os.path.isdir("/dev/shm") else self.folder)
        return f"{self.memory}/{name}"


def once(command, stdin, env):
    """One run: CPU and wall milliseconds, exit status."""
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    try:
        child.stdin.write(stdin)
        child.stdin.close()
    except BrokenPipeError:
        pass
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = (time.perf_counter() - begin) * 1e3
    return {"cpu_ms": (usage.ru_utime + usage.ru_stime) * 1e3, "wall_ms": wall, "status": child.returncode}


def peak_mib(command, stdin, env):
    """Peak memory of the largest process of one run. By GNU time: a child of this interpreter starts with its size."""
    with tempfile.NamedTemporaryFile("r") as report:
        subprocess.run(["/usr/bin/time", "--quiet", "-f", "%M", "-o", report.name, *command], input=stdin, env=env,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return int(report.read()) / 1024


def interleaved(cases, rounds):
    """{name: [run, ...]}; one warm-up round is not counted."""
    runs = {name: [] for name in cases}
    for round_number in range(rounds + 1):
        for name, (command, stdin, env, expected) in cases.items():
            run = once(command, stdin, env)
            if run["status"] != expected:
                sys.exit(f"bench: {name} ended with {run['status']}, expected {expected}: {' '.join(command)}")
            if round_number > 0:
                runs[name].append(run)
    return runs


def at_once(command, stdin, env, count):
    """Wall milliseconds until `count` processes, started together, have all ended well."""
    begin = time.perf_counter()
    children = []
    for _ in range(count):
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 env=env)
        child.stdin.write(stdin)
        child.stdin.close()
        children.append(child)
    failed = sum(child.wait() != 0 for child in children)
    return (time.perf_counter() - begin) * 1e3, failed


def median(runs, figure):
    return statistics.median(run[figure] for run in runs)


def ratio(runs, name, base, figure):
    return statistics.median(a[figure] / b[figure] for a, b in zip(runs[name], runs[base]))


def table(title, rows, head):
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    print(f"\n{title}")
    for row in [head, *rows]:
        print("  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def compare(title, cases, rounds, base):
    runs = interleaved(cases, rounds)
    rows, figures = [], {}
    for name, list_of_runs in runs.items():
        cpu, wall = (median(list_of_runs, figure) for figure in ("cpu_ms", "wall_ms"))
        peak = statistics.median(peak_mib(*cases[name][:3]) for _ in range(5))
        relative = ratio(runs, name, base, "cpu_ms")
        rows.append([name, f"{cpu:.1f}", f"{wall:.1f}", f"{peak:.1f}", f"{relative:.2f}",
                     f"{ratio(runs, name, base, 'wall_ms'):.2f}"])
        figures[name] = {"cpu_ms": cpu, "wall_ms": wall, "peak_mib": peak, "cpu_ratio": relative}
    table(title, rows, ["program", "CPU ms", "wall ms", "peak MiB", "CPU ratio", "wall ratio"])
    return figures


def network_cases(world, bundle, plugin):
    cases = {
        "bare libcurl": (world.bare_curl(), b"", CLEAN_ENV, 0),
        "regcred": (world.drop_in(), world.token_request, world.quick_env, 0),
    }
    if bundle:
        link = world.folder / "bundle" / pathlib.Path(world.drop_in()[0]).name
        link.parent.mkdir()
        link.symlink_to(f"{bundle}/bin/regcred")
        cases["regcred, bundle"] = ([str(link)], world.token_request, world.quick_env, 0)
    if pathlib.Path(world.program("bare_curl_of_bundle")).exists():
        cases["bare libcurl of the bundle"] = ([world.program("bare_curl_of_bundle"), *world.bare_curl()[1:]], b"", CLEAN_ENV, 0)
    if pathlib.Path(world.program("raw_openssl")).exists():
        cases["raw OpenSSL, static"] = (world.raw_openssl(), b"", CLEAN_ENV, 0)
    if plugin:
        cases["other provider"] = ([plugin], world.token_request, world.quick_env, 0)
    return cases


def ecr_cases(world, bundle, provider):
    """Two calls, to STS and to ECR. The bare program does not sign the second, so it is refused after the same exchange."""
    clouds = world.clouds()
    token = world.token(audience="sts.amazonaws.com")
    image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app"
    request = world.request(image, {"eks.amazonaws.com/ecr-role-arn": clouds["awsRole"]}, token).encode()
    form = urllib.parse.urlencode({"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "DurationSeconds": 900,
                                   "RoleArn": clouds["awsRole"], "RoleSessionName": "bare", "WebIdentityToken": token})
    url, ca = clouds["aws"] + "/", f"{world.folder}/clouds.pem"
    cases = {
        "bare libcurl, two calls": ([world.program("bare_curl"), url, ca, "/etc/ssl/certs", form, url, "{}"], b"", CLEAN_ENV, 0),
        "regcred": (world.regcred("--config", world.ecr_entry(clouds)), request, CLEAN_ENV, 0),
    }
    if bundle:
        cases["regcred, bundle"] = ([f"{bundle}/bin/regcred", *cases["regcred"][0][1:]], request, CLEAN_ENV, 0)
    if provider:
        env = {**CLEAN_ENV, "AWS_ENDPOINT_URL": clouds["aws"], "SSL_CERT_FILE": ca, "AWS_EC2_METADATA_DISABLED": "true"}
        cases["ecr-credential-provider"] = ([provider], request, env, 0)
    return cases


def local_cases(world, bundle):
    command = world.regcred("--config", world.two_registries())
    cases = {
        "empty process": ([world.program("empty")], b"", CLEAN_ENV, 0),
        "static": (command, world.local_request("registry.internal.example.com:5000/app"), CLEAN_ENV, 0),
        "no match": (command, world.local_request("nowhere.example.org/app"), CLEAN_ENV, 4),
        "bad input": (command, b"{", CLEAN_ENV, 2),
    }
    if bundle:
        bundled = [f"{bundle}/bin/regcred", *command[1:]]
        cases |= {f"{name}, bundle": (bundled, *cases[name][1:]) for name in ("static", "no match")}
    return cases


def cache_cases(world, others):
    """An answer out of the node cache, beside a request that no entry matches, with the same configuration."""
    command = world.regcred("--config", world.cache_config(f"cache-{others}", world.api_host, others))
    filled = once(command, world.token_request, CLEAN_ENV)
    if filled["status"] != 0:
        sys.exit("bench: the request that fills the cache failed")
    return {"no match": (command, world.local_request("nowhere.example.org/app"), CLEAN_ENV, 4),
            "hit": (command, world.token_request, CLEAN_ENV, 0)}


def node_cache(world, rounds):
    figures = {}
    for others in (0, 999):
        figures[others + 1] = compare(f"node cache, {others + 1} entries in the configuration", cache_cases(world, others), rounds, "no match")
        hit, miss = (figures[others + 1][name]["cpu_ms"] for name in ("hit", "no match"))
        print(f"  a hit costs {hit - miss:.2f} ms CPU more; {len(world.received())} exchanges so far")
    return figures


def many_at_once(world, count, rounds=5):
    bare, ours, cached = [], [], []
    with_cache = world.regcred("--config", world.cache_config("at-once", world.quick_host))
    for _ in range(rounds):
        shutil.rmtree(world.cache_directory("at-once"), ignore_errors=True)
        for name, walls, case in (("bare libcurl", bare, (world.bare_curl(), b"", CLEAN_ENV)),
                                  ("regcred", ours, (world.drop_in(), world.token_request, world.quick_env)),
                                  ("regcred, node cache", cached, (with_cache, world.token_request, CLEAN_ENV))):
            wall, failed = at_once(*case, count)
            if failed:
                sys.exit(f"bench: {failed} of {count} runs of {name} failed")
            walls.append(wall)
    relative = statistics.median(a / b for a, b in zip(ours, bare))
    with_one = statistics.median(a / b for a, b in zip(cached, bare))
    table(f"{count} requests at once, {rounds} rounds",
          [["bare libcurl", f"{statistics.median(bare):.0f}", "1.00"],
           ["regcred", f"{statistics.median(ours):.0f}", f"{relative:.2f}"],
           ["regcred, node cache, empty at first", f"{statistics.median(cached):.0f}", f"{with_one:.2f}"]], ["program", "wall ms", "ratio"])
    return {"bare_wall_ms": statistics.median(bare), "regcred_wall_ms": statistics.median(ours), "wall_ratio": relative,
            "node_cache_wall_ms": statistics.median(cached), "node_cache_wall_ratio": with_one}


def large_configurations(world):
    figures, rows = {}, []
    for entries in (2500, 5000, 10000):
        lines = subprocess.run([world.program("choose"), world.large_config(entries)], check=True, capture_output=True,
                               text=True).stdout
        figure = json.loads(lines)
        figures[entries] = figure
        rows.append([entries, f"{figure['parse_ms']:.1f}", f"{figure['choose_ms']:.3f}"])
    table("large configurations, medians", rows, ["entries", "parse ms", "choose ms"])
    return figures


def audit(world, rounds, pods=10_000):
    image = "docker.cloudsmith.io/acme/apps/app-{}:{}"
    items = [{"kind": "Pod", "metadata": {"name": f"app-{i}", "namespace": f"team-{i % 100}"},
              "spec": {"serviceAccountName": "default", "containers": [{"name": "app", "image": image.format(i % 1000, i)}]},
              "status": {"conditions": [{"type": "Ready", "status": "True", "message": "x" * 80}] * 40}} for i in range(pods)]
    items += [{"kind": "ServiceAccount", "metadata": {"name": "default", "namespace": f"team-{i}"}} for i in range(100)]
    text = json.dumps({"kind": "List", "items": items}, indent=4).encode()
    only_read = [sys.executable, "-I", "-c", "import json, sys; json.load(sys.stdin.buffer)"]
    command = world.regcred("audit", "--config", world.two_registries())
    return compare(f"audit of {pods} pods, {len(text) >> 20} MiB of JSON",
                   {"json.load of Python": (only_read, text, CLEAN_ENV, 0), "regcred audit": (command, text, CLEAN_ENV, 0)},
                   rounds, "json.load of Python")


def unpacked(archive, place):
    """As an operator does it: how a file was written decides how the kernel holds it, and what its pages cost."""
    place.mkdir()
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", place], check=True)
    (tree,) = place.iterdir()
    return tree


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tree")
    parser.add_argument("programs")
    parser.add_argument("emulator")
    parser.add_argument("--bundle")
    parser.add_argument("--plugin")
    parser.add_argument("--ecr-provider")
    parser.add_argument("--json", default="bench.json")
    parser.add_argument("--rounds", type=int, default=25)
    arguments = parser.parse_args()

    folder = tempfile.mkdtemp(prefix="regcred-bench-")
    try:
        bundle = arguments.bundle and unpacked(arguments.bundle, pathlib.Path(folder, "archive"))
        with Bench(folder, arguments.tree, arguments.emulator, arguments.programs) as world:
            result = {"date": time.strftime("%Y-%m-%d"), "rounds": arguments.rounds, "processors": os.cpu_count()}
            result["network"] = compare("one Cloudsmith exchange over TLS", network_cases(world, bundle, arguments.plugin),
                                        arguments.rounds, "bare libcurl")
            result["ecr"] = compare("one ECR exchange: STS, then ECR", ecr_cases(world, bundle, arguments.ecr_provider), arguments.rounds,
                                    "bare libcurl, two calls")
            result["local"] = compare("requests that need no network", local_cases(world, bundle), arguments.rounds * 2,
                                      "empty process")
            result["node_cache"] = node_cache(world, arguments.rounds * 2)
            result["at_once"] = many_at_once(world, 200)
            result["configurations"] = large_configurations(world)
            result["audit"] = audit(world, max(arguments.rounds // 5, 1))
            pathlib.Path(arguments.json).write_text(json.dumps(result, indent=2) + "\n")
            print(f"\nwritten: {arguments.json}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
