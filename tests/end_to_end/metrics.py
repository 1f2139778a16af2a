#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""What an operator watches, against services that run: metrics that Prometheus takes, a dashboard and alerts that name nothing else, alerts
that fire and have a section in docs/operations.md, a Prometheus that scrapes all five and notices one that stands still, and probes that
tell alive, started and ready apart. Ends with `N passed, N failed[, N skipped]`.

    metrics.py BIN"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from services import ROOT, ROW, Count, Services, free_ports, remove, until, work_folder  # noqa: E402

BIN, WORK = os.path.abspath(sys.argv[1]), work_folder()
SHIPPED = f"{ROOT}/docker/prometheus"
count = Count()


def get(url):
    """Status and text; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError:
        return 0, ""


def promtool(*arguments, text=None):
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, timeout=120)
    return done.returncode == 0, done.stdout + done.stderr


# ---- what is shipped, by itself


def alert_names():
    return re.findall(r"^ +- alert: (\w+)$", open(f"{SHIPPED}/alerts.yaml").read(), re.M)


def names_in(expression):
    """Metrics that an expression names; what stands behind an underscore of a histogram is taken off."""
    return {re.sub("_bucket$", "", name) for name in re.findall(r"\b(?:doorbraak_\w+|up)\b", re.sub(r'"[^"]*"', "", expression))}


def dashboard_expressions():
    board = json.load(open(f"{SHIPPED}/dashboard.json"))
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def alert_expressions():
    return re.findall(r"^ +expr: '(.*)'$", open(f"{SHIPPED}/alerts.yaml").read(), re.M)


def check_sections():
    page = open(f"{ROOT}/docs/operations.md").read()
    part = re.search(r"^## Alerts\n(.*?)^## ", page, re.M | re.S).group(1)
    sections, alerts = re.findall(r"^### (\w+)$", part, re.M), alert_names()
    count.check("every alert has a section, and every section an alert", sections == alerts, set(sections) ^ set(alerts))
    links = re.findall(r"runbook_url: docs/operations.md#(\w+)", open(f"{SHIPPED}/alerts.yaml").read())
    count.check("every alert leads to its section", links == [name.lower() for name in alerts], links)
    rules = open(f"{SHIPPED}/alerts.yaml").read()
    for word in ("for", "severity", "summary"):
        count.check(f"every alert has a {word}", len(re.findall(rf"\b{word}: ", rules)) == len(alerts))
    tested = open(f"{SHIPPED}/alerts_test.yaml").read()
    for name in alerts:
        count.check(f"{name} is seen to fire, and not to", f"{name} fires" in tested and f"{name} does not" in tested)


def check_shipped():
    ok, said = promtool("test", "rules", f"{SHIPPED}/alerts_test.yaml")
    count.check("every alert fires at its value, and not before", ok, said)
    ok, said = promtool("check", "config", f"{SHIPPED}/prometheus.yml")
    count.check("prometheus.yml is right", ok, said)
    rules = [{"record": f"panel:{i}", "expr": e} for i, e in enumerate(dashboard_expressions())]
    with open(f"{WORK}/panels.yaml", "w") as out:
        json.dump({"groups": [{"name": "panels", "rules": rules}]}, out)
    ok, said = promtool("check", "rules", f"{WORK}/panels.yaml")
    count.check("every expression of the dashboard can be read", ok, said)


# ---- against services that run


def check_metrics(services, have_promtool):
    known = {"up"}
    for service in ROW:
        status, text = get(services.address(service, "http") + "/metrics")
        count.check(f"/metrics of {service}", status == 200 and "\ndoorbraak_metrics_cut 0\n" in text, text[:200])
        if have_promtool:
            ok, said = promtool("check", "metrics", text=text)
            count.check(f"/metrics of {service} is as Prometheus wants it", ok, said)
        types = set(re.findall(r"^# TYPE (\w+) ", text, re.M))
        count.check(f"every metric of {service} has a help", types == set(re.findall(r"^# HELP (\w+) \S", text, re.M)))
        known |= types
    for what, expressions in (("dashboard", dashboard_expressions()), ("alerts", alert_expressions())):
        named = set().union(*map(names_in, expressions))
        count.check(f"the {what} name no metric that is not there", len(named) > 8 and named <= known, named - known)


def value(text, series):
    found = re.search(rf"^doorbraak_{re.escape(series)} (\S+)$", text, re.M)
    return float(found.group(1)) if found else None


def check_figures(services):
    """Some that a reader would believe blindly."""
    text = {service: get(services.address(service, "http") + "/metrics")[1] for service in ROW}
    for service in ROW:
        t = text[service]
        count.check(f"{service}: the buckets of the histogram hold all commits",
                    value(t, 'commit_seconds_bucket{le="+Inf"}') == value(t, "commit_seconds_count") == value(t, "commits_total") > 0)
        count.check(f"{service}: its day began today or yesterday",
                    0 <= value(t, "clock_timestamp_seconds") - value(t, "day_timestamp_seconds") < 2 * 86400, t[-500:])
        count.check(f"{service}: room is what is configured", value(t, "disk_warn_bytes") == 1 << 30 and
                    value(t, "disk_reserve_bytes") == 256 << 20)
        count.check(f"{service}: not behind", service == "intake" or value(t, "lag_records") == value(t, "lag_seconds") == 0)


def prometheus_config(services):
    """The shipped files, faster, and at the addresses of these services."""
    config = open(f"{SHIPPED}/prometheus.yml").read().replace("15s", "1s").replace("10s", "1s")
    targets = open(f"{SHIPPED}/targets.yaml").read()
    for service in ROW:
        port = 7201 + ROW.index(service)
        targets = targets.replace(f"127.0.0.1:{port}", services.address(service, "http").removeprefix("http://"))
    rules = re.sub(r"for: \w+$", "for: 1s", open(f"{SHIPPED}/alerts.yaml").read(), flags=re.M)
    for name, text in (("prometheus.yml", config), ("targets.yaml", targets), ("alerts.yaml", rules)):
        with open(f"{WORK}/{name}", "w") as out:
            out.write(text)


def check_prometheus(services):
    prometheus_config(services)
    address = f"127.0.0.1:{free_ports() + 150}"
    with open(f"{WORK}/prometheus.log", "w") as log:
        prometheus = subprocess.Popen(
            ["prometheus", f"--config.file={WORK}/prometheus.yml", f"--storage.tsdb.path={WORK}/data",
             f"--web.listen-address={address}"], stdout=log, stderr=log)

    def api(path):
        status, text = get(f"http://{address}/api/v1/{path}")
        return json.loads(text)["data"] if status == 200 else {}

    def up():
        return sorted(t["labels"]["service"] for t in api("targets").get("activeTargets", []) if t["health"] == "up")

    def firing():
        return {(a["labels"]["alertname"], a["labels"].get("service")) for a in api("alerts").get("alerts", []) if a["state"] == "firing"}

    try:
        if not count.check("Prometheus scrapes all five", until(lambda: up() == sorted(ROW), 60), up()):
            print(open(f"{WORK}/prometheus.log").read()[-2000:])
            return
        loaded = [rule["name"] for group in api("rules").get("groups", []) for rule in group["rules"]]
        count.check("its alerts are loaded", loaded == alert_names(), loaded)
        # Disks of test machines are as they are.
        count.check("no alert fires when all is well", {a for a in firing() if "Disk" not in a[0]} == set(), firing())
        stopped = services.pid("routing")
        os.kill(stopped, signal.SIGSTOP)
        try:
            count.check("a service that stands still fires its alert", until(lambda: ("DoorbraakDown", "routing") in firing(), 60), firing())
        finally:
            os.kill(stopped, signal.SIGCONT)
        count.check("and it ends when it goes on", until(lambda: ("DoorbraakDown", "routing") not in firing(), 60), firing())
    finally:
        prometheus.terminate()
        prometheus.wait(30)


# ---- probes


def check_probes():
    """One service alone, whose upstream is dead."""
    os.makedirs(f"{WORK}/alone", exist_ok=True)
    with open(f"{WORK}/alone.log", "w") as log:
        alone = subprocess.Popen([f"{BIN}/doorbraak-triage", "--data", f"{WORK}/alone/triage", "--listen", f"ipc://{WORK}/alone/door", "--http",
                                  "127.0.0.1:0", "--upstream", f"ipc://{WORK}/alone/nobody"], stderr=log)
    try:
        def url():
            with open(f"{WORK}/alone/triage.address") as lines:
                return next((line.split(" ", 1)[1].strip() for line in lines if line.startswith("http: ")), None)

        base = until(lambda: os.path.exists(f"{WORK}/alone/triage.address") and url())
        count.check("started, though its upstream is dead", until(lambda: get(base + "/startedz")[0] == 200))
        status, text = get(base + "/readyz")
        count.check("not ready, and how far it is", status == 503 and json.loads(text)["codes"] == ["catching_up"] and
                    json.loads(text)["applied"] == 0, text)
        silent = until(lambda: "upstream_silent" in get(base + "/readyz")[1], 40)
        count.check("after a while it says whose fault it is", silent, get(base + "/readyz"))
        count.check("alive all the same", get(base + "/healthz")[0] == 200)
    finally:
        alone.terminate()
        count.check("and it stops as asked", alone.wait(30) == 0)


def main():
    tools = shutil.which("promtool") and shutil.which("prometheus")
    check_sections()
    if tools:
        check_shipped()
    else:
        count.skip("promtool needs the package prometheus (tools/packages extra)")
    with Services(BIN, f"{WORK}/run", driven=False, open_door=True, ports=free_ports()) as services:
        check_metrics(services, tools)
        check_figures(services)
        if tools:
            check_prometheus(services)
        else:
            count.skip("scraping needs the package prometheus (tools/packages extra)")
    check_probes()
    remove(WORK)
    count.end()


main()
