#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""descriptions.py - what is said in more than one place about the five services, compared: compose, Kubernetes, units, addresses, the
page for operators, publiccode.yml, and the programs themselves.

  tests/containers/descriptions.py BIN      ends with `N passed, N failed[, N skipped]`

Each check is a function of the descriptions that returns what is wrong; each is shown a seeded fault, too, that it must find."""
import copy, glob, json, os, re, shutil, subprocess, sys
import yaml

BIN = os.path.abspath(sys.argv[1])
os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SERVICES = ["intake", "triage", "routing", "signalling", "monitoring"]
LINKS = [f"{a}-{b}" for a, b in zip(SERVICES, SERVICES[1:])]
passed = failed = skipped = 0


def check(name, wrong):
    global passed, failed
    passed, failed = passed + (not wrong), failed + bool(wrong)
    print(f"{'FAIL ' if wrong else 'ok   '} {name}" + "".join(f"\n      | {w}" for w in wrong), flush=True)


def skip(name):
    global skipped
    skipped += 1
    print(f"skip  {name}", flush=True)


def load_manifests(base="docker/kubernetes/base"):
    listed = yaml.safe_load(open(f"{base}/kustomization.yaml"))["resources"]
    found = {}
    for name in listed:
        for document in yaml.safe_load_all(open(f"{base}/{name}")):
            found[document["kind"], document["metadata"]["name"]] = document
    return found


def container_of(manifests, service):
    return manifests["StatefulSet", service]["spec"]["template"]["spec"]["containers"][0]


def environment_of(manifests, service):
    return {e["name"]: e["value"] for e in container_of(manifests, service)["env"]}


def mebibytes(text):
    number, unit = re.fullmatch(r"([0-9]+)([a-zA-Z]*)", str(text)).groups()
    return int(number) * {"m": 1, "Mi": 1, "g": 1024, "Gi": 1024}[unit]


# ---- compose ------------------------------------------------------------------------------------------------------------------


def compose_is_accepted(compose):
    """The programs take what compose tells them, every key of it."""
    wrong = []
    for service in SERVICES:
        done = subprocess.run([f"{BIN}/doorbraak-{service}", "--check-config"], capture_output=True, text=True,
                              env=compose["services"][service]["environment"])
        if done.returncode != 0 or "note:" in done.stdout:
            wrong.append(f"{service}: {done.stdout}{done.stderr}".strip())
    return wrong


def compose_is_closed(compose):
    """A network for each link, closed; two ends open, on loopback; no rights, nothing writable but an own volume."""
    wrong = []
    for link in LINKS:
        ends = [s for s in SERVICES if link in compose["services"][s]["networks"]]
        if not compose["networks"][link].get("internal") or ends != link.split("-"):
            wrong.append(f"network {link}: internal, for its two services alone ({ends})")
    for name, s in compose["services"].items():
        if not (s["read_only"] and s["cap_drop"] == ["ALL"] and s["security_opt"] == ["no-new-privileges:true"] and s["user"] == "65532:65532"
                and s["pids_limit"] and s["mem_limit"] and s["stop_grace_period"] and s["ulimits"]["core"] == 0):
            wrong.append(f"{name}: rights and limits")
        if s.get("privileged") or s.get("cap_add") or s.get("network_mode", "none") != "none":
            wrong.append(f"{name}: more than it needs")
        if bool(s.get("ports")) != (name in ("intake", "monitoring")) or any(not p.startswith("127.0.0.1:") for p in s.get("ports", [])):
            wrong.append(f"{name}: published {s.get('ports')}")
    for service in SERVICES:
        s = compose["services"][service]
        if s["volumes"] != [f"{service}:/var/lib/doorbraak", "keys:/etc/doorbraak/keys:ro", f"secret-{service}:/etc/doorbraak/secret:ro"] or not s["environment"]["DOORBRAAK_DATA"].startswith("/var/lib/doorbraak/"):
            wrong.append(f"{service}: a volume of its own, with its data in it; its own secret and the list, to read")
        if s["command"] != [f"doorbraak-{service}"]:
            wrong.append(f"{service}: its command")
        door = s["environment"]["DOORBRAAK_LISTEN"].rsplit(":", 1)[1]
        if s["healthcheck"]["test"] != ["CMD", "doorbraak", "health", "--service", service, "--door", f"tcp://127.0.0.1:{door}"]:
            wrong.append(f"{service}: asks its own door for its health")
        upstream = s["environment"].get("DOORBRAAK_UPSTREAM")
        if service != "intake" and upstream != f"tcp://{SERVICES[SERVICES.index(service) - 1]}:{int(door) - 1}":
            wrong.append(f"{service}: its upstream {upstream}")
        for port in s.get("ports", []):
            inside = port.rsplit(":", 1)[1]
            if not port.startswith("127.0.0.1:${DOORBRAAK_") or f":-{inside}}}:{inside}" not in port:
                wrong.append(f"{service}: {port} is another port outside than inside")
    return wrong


def compose_is_documented(compose, page):
    """Ports are the documented defaults; every key stands in the page's table."""
    wrong = []
    for service, s in compose["services"].items():
        for key, value in s.get("environment", {}).items():
            if f"| `{key[len('DOORBRAAK_'):].lower()}` |" not in page:
                wrong.append(f"{service}: {key} does not stand in docs/operations.md")
        if service not in SERVICES:
            continue
        told = subprocess.run([f"{BIN}/doorbraak-{service}", "--help"], capture_output=True, text=True).stdout
        for key in ("LISTEN", "PUBLISH", "HTTP", "UPSTREAM"):
            port = s["environment"].get(f"DOORBRAAK_{key}", "").rsplit(":", 1)[-1]
            default = re.search(rf"^  {key.lower()} .*\n.*default .*:([0-9]+)$", told, re.M)
            if port and (default is None or default[1] != port):
                wrong.append(f"{service}: {key} has port {port}, and {default and default[1]} as default")
    return wrong


