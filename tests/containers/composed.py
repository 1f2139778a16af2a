# SPDX-License-Identifier: EUPL-1.2
"""composed.py - the composed system on a real engine: scenarios, then trouble under load, then the oracle.

  composed.py BIN IMAGE ROUNDS SEED [SCENARIO...]     called by tests/containers/run, which sees to the engine and the image

Trouble: containers killed, crashed, stopped, restarted in any order; networks between them cut. Afterwards every journal must equal a
recomputation from intake's, live and from the volumes, and intake's must hold what was acknowledged. Before that, by the commands of the page: Prometheus beside them, a backup
and its restore into containers of another project. Ends with `N passed, N failed, N skipped`."""
import datetime, json, os, random, re, shutil, socket, subprocess, sys, tempfile, time, urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BIN, IMAGE, ROUNDS, SEED = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
SCENARIOS = sys.argv[5:]
SERVICES = ["intake", "triage", "routing", "signalling", "monitoring"]
LINKS = [f"{a}-{b}" for a, b in zip(SERVICES, SERVICES[1:])]
PROJECT = f"doorbraak-test-{os.getpid()}"
HEALTHY_S, IMAGE_MB = 10, 40
WORK = tempfile.mkdtemp()
passed = failed = skipped = 0


def check(name, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok   ' if ok else 'FAIL '} {name}{'' if ok or not detail else ': ' + str(detail)[-1500:]}", flush=True)
    return ok


def until(condition, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    print(f"      after {seconds} s still not: {what}", flush=True)
    return False


def run(*command, status=0, timeout=120):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=ROOT)
    if status is not None and done.returncode != status:
        raise RuntimeError(f"{' '.join(command[:6])}: status {done.returncode}: {(done.stdout + done.stderr)[-800:]}")
    return done


def docker(*arguments, **options):
    return run("docker", *arguments, **options).stdout.strip()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


PORTS = {key: free_port() for key in
         ("INTAKE_PORT", "INTAKE_HTTP_PORT", "MONITORING_PORT", "MONITORING_LIVE_PORT", "MONITORING_HTTP_PORT",
          "PROMETHEUS_PORT")}
MONITORING = f"tcp://127.0.0.1:{PORTS['MONITORING_PORT']}"
os.environ.update({f"DOORBRAAK_{key}": str(port) for key, port in PORTS.items()},
                  COMPOSE_PROJECT_NAME=PROJECT, DOORBRAAK_VERSION=IMAGE.rsplit(":", 1)[1])


def compose(*arguments, driven=True, also=(), **options):
    files = ["-f", "docker/compose.yaml"] + (["-f", "tests/containers/driven.yaml"] if driven else [])
    files += [word for file in also for word in ("-f", file)]
    return run("docker-compose", "--no-ansi", *files, *arguments, **options)


def tool(*arguments, mounts=(), **options):
    return compose("run", "--rm", "-T", *mounts, "tool", *arguments, **options)


def make_trial_key():
    """A pair for the front ends of this test, and for the tool where the operator may not: whoever holds it may everything."""
    folder = f"{WORK}/trial"
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(f"{folder}/secret"):
        run(f"{BIN}/doorbraak", "keys", "pair", f"{folder}/secret")
        os.chown(f"{folder}/secret", 65532, 65532)
        os.chmod(folder, 0o755)
    own = dict(line.split(": ", 1) for line in open(f"{folder}/secret").read().splitlines())
    scopes = [word for scope in ("national", "journals", "operator", "source:*") for word in ("--scope", scope)]
    compose("run", "--rm", "-T", "keys", "keys", "new", "--dir", "/etc/doorbraak/keys", "--name", "trial", "--role", "SYSTEM", "--organisation",
            "TRIAL", *scopes, "--public", own["public"])


def trial_keys():
    own = dict(line.split(": ", 1) for line in open(f"{WORK}/trial/secret").read().splitlines())
    docker("cp", f"{container('intake')}:/etc/doorbraak/keys/keys.json", f"{WORK}/keys.json")
    doors = {k["name"]: k["curve"][0]["public"].encode() for k in json.load(open(f"{WORK}/keys.json"))["keys"]}
    return {f"tcp://127.0.0.1:{PORTS['INTAKE_PORT']}": doors["intake"], MONITORING: doors["monitoring"],
            "public": own["public"].encode(), "secret": own["secret"].encode()}


def on_trial(*arguments, mounts=(), **options):
    """The tool with that key."""
    return tool(*arguments, mounts=("-v", f"{WORK}/trial:/trial:ro", "-e", "DOORBRAAK_SECRET=/trial/secret", *mounts), **options)


def container(service):
    return f"{PROJECT}_{service}_1"


ALL = [container(service) for service in SERVICES]


def state(service, what="{{.State.Status}}"):
    return docker("inspect", "-f", what, container(service))


def all_healthy():
    return docker("inspect", "-f", "{{.State.Health.Status}}", *ALL, status=None).split() == ["healthy"] * 5


def get(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORTS[port]}{path}", timeout=5) as answer:
            return answer.status, answer.read()
    except OSError as error:
        return getattr(error, "code", 0), b""


# ---- the image -------------------------------------------------------------------------------------------------------------


def look_at_image():
    image = json.loads(docker("image", "inspect", IMAGE))[0]
    config, labels = image["Config"], image["Config"]["Labels"] or {}
    check(f"the image is under {IMAGE_MB} MB ({image['Size'] / 1e6:.1f})", image["Size"] < IMAGE_MB * 1e6)
    check("it runs as nobody with rights", config["User"] == "65532:65532", config["User"])
    check("its command is in exec form", config["Cmd"] == ["doorbraak", "--help"] and not config.get("Entrypoint"), config["Cmd"])
    wanted = ["title", "version", "revision", "source", "licenses", "created", "documentation"]
    missing = [key for key in wanted if not labels.get(f"org.opencontainers.image.{key}")]
    check("it has its labels", not missing and labels["org.opencontainers.image.licenses"] == "EUPL-1.2", missing)

    made = docker("create", IMAGE)
    try:
        with open(f"{WORK}/image.tar", "wb") as out:
            subprocess.run(["docker", "export", made], stdout=out, check=True, timeout=60)
    finally:
        docker("rm", made)
    root = f"{WORK}/image"
    os.mkdir(root)
    run("tar", "-xf", f"{WORK}/image.tar", "-C", root, "--exclude=dev")
    programs = sorted(os.listdir(f"{root}/usr/bin"))
    check("no shell, nothing to run but ours", programs == ["doorbraak"] + sorted(f"doorbraak-{s}" for s in SERVICES), programs)
    writable = [os.path.join(d, f) for d, _, files in os.walk(root) for f in files if os.lstat(os.path.join(d, f)).st_uid != 0]
    suid = run("find", root, "-perm", "/6000", "-type", "f").stdout
    check("no file belongs to who runs it, none changes who one is", not writable and not suid, writable[:3] + [suid])
    check("time zones are there", os.path.exists(f"{root}/usr/share/zoneinfo/Europe/Amsterdam"))

    bill = json.load(open(f"{root}/usr/share/doc/doorbraak/sbom.cdx.json"))
    packages = {c["name"]: c["version"] for c in bill["components"]}
    status = {}
    for name in os.listdir(f"{root}/var/lib/dpkg/status.d"):
        text = open(f"{root}/var/lib/dpkg/status.d/{name}").read()
        status[name] = next(line.split(" ", 1)[1] for line in text.splitlines() if line.startswith("Version: "))
    check("the bill of materials names every package in its exact version", packages == status and "libzmq5" in packages,
          set(packages.items()) ^ set(status.items()))
    check("and is CycloneDX 1.6", bill["bomFormat"] == "CycloneDX" and bill["specVersion"] == "1.6")
    no_licence = [name for name in packages if not os.path.exists(f"{root}/usr/share/doc/{name}/copyright")]
    check("the licence of each is kept", not no_licence and os.path.exists(f"{root}/usr/share/doc/doorbraak/LICENSE"), no_licence)
    shutil.copy(f"{root}/usr/share/doc/doorbraak/sbom.cdx.json", os.environ.get("SBOM_TO", WORK))


# ---- up, as shipped ---------------------------------------------------------------------------------------------------------


def time_to_healthy():
    began = time.monotonic()
    compose("up", "-d", driven=False)
    return time.monotonic() - began if until(all_healthy, 60, "all healthy") else 60.0


def look_at_compose():
    # The machine may have other things to do: the best of three.
    took = [time_to_healthy()]
    while min(took) >= HEALTHY_S and len(took) < 3:
        compose("down", "-v", driven=False)
        took.append(time_to_healthy())
    check(f"docker-compose up -d, and healthy in under {HEALTHY_S} s ({', '.join(f'{t:.1f}' for t in took)}; load {os.getloadavg()[0]:.1f})",
          min(took) < HEALTHY_S)
    check("intake and monitoring are ready at the doors of this host",
          all(until(lambda p=p: get(p, "/readyz")[0] == 200, 20, p) for p in ("INTAKE_HTTP_PORT", "MONITORING_HTTP_PORT")))
    published = {s: docker("port", container(s)).splitlines() for s in SERVICES}
    on_loopback = all(" -> 127.0.0.1:" in line for lines in published.values() for line in lines)
    check("nothing else is published, and on loopback only",
          on_loopback and [s for s in SERVICES if published[s]] == ["intake", "monitoring"], published)
    for service in SERVICES:
        host = json.loads(docker("inspect", container(service)))[0]["HostConfig"]
        check(f"{service} has no rights, a read-only root and limits",
              host["CapDrop"] in (["ALL"], ["all"]) and host["ReadonlyRootfs"] and host["Memory"] and host["PidsLimit"]
              and "no-new-privileges:true" in host["SecurityOpt"] and not host["Privileged"], host)
        process = f"/proc/{state(service, '{{.State.Pid}}')}"
        with open(f"{process}/status") as file:
            own = dict(line.split(":\t", 1) for line in file if ":\t" in line)
        check(f"{service} as the kernel sees it", own["NoNewPrivs"].strip() == "1" and int(own["CapEff"], 16) == 0
              and own["Seccomp"].strip() == "2" and own["Uid"].split()[0] == "65532"
              and os.stat(f"{process}/environ").st_uid == 0, own)
    reached = docker("run", "--rm", "--network", f"{PROJECT}_signalling-monitoring", IMAGE, "doorbraak", "health", "--service",
                     "intake", "--door", "tcp://intake:7101", status=3)
    check("a network reaches its own link only", reached is not None)
    check("the tool on all networks", tool("health", driven=False).returncode == 0)
    check("nobody gets in without a key", tool("health", "--secret", "/nowhere", "--service", "intake", "--door", "tcp://intake:7101", driven=False,
                                               status=None).returncode != 0 and
          docker("run", "--rm", "--network", f"{PROJECT}_intake-triage", IMAGE, "doorbraak", "health", "--service", "intake", "--door",
                 "tcp://intake:7101", status=3) is not None)
    own = {s: docker("exec", container(s), "doorbraak", "keys", "list", "--json") for s in SERVICES}
    held = {s: run("docker", "cp", f"{container(s)}:/etc/doorbraak/.", f"{WORK}/etc-{s}").returncode == 0 and
            sorted(os.path.relpath(os.path.join(d, f), f"{WORK}/etc-{s}") for d, _, files in os.walk(f"{WORK}/etc-{s}") for f in files) for s in SERVICES}
    check("each service holds the list and its own secret, no other",
          all(files == ["keys/keys.json", "secret/secret"] for files in held.values()) and len(set(own.values())) == 1, held)
    compose("down", "-v", driven=False)


def page(name):
    """The commands of docs/operations.md that begin with ```sh containers."""
    block, blocks = None, []
    for line in open(f"{ROOT}/docs/operations.md"):
        if line.startswith("```"):
            if block is not None:
                blocks.append("".join(block))
            block = [] if line.strip() == f"```sh {name}" else None
        elif block is not None:
            block.append(line)
    return blocks


def run_page(name, least, folder=ROOT):
    blocks = page(name)
    check(f"the page has commands for {name}", len(blocks) >= least, blocks)
    for block in blocks:
        done = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", block], capture_output=True, text=True, timeout=300, cwd=folder)
        check("page: " + block.strip().splitlines()[0], done.returncode == 0, done.stdout + done.stderr)


def look_at_page():
    run_page("containers", 3)
    compose("down", "-v", driven=False)


# ---- Prometheus beside them -------------------------------------------------------------------------------------------------


class Watched:
    """What Prometheus sees, asked at the port of this host."""
    def api(self, path):
        status, text = get("PROMETHEUS_PORT", f"/api/v1/{path}")
        return json.loads(text)["data"] if status == 200 else {}

    def up(self):
        return sorted(t["labels"]["service"] for t in self.api("targets").get("activeTargets", []) if t["health"] == "up")

    def value(self, query):
        return {r["metric"].get("service"): float(r["value"][1]) for r in self.api(f"query?query={query}").get("result", [])}

    def rules(self):
        return [rule["name"] for group in self.api("rules").get("groups", []) for rule in group["rules"]]

    def firing(self):
        return {(a["labels"]["alertname"], a["labels"].get("service")) for a in self.api("alerts").get("alerts", []) if a["state"] == "firing"}


def made_quick():
    """The shipped files, with seconds in the place of minutes; compose puts them where those are."""
    config, alerts = (open(f"{ROOT}/docker/prometheus/{name}").read() for name in ("prometheus.yml", "alerts.yaml"))
    texts = {"prometheus.yml": re.sub(r"1[05]s", "1s", config), "alerts.yaml": re.sub(r"for: \w+$", "for: 2s", alerts, flags=re.M)}
    volumes = [f"{WORK}/quick-{name}:/etc/prometheus/{name}:ro" for name in texts]
    for name, text in {**texts, "compose.yaml": json.dumps({"services": {"prometheus": {"volumes": volumes}}})}.items():
        with open(f"{WORK}/quick-{name}", "w") as out:
            out.write(text)
    return f"{WORK}/quick-compose.yaml"


def look_at_prometheus():
    global skipped
    with open(f"{ROOT}/tests/containers/prometheus.Dockerfile") as file:
        built = subprocess.run(["docker", "build", "--network", "host", "-q", "-t", "doorbraak-prometheus-test", "-"], stdin=file,
                               capture_output=True, text=True, timeout=300)
    if built.returncode != 0:
        skipped += 1
        return print(f"skip  Prometheus: no image of it can be made: {built.stderr[-200:].strip()}", flush=True)
    os.environ["DOORBRAAK_PROMETHEUS_IMAGE"] = "doorbraak-prometheus-test"
    watched = Watched()
    run_page("prometheus", 1)
    check("Prometheus, as shipped, sees all five up", until(lambda: watched.up() == sorted(SERVICES), 90, "five up"), watched.up())
    wanted = re.findall(r"^ +- alert: (\w+)$", open(f"{ROOT}/docker/prometheus/alerts.yaml").read(), re.M)
    check(f"its {len(wanted)} alerts are loaded", wanted and watched.rules() == wanted, watched.rules())
    check("each service says below how much room it warns", watched.value("doorbraak_disk_warn_bytes") == dict.fromkeys(SERVICES, 2.0**30),
          watched.value("doorbraak_disk_warn_bytes"))

    also = ("docker/prometheus/compose.yaml", made_quick())
    compose("up", "-d", "--no-deps", "prometheus", driven=False, also=also)
    check("no alert fires when all is well (but for what this machine's disk has)", until(lambda: watched.up() == sorted(SERVICES), 60, "five up")
          and not {a for a in watched.firing() if "Disk" not in a[0]}, watched.firing())
    docker("stop", container("routing"))
    check("a service that is stopped is seen to be down", until(lambda: watched.value("up").get("routing") == 0, 60, "down"), watched.value("up"))
    check("and its alert fires, and no other's", until(lambda: ("DoorbraakDown", "routing") in watched.firing(), 60, "firing")
          and {s for a, s in watched.firing() if a == "DoorbraakDown"} == {"routing"}, watched.firing())
    docker("start", container("routing"))
    check("and ends when it is started", until(lambda: watched.value("up").get("routing") == 1
          and ("DoorbraakDown", "routing") not in watched.firing(), 60, "over"), watched.firing())
    compose("down", "-v", driven=False, also=also)


# ---- scenarios --------------------------------------------------------------------------------------------------------------


def begin_anew():
    """The same containers with empty volumes."""
    docker("kill", *ALL, status=None)
    volumes = [a for s in SERVICES for a in ("-v", f"{PROJECT}_{s}:/volumes/{s}")]
    docker("run", "--rm", "--network", "none", *volumes, "debian:bookworm-slim", "find", "/volumes", "-mindepth", "2", "-delete")
    docker("start", *ALL)


def play_scenarios():
    compose("up", "-d")
    make_trial_key()
    for scenario in SCENARIOS:
        begin_anew()
        done = on_trial("play", "--run", "run", "/scenario.yaml", mounts=("-v", f"{os.path.abspath(scenario)}:/scenario.yaml:ro"), status=None)
        check(f"{os.path.basename(scenario)} against the composed system", done.returncode == 0, done.stdout + done.stderr)


# ---- backup and restore -----------------------------------------------------------------------------------------------------


def cases():
    return {json.loads(line)["case_id"] for line in on_trial("cases", "--json").stdout.splitlines() if '"case_id"' in line}


def look_at_backup():
    """Of what the scenarios left; a case is erased after the backup, and must not come back with the restore."""
    folder = f"{WORK}/backup"
    os.makedirs(f"{folder}/set")
    os.symlink(f"{ROOT}/docker", f"{folder}/docker")
    compose("up", "-d", driven=False)
    until(all_healthy, 60, "all healthy")
    erased = sorted(cases())[0]
    # One more, that stays when that one is erased.
    tool("submit", "--source", "operator", "--message", "SourceRegistered", "--by", "ADMINISTRATOR@NAT-VWS", "--with",
         "{source: beside, organisations: [LT-GM1669], roles: [LOCAL_TEAM]}")
    on_trial("submit", "--source", "beside", "--message", "CaseSubmitted", "--by", "LOCAL_TEAM@LT-GM1669", "--with",
             "{municipality: GM1669, submitter: LOCAL_TEAM, asks: CONSULTATION}")
    check("two cases to keep", until(lambda: len(cases()) > 1, 30, "two cases"))
    run(f"{BIN}/doorbraak", "backup", "keygen", f"{folder}/doorbraak-backup")
    run_page("container backup", 1, folder)
    for service in SERVICES:
        os.rename(f"{folder}/{service}.backup", f"{folder}/set/{service}.backup")
    before, keys = cases(), tool("keys", "list", "--json").stdout
    done = on_trial("erase", erased, "--ground", "REQUEST_OF_SUBJECT", "--open", status=None)
    held = docker("inspect", "-f", '{{range .Mounts}}{{if eq .Destination "/var/lib/doorbraak"}}{{.Source}}{{end}}{{end}}', container("intake"))
    check("the list of erasures stands on intake's volume", done.returncode == 0 and erased in open(f"{held}/intake.erasures").read(), done.stderr)
    run_page("container restore", 2, folder)
    os.environ["COMPOSE_PROJECT_NAME"] = "restored"
    try:
        check("what is restored has the keys of before", keys and tool("keys", "list", "--json").stdout == keys)
        check(f"and the {len(before)} cases of before, without the one that was erased after the backup",
              until(lambda: cases() == before - {erased}, 60, "the same cases"), (before, cases(), erased))
    finally:
        compose("down", "-v")
        os.environ["COMPOSE_PROJECT_NAME"] = PROJECT
        compose("up", "-d")


# ---- trouble ------------------------------------------------------------------------------------------------------------------


class Trouble:
    def __init__(self, front_ends, chance):
        self.front_ends, self.random = front_ends, chance
        self.done = {}

    def work_goes_on(self):
        """For a moment; that it goes on at all is looked at in the end."""
        time.sleep(self.random.uniform(0.05, 0.6))

    def kill(self, service):
        docker("kill", container(service))
        self.work_goes_on()
        docker("start", container(service))

    def crash(self, service):
        """Not by the engine: it sees a crash, and starts again by itself."""
        before = state(service, "{{.RestartCount}}")
        os.kill(int(state(service, "{{.State.Pid}}")), 9)
        if not until(lambda: state(service, "{{.RestartCount}}") != before and state(service) == "running", 60, f"{service} restarted"):
            check(f"{service} is restarted after a crash", False)

    def stop(self, service):
        docker("stop", container(service))
        code = state(service, "{{.State.ExitCode}}")
        if code != "0":
            check(f"{service} stops with status 0", False, code)
        self.work_goes_on()
        docker("start", container(service))

    def cut(self, service):
        """Between a service and the one upstream of it; the connection just goes silent."""
        link = LINKS[max(SERVICES.index(service) - 1, 0)]
        victim = self.random.choice(link.split("-"))
        docker("network", "disconnect", f"{PROJECT}_{link}", container(victim))
        self.work_goes_on()
        docker("network", "connect", "--alias", victim, f"{PROJECT}_{link}", container(victim))

    def is_felt(self):
        """A cut holds back what stands behind it, for as long as it lasts; and no longer."""
        def behind():
            ask, status = self.front_ends.ask, front_ends_module.door.StatusRequest()
            return ask(status=status).status.head.seq - ask(status=status, at=MONITORING).status.applied
        network, victim = f"{PROJECT}_routing-signalling", container("routing")
        docker("network", "disconnect", network, victim)
        check("a cut is felt: monitoring falls behind", until(lambda: behind() > 300, 60, "behind"), behind())
        docker("network", "connect", "--alias", "routing", network, victim)
        check("and catches up when it is over", until(lambda: behind() < 100, 60, "caught up"), behind())

    def all_in_any_order(self, _):
        order = self.random.sample(ALL, 5)
        docker("kill", *order[:2])
        docker("stop", *order[2:])
        for name in self.random.sample(ALL, 5):
            docker("start", name)

    def round(self):
        kinds = [self.kill, self.crash, self.stop, self.cut, self.cut, self.all_in_any_order]
        kind = kinds[(sum(self.done.values()) if sum(self.done.values()) < len(kinds) else self.random.randrange(len(kinds)))]
        kind(self.random.choice(SERVICES))
        self.done[kind.__name__] = self.done.get(kind.__name__, 0) + 1
        if self.random.random() < 0.4:
            self.front_ends.pass_time(self.random.randrange(30))
        self.work_goes_on()


def settled(front_ends):
    head = front_ends.ask(status=front_ends_module.door.StatusRequest()).status.head.seq
    health = [json.loads(line) for line in tool("health", "--json", status=None).stdout.splitlines() if line.startswith("{")]
    return len(health) == 5 and all(h["status"] and h["lag"] == 0 for h in health) and head > 0


def volumes_to(folder):
    for service in SERVICES:
        os.makedirs(f"{folder}/{service}")
        docker("cp", f"{container(service)}:/var/lib/doorbraak/{service}/.", f"{folder}/{service}")
    return folder


def make_trouble():
    keys = trial_keys()
    begin_anew()
    front = front_ends_module.FrontEnds(f"tcp://127.0.0.1:{PORTS['INTAKE_PORT']}", SEED,
                                        datetime.datetime(2021, 3, 1, 9, tzinfo=datetime.timezone.utc))
    front.keys = keys
    refused = tool("cases", status=4)
    check("the operator asks nothing about cases", "NOT_ALLOWED" in refused.stderr + refused.stdout, refused.stderr)
    front.pass_time(0)
    tool("registry", "adopt", "--shipped")
    tool("policy", "adopt", "--shipped")
    tool("submit", "--source", "operator", "--message", "SourceRegistered", "--by", "ADMINISTRATOR@NAT-VWS", "--with",
         "{source: portal, organisations: [LT-GM1669, ET-MIDDEN-LIMBURG], roles: [LOCAL_TEAM, CHAIR]}")
    front.start()
    trouble = Trouble(front, random.Random(SEED))
    until(lambda: len(front.acks) > 50, 30, "acknowledgements")
    trouble.is_felt()
    for _ in range(ROUNDS):
        trouble.round()
    before = len(front.acks)
    check("work goes on after it", until(lambda: len(front.acks) > before + 50, 60, "more acknowledgements"))
    front.stopping.set()
    front.join(60)
    check("every submission got its answer", not front.is_alive() and not front.flights, len(front.flights))
    check(f"none was rejected of {front.made}", front.rejected == 0, front.failed)
    check("all have caught up", until(lambda: settled(front), 120, "all at intake's head"), tool("health", status=None).stdout)
    check("all are healthy", until(all_healthy, 60, "all healthy"), docker("ps", "-a"))
    journalled = front.journalled()
    gone = front_ends_module.lost(front.acks, journalled)
    check(f"nothing acknowledged is lost, nothing counts twice ({len(front.acks)} acknowledged, {front.resent} sent again)", not gone, gone[:5])
    first = next(iter(front.acks))
    seeded = [{**front.acks, "message-0": (1, "")}, {**front.acks, first: (front.acks[first][0] + 1, front.acks[first][1])}]
    check("and a loss would be seen", all(front_ends_module.lost(acks, journalled) for acks in seeded))
    live = tool("verify", status=None)
    check("doorbraak verify, while they run", live.returncode == 0, live.stdout + live.stderr)
    codes = []
    for name in ALL:
        docker("stop", name)
        codes.append(docker("inspect", "-f", "{{.State.ExitCode}}", name))
    check("all stop with status 0", codes == ["0"] * 5, codes)
    folder = volumes_to(f"{WORK}/volumes")
    done = run(f"{BIN}/doorbraak", "verify", "--data", folder, status=None)
    check("doorbraak verify --data, on their volumes", done.returncode == 0, done.stdout + done.stderr)
    print("      trouble: " + ", ".join(f"{n} {k}" for k, n in sorted(trouble.done.items())), flush=True)


def clean_up():
    for project in (PROJECT, "restored"):
        subprocess.run(["docker-compose", "--no-ansi", "-f", "docker/compose.yaml", "-p", project, "down", "-v", "--remove-orphans", "-t", "5"],
                       cwd=ROOT, capture_output=True, timeout=120)
    shutil.rmtree(WORK, ignore_errors=True)


sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.makedirs(f"{WORK}/python")
run("protoc", f"--python_out={WORK}/python", "-I", "proto", "-I", "/usr/include",
    *sorted(f"proto/doorbraak/v1/{name}" for name in os.listdir(f"{ROOT}/proto/doorbraak/v1")))
sys.path.insert(0, f"{WORK}/python")
import front_ends as front_ends_module

try:
    for part in (look_at_image, look_at_compose, look_at_page, look_at_prometheus, play_scenarios, look_at_backup, make_trouble):
        try:
            part()
        except (RuntimeError, OSError, TimeoutError, subprocess.TimeoutExpired) as error:
            check(part.__name__, False, error)
            for name in ALL:
                print("\n".join(f"      {name}: {line}" for line in
                                subprocess.run(["docker", "logs", "--tail", "3", name], capture_output=True, text=True).stderr.splitlines()))
finally:
    clean_up()
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(failed != 0)
