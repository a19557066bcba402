# SPDX-License-Identifier: Apache-2.0
"""A small world on loopback: a cluster's issuer, Cloudsmith, real registries, and regcred between them."""
import base64
import hashlib
import json
import pathlib
import socket
import ssl
import subprocess
import time
import urllib.request

IMAGE = "docker.cloudsmith.io/iduffy-demo/purple-team/ubuntu"  # the walkthrough's
REGISTRY_SERVICE = "docker.cloudsmith.io"


class World:
    """Everything starts in __enter__ and has ended after __exit__, also after a failure."""

    def __init__(self, folder, tree, emulator):
        self.folder = pathlib.Path(folder)
        self.folder.chmod(0o700)
        self.tree = pathlib.Path(tree)
        self.emulator = str(emulator)
        self.processes = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.stdin:
                process.stdin.close()
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self):
        key = subprocess.run([self.emulator, "key"], check=True, capture_output=True, text=True).stdout
        self.key = self.write("issuer.pem", key)
        self.issuer = self.serve("issuer", self.key)["issuer"]
        organisations = pathlib.Path(__file__).parents[1] / "emulator/demo.json"
        ready = self.serve("cloudsmith", str(self.folder), "--organisations", str(organisations), "--issuer", self.issuer)
        self.api_host, self.realm, self.realm_issuer = ready["apiHost"], ready["realm"], ready["realmIssuer"]
        self.ca = str(self.folder / "ca.pem")
        self.trust = ssl.create_default_context(cafile=self.ca)
        self.trust.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python 3.13 does by itself
        # What the CredentialProviderConfig of the walkthrough sets under `env`.
        self.drop_in_env = {"PATH": "/usr/bin:/bin", "CLOUDSMITH_API_HOST": self.api_host, "SSL_CERT_FILE": self.ca,
                            "CLOUDSMITH_ORG_SLUG": "iduffy-demo", "CLOUDSMITH_SERVICE_SLUG": "default-v9ty"}

    def serve(self, *arguments):
        """Starts the emulator in one of its roles; gives what it says when it is ready."""
        process = subprocess.Popen([self.emulator, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.emulator} {arguments[0]} did not start")
        return json.loads(line)

    def spawn(self, name, command, is_up):
        """Starts a program that ends with the world, and waits until it is up. Its words are in NAME.log."""
        log = self.folder / f"{name}.log"
        with log.open("w") as words:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=words, stderr=words,
                                       env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder)})
        self.processes.append(process)
        end = time.monotonic() + 15
        while not is_up():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{name} did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    @staticmethod
    def free_port():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return free.getsockname()[1]

    @staticmethod
    def listens(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def write(self, name, text, mode=0o600):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    # ---- the cluster's side ----

    def token(self, **options):
        """A pod's token; options as in `regcred-emulator token --help`, with _ for -."""
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        command = [self.emulator, "token", self.key, "--issuer", self.issuer, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def request(self, image=IMAGE, annotations=None, token=None):
        """The bytes that the kubelet would write."""
        request = {"kind": "CredentialProviderRequest", "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
                   "image": image, "serviceAccountToken": token or self.token()}
        if annotations:
            request["serviceAccountAnnotations"] = annotations
        return json.dumps(request, separators=(",", ":")) + "\n"

    def regcred(self, *arguments):
        return [str(self.tree / "bin/regcred"), *arguments]

    def drop_in(self):
        """regcred under the name of the provider that it replaces, as a link in the kubelet's plugin directory."""
        link = self.folder / "plugins/cloudsmith-kubernetes-credential-provider"
        if not link.exists():
            link.parent.mkdir()
            link.symlink_to(self.tree.resolve() / "bin/regcred")
        return [str(link)]

    def run(self, command, request):
        """Runs a plugin as the kubelet does. Gives a CompletedProcess."""
        return subprocess.run(command, input=request, capture_output=True, text=True, timeout=60, env=self.drop_in_env)

    def two_registries(self):
        """A configuration of its own: Cloudsmith, and a registry with a fixed password."""
        password = self.write("internal.password", "fixed-password\n")
        return self.write("two.yaml", f"""\
apiVersion: regcred/v1
kind: RegistryConfig
defaults:
  caFile: {self.ca}
  proxy: none
registries:
  - name: cloudsmith
    matchImages: ["docker.cloudsmith.io", "*.cloudsmith.com"]
    backend: cloudsmith
    audience: cloudsmith
    settings: {{ orgSlug: iduffy-demo, serviceSlug: default-v9ty, apiHost: "{self.api_host}" }}
  - name: internal
    matchImages: ["registry.internal.example.com:5000"]
    backend: static
    settings: {{ username: puller, passwordFile: {password} }}
""")

    def clouds(self):
        """AWS, Google and Azure as well, which trust the cluster's my-service-account; what their emulators say."""
        return self.serve("clouds", str(self.folder / "clouds.pem"), "--issuer", self.issuer)

    def ecr_entry(self, clouds):
        """A configuration with ECR alone, at the emulated AWS."""
        return self.write("ecr.yaml", f"""apiVersion: regcred/v1
kind: RegistryConfig
defaults:
  caFile: {self.folder}/clouds.pem
  proxy: none
registries:
  - name: ecr
    matchImages: ["*.dkr.ecr.*.amazonaws.com"]
    backend: ecr
    audience: sts.amazonaws.com
    settings: {{ roleArn: "{clouds['awsRole']}", stsEndpoint: "{clouds['aws']}", ecrEndpoint: "{clouds['aws']}" }}
""")

    def cluster(self, clouds, vault, registry):
        """One configuration for three kinds of registry: Cloudsmith, ECR, and one whose password is in Vault."""
        cas = "".join(pathlib.Path(path).read_text() for path in (self.ca, self.folder / "clouds.pem"))
        return self.write("cluster.yaml", f"""\
apiVersion: regcred/v1
kind: RegistryConfig
defaults:
  caFile: {self.write("cas.pem", cas)}
  proxy: none
registries:
  - name: cloudsmith
    matchImages: ["docker.cloudsmith.io", "*.cloudsmith.com"]
    backend: cloudsmith
    audience: cloudsmith
    settings: {{ orgSlug: iduffy-demo, serviceSlug: default-v9ty, apiHost: "{self.api_host}" }}
  - name: ecr
    matchImages: ["*.dkr.ecr.*.amazonaws.com"]
    backend: ecr
    audience: sts.amazonaws.com
    settings: {{ roleArn: "{clouds['awsRole']}", stsEndpoint: "{clouds['aws']}", ecrEndpoint: "{clouds['aws']}" }}
  - name: tools
    matchImages: ["{registry}"]
    backend: vault
    audience: vault
    settings: {{ address: "{vault}", role: image-puller, mount: secret, path: "registries/{{registry}}" }}
""")

    # ---- Cloudsmith's side ----

    def steer(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"https://{self.api_host}{path}", data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.trust))
        with opener.open(request, timeout=10) as response:
            text = response.read()
        return json.loads(text) if text else None

    def received(self):
        return self.steer("GET", "/emulator/received")

    def logins(self):
        return self.steer("GET", "/emulator/logins")

    # ---- registries ----

    def start_registry(self):
        """Cloudsmith's: token authentication against its realm."""
        self.registry = self.serve_registry(
            "registry", f"token: {{ realm: \"{self.realm}\", service: {REGISTRY_SERVICE}, issuer: {self.realm_issuer}, "
                        f"rootcertbundle: {self.folder}/realm.pem }}")

    def serve_registry(self, name, authentication):
        """Debian's docker-registry; gives HOST:PORT. `authentication` as under `auth` of its configuration."""
        port = self.free_port()
        config = self.write(f"{name}.yml", f"""\
version: 0.1
log: {{ level: error, accesslog: {{ disabled: true }} }}
storage: {{ filesystem: {{ rootdirectory: {self.folder}/{name} }} }}
http:
  addr: 127.0.0.1:{port}
  tls: {{ certificate: {self.folder}/server.pem, key: {self.folder}/server.key }}
auth: {{ {authentication} }}
""")
        self.spawn(name, ["docker-registry", "serve", config], lambda: self.listens(port))
        return f"localhost:{port}"

    def skopeo(self, source, target, credentials, registry=None):
        """Copies an image; `credentials` (username, password) are for the registry, handed over in a file."""
        username, password = credentials
        auth = base64.b64encode(f"{username}:{password}".encode()).decode()
        authfile = self.write("auth.json", json.dumps({"auths": {registry or self.registry: {"auth": auth}}}))
        certificates = self.folder / "certificates"
        certificates.mkdir(exist_ok=True)
        (certificates / "ca.crt").write_text(pathlib.Path(self.ca).read_text())
        command = ["skopeo", "--insecure-policy", "copy", "--quiet", "--preserve-digests", "--authfile", authfile,
                   "--src-cert-dir", certificates, "--dest-cert-dir", certificates, source, target]
        return subprocess.run(command, capture_output=True, text=True, timeout=60,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder), "SSL_CERT_FILE": self.ca})

    def small_image(self):
        """An OCI image layout (OCI image specification) with one empty layer; gives its path."""
        layout = self.folder / "image"
        blobs = layout / "blobs/sha256"
        blobs.mkdir(parents=True)

        def blob(content):
            digest = hashlib.sha256(content).hexdigest()
            (blobs / digest).write_bytes(content)
            return {"digest": f"sha256:{digest}", "size": len(content)}

        layer = bytes(10240)  # a tar archive without members
        kind = "application/vnd.oci.image"
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                             "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}})
        manifest = json.dumps({"schemaVersion": 2, "mediaType": f"{kind}.manifest.v1+json",
                               "config": {"mediaType": f"{kind}.config.v1+json", **blob(config.encode())},
                               "layers": [{"mediaType": f"{kind}.layer.v1.tar", **blob(layer)}]})
        index = {"schemaVersion": 2, "manifests": [{"mediaType": f"{kind}.manifest.v1+json", **blob(manifest.encode())}]}
        (layout / "index.json").write_text(json.dumps(index))
        (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        return str(layout)