def addresses(compose, folder, host):
    """Where the tool finds them."""
    wrong = []
    for service in SERVICES:
        said = dict(line.split(": ", 1) for line in open(f"{folder}/{service}.address").read().splitlines())
        e = compose["services"][service]["environment"]
        where = host or service
        right = {"door": e["DOORBRAAK_LISTEN"].replace("0.0.0.0", where), "http": "http://" + e["DOORBRAAK_HTTP"].replace("0.0.0.0", where)}
        if "DOORBRAAK_PUBLISH" in e:
            right["publish"] = e["DOORBRAAK_PUBLISH"].replace("0.0.0.0", where)
        if said != right:
            wrong.append(f"{folder}/{service}.address: {said}, not {right}")
    return wrong


def watched(compose, overlay, host, containers):
    """Prometheus finds the page of each, on one machine and among containers, where it is on every link; open on loopback alone."""
    wrong = []
    for service in SERVICES:
        port = compose["services"][service]["environment"]["DOORBRAAK_HTTP"].rsplit(":", 1)[1]
        for targets, name in ((host, "127.0.0.1"), (containers, service)):
            if {"targets": [f"{name}:{port}"], "labels": {"service": service}} not in targets or len(targets) != len(SERVICES):
                wrong.append(f"{service}: no target {name}:{port}")
    s = overlay["services"]["prometheus"]
    if not set(LINKS) <= set(s["networks"]) or any(not p.startswith("127.0.0.1:") for p in s["ports"]):
        wrong.append("prometheus: on every link, published on loopback alone")
    if not (s["read_only"] and s["cap_drop"] == ["ALL"] and s["security_opt"] == ["no-new-privileges:true"] and s["mem_limit"] and s["pids_limit"]):
        wrong.append("prometheus: rights and limits")
    return wrong


# ---- Kubernetes -----------------------------------------------------------------------------------------------------------------


def manifests_fit_compose(manifests, compose):
    wrong = []
    for service in SERVICES:
        c, s = container_of(manifests, service), compose["services"][service]
        if environment_of(manifests, service) != s["environment"]:
            wrong.append(f"{service}: other environment than in compose: {set(environment_of(manifests, service).items()) ^ set(s['environment'].items())}")
        e = s["environment"]
        ports = {"door": e["DOORBRAAK_LISTEN"], "http": e["DOORBRAAK_HTTP"], **({"live": e["DOORBRAAK_PUBLISH"]} if "DOORBRAAK_PUBLISH" in e else {})}
        ports = {name: int(value.rsplit(":", 1)[1]) for name, value in ports.items()}
        if {p["name"]: p["containerPort"] for p in c["ports"]} != ports:
            wrong.append(f"{service}: ports of the container")
        if {p["name"]: p["port"] for p in manifests["Service", service]["spec"]["ports"]} != ports:
            wrong.append(f"{service}: ports of the service")
        if c["command"] != s["command"] or c["image"] != s["image"].replace("${DOORBRAAK_VERSION:-", "").replace("}", ""):
            wrong.append(f"{service}: command or image")
        if mebibytes(c["resources"]["limits"]["memory"]) != mebibytes(s["mem_limit"]):
            wrong.append(f"{service}: memory")
        pod = manifests["StatefulSet", service]["spec"]["template"]["spec"]
        if f"{pod['terminationGracePeriodSeconds']}s" != s["stop_grace_period"]:
            wrong.append(f"{service}: time to stop")
        if f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" != s["user"]:
            wrong.append(f"{service}: user")
        if [m["mountPath"] for m in c["volumeMounts"]] != [v.split(":")[1] for v in s["volumes"]]:
            wrong.append(f"{service}: volume")
    return wrong


def manifests_are_sound(manifests):
    wrong = []
    paths = set(re.findall(r"^ \*   (/[a-z]+)", open("common/health.h").read(), re.M))
    for service in SERVICES:
        spec = manifests["StatefulSet", service]["spec"]
        pod, c = spec["template"]["spec"], container_of(manifests, service)
        labels = spec["template"]["metadata"]["labels"]
        if spec["replicas"] != 1 or spec["serviceName"] != service or not spec["selector"]["matchLabels"].items() <= labels.items():
            wrong.append(f"{service}: one instance, its service, its labels")
        headless = manifests["Service", service]["spec"]
        if headless["clusterIP"] != "None" or not headless["selector"].items() <= labels.items():
            wrong.append(f"{service}: headless service")
        own, whole = c["securityContext"], pod["securityContext"]
        if not (own["readOnlyRootFilesystem"] and own["allowPrivilegeEscalation"] is False and own["capabilities"] == {"drop": ["ALL"]}
                and whole["runAsNonRoot"] and whole["seccompProfile"] == {"type": "RuntimeDefault"} and not pod["automountServiceAccountToken"]):
            wrong.append(f"{service}: rights")
        probes = {p: c[p]["httpGet"] for p in ("startupProbe", "livenessProbe", "readinessProbe")}
        if {p: g["path"] for p, g in probes.items()} != {"startupProbe": "/startedz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"} \
                or any(g["port"] != "http" or g["path"] not in paths for g in probes.values()) or c["livenessProbe"]["timeoutSeconds"] <= 10:
            wrong.append(f"{service}: probes")
        if [v["spec"]["accessModes"] for v in spec["volumeClaimTemplates"]] != [["ReadWriteOncePod"]]:
            wrong.append(f"{service}: a volume with one writer")
        budget = manifests["PodDisruptionBudget", "doorbraak"]["spec"]
        if not budget["selector"]["matchLabels"].items() <= labels.items():
            wrong.append(f"{service}: not under the disruption budget")
        nobody = manifests["NetworkPolicy", "nobody"]["spec"]
        if not nobody["podSelector"]["matchLabels"].items() <= labels.items() or set(nobody["policyTypes"]) != {"Ingress", "Egress"}:
            wrong.append(f"{service}: not closed by default")

    def reaches(direction, peer):  # who may speak with whom, as the policies have it
        pairs = set()
        for (kind, _), m in manifests.items():
            for rule in m["spec"].get(direction, []) if kind == "NetworkPolicy" else []:
                here = m["spec"]["podSelector"]["matchLabels"].get("app.kubernetes.io/name")
                for other in rule[peer]:
                    there = other.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/name")
                    if here and there and [p["port"] for p in rule["ports"]] == ["door"]:
                        pairs.add((there, here) if direction == "ingress" else (here, there))
        return pairs
    row = {(b, a) for a, b in zip(SERVICES, SERVICES[1:])}
    for direction, peer in (("ingress", "from"), ("egress", "to")):
        if reaches(direction, peer) != row:
            wrong.append(f"network policies, {direction}: {sorted(reaches(direction, peer) ^ row)}")
    return wrong


def manifests_fit_schema(manifests):
    """Every field is one of the API's, every required one is there (the models of python3-kubernetes)."""
    from kubernetes import client
    models = {"Service": client.V1Service, "StatefulSet": client.V1StatefulSet, "NetworkPolicy": client.V1NetworkPolicy,
              "PodDisruptionBudget": client.V1PodDisruptionBudget}
    wrong = []

    def look(value, type_name, path):
        if (inner := re.fullmatch(r"list\[(.*)\]", type_name)):
            if not isinstance(value, list):
                return wrong.append(f"{path}: a list is wanted")
            return [look(v, inner[1], f"{path}[{i}]") for i, v in enumerate(value)]
        if (inner := re.fullmatch(r"dict\(str, (.*)\)", type_name)):
            return [look(v, inner[1], f"{path}.{k}") for k, v in value.items()]
        model = getattr(client, type_name, None)
        if model is None:
            plain = {"str": str, "int": int, "bool": bool}.get(type_name)
            if plain is not None and (not isinstance(value, plain) or isinstance(value, bool) != (plain is bool)):
                wrong.append(f"{path}: {type_name} is wanted, not {value!r}")
            return None
        known = {api: (field, model.openapi_types[field]) for field, api in model.attribute_map.items()}
        fields = {}
        for key, v in value.items():
            if key not in known:
                wrong.append(f"{path}.{key}: no such field of {type_name}")
                continue
            fields[known[key][0]] = v
            look(v, known[key][1], f"{path}.{key}")
        try:
            model(**fields)
        except ValueError as error:
            wrong.append(f"{path}: {error}")
        return None

    for (kind, name), m in manifests.items():
        look(m, models[kind].__name__, f"{kind} {name}")
    return wrong


def kustomized(manifests):
    blocks = re.findall(r"^```sh kubernetes\n(.*?)^```$", open("docs/operations.md").read(), re.M | re.S)
    done = subprocess.run(["bash", "-eu", "-c", blocks[0] if blocks else "false"], capture_output=True, text=True)
    built = {(d["kind"], d["metadata"]["name"]): d for d in yaml.safe_load_all(done.stdout)} if done.returncode == 0 else {}
    return [] if built == manifests else [done.stderr[-300:], str(set(built) ^ set(manifests))]


# ---- publiccode.yml, versions ------------------------------------------------------------------------------------------------------


def publiccode_is_complete(p):
    wrong = [f"{key} is missing" for key in ("publiccodeYmlVersion", "name", "url", "platforms", "categories", "developmentStatus",
                                             "softwareType", "description", "legal", "maintenance", "localisation") if not p.get(key)]
    if wrong:
        return wrong
    if p["developmentStatus"] not in ("concept", "development", "beta", "stable", "obsolete"):
        wrong.append("developmentStatus")
    if p["softwareType"] not in ("standalone/mobile", "standalone/iot", "standalone/desktop", "standalone/web", "standalone/backend",
                                 "standalone/other", "addon", "library", "configurationFiles"):
        wrong.append("softwareType")
    for language, d in p["description"].items():
        if not 0 < len(d.get("shortDescription", "")) <= 150:
            wrong.append(f"description.{language}.shortDescription: 1 to 150 characters")
        if not 150 <= len(d.get("longDescription", "")) <= 10000:
            wrong.append(f"description.{language}.longDescription: 150 to 10000 characters")
        if not d.get("features"):
            wrong.append(f"description.{language}.features")
    if p["maintenance"]["type"] not in ("internal", "contract", "community", "none"):
        wrong.append("maintenance.type")
    if p["maintenance"]["type"] in ("internal", "community") and not p["maintenance"].get("contacts"):
        wrong.append("maintenance.contacts: somebody")
    if not isinstance(p["localisation"].get("localisationReady"), bool) or not p["localisation"].get("availableLanguages"):
        wrong.append("localisation")
    if p["legal"].get("license") != "EUPL-1.2" or "SPDX-License-Identifier: EUPL-1.2" not in open("LICENSE").read():
        wrong.append("legal.license and LICENSE name EUPL-1.2")
    return wrong


def versions_agree(publiccode, manifests, compose):
    version = re.search(r"^VERSION := (.*)$", open("Makefile").read(), re.M)[1]
    images = {container_of(manifests, s)["image"] for s in SERVICES}
    dockerfile = re.search(r"^ARG VERSION=(.*)$", open("docker/Dockerfile").read(), re.M)[1]
    told = {"publiccode.yml": publiccode["softwareVersion"], "docker/Dockerfile": dockerfile,
            **{f"image {i}": i.split(":")[1] for i in images},
            **{f"compose {n}": s["image"].split(":-")[1].rstrip("}") for n, s in compose["services"].items()}}
    return [f"{where} says {what}, Makefile {version}" for where, what in told.items() if str(what) != version]


# ---- together -----------------------------------------------------------------------------------------------------------------------

compose, manifests = yaml.safe_load(open("docker/compose.yaml")), load_manifests()
publiccode, page = yaml.safe_load(open("publiccode.yml")), open("docs/operations.md").read()


def seeded(name, look, change, *values):
    """The same look at descriptions with a fault in them."""
    values = copy.deepcopy(values)
    change(*values)
    check(f"  seeded: {name}", [] if look(*values) else ["was not found"])


def put(value, *path):
    """A change that puts a value in a place."""
    def change(top, *_):
        for key in path[:-1]:
            top = top[key]
        top[path[-1]] = value
    return change


check("the programs take what compose tells them", compose_is_accepted(compose))
seeded("an unknown key", compose_is_accepted, put("1", "services", "triage", "environment", "DOORBRAAK_TURBO"), compose)
check("compose: links, rights, volumes, ports, health", compose_is_closed(compose))
seeded("a link with a way out", compose_is_closed, put(False, "networks", "triage-routing", "internal"), compose)
seeded("published to everybody", compose_is_closed, put(["7101:7101"], "services", "intake", "ports"), compose)
seeded("a root that can be written", compose_is_closed, put(False, "services", "routing", "read_only"), compose)
check("compose: documented keys and ports", compose_is_documented(compose, page))
seeded("a port that is not the default", compose_is_documented, put("tcp://0.0.0.0:7199", "services", "triage", "environment", "DOORBRAAK_LISTEN"), compose, page)
check("addresses for the tool among containers", addresses(compose, "docker/addresses", None))
check("addresses for the tool on a host with units", addresses(compose, "systemd/local", "127.0.0.1"))
overlay, host, containers = (yaml.safe_load(open(f"docker/prometheus/{name}")) for name in ("compose.yaml", "targets.yaml", "containers/targets.yaml"))
check("Prometheus finds the five, on a host and among containers", watched(compose, overlay, host, containers))
seeded("a target at another port", watched, lambda c, o, h, n: put("routing:7299", 2, "targets", 0)(n), compose, overlay, host, containers)
check("Kubernetes says what compose says", manifests_fit_compose(manifests, compose))
STATEFUL = ("StatefulSet", "routing"), "spec", "template", "spec"
seeded("another environment", manifests_fit_compose, put([], *STATEFUL, "containers", 0, "env"), manifests, compose)
check("Kubernetes: rights, probes, budgets, who speaks with whom", manifests_are_sound(manifests))
seeded("a probe of another path", manifests_are_sound, put("/alive", *STATEFUL, "containers", 0, "livenessProbe", "httpGet", "path"), manifests)
seeded("a link too many", manifests_are_sound,
       put("monitoring", ("NetworkPolicy", "intake-triage-in"), "spec", "ingress", 0, "from", 0, "podSelector", "matchLabels", "app.kubernetes.io/name"), manifests)
if os.path.isdir("/usr/lib/python3/dist-packages/kubernetes"):
    check("Kubernetes: every field is one of the API's", manifests_fit_schema(manifests))
    seeded("a field that does not exist", manifests_fit_schema, put(1, ("StatefulSet", "routing"), "spec", "replica"), manifests)
    seeded("a field of another type", manifests_fit_schema, put("1", ("StatefulSet", "routing"), "spec", "replicas"), manifests)
else:
    skip("the schema of Kubernetes: python3-kubernetes is not there (tools/packages extra)")
if shutil.which("kubectl"):
    check("page: kubectl kustomize builds the base", kustomized(manifests))
else:
    skip("kubectl is not there")
check("kustomization.yaml lists every file", sorted({os.path.basename(f) for f in glob.glob("docker/kubernetes/base/*.yaml")} - {"kustomization.yaml"}
      ^ set(yaml.safe_load(open("docker/kubernetes/base/kustomization.yaml"))["resources"])))
check("publiccode.yml is complete", publiccode_is_complete(publiccode))
seeded("a description that is too short", publiccode_is_complete, put("short", "description", "nl", "longDescription"), publiccode)
check("versions agree", versions_agree(publiccode, manifests, compose))
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(failed != 0)
