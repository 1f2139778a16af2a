#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""docs/openapi.json against services that run: the served document is the shipped one; every path, method and answer in it is asked
for, and what comes has the status, the kind, the headers and the shape that it says. Ends with `N passed, N failed`.

    openapi.py BIN"""
import json
import os
import re
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from services import ROOT, Count, Services, remove, until, work_folder  # noqa: E402

BIN, WORK = os.path.abspath(sys.argv[1]), work_folder()
SCENARIO = f"{ROOT}/tests/scenarios/format.yaml"
PROBLEM = "application/problem+json"
TROUBLE = "503"  # asked for where nothing can be written any more: check_trouble()
count = Count()
DOC = json.load(open(f"{ROOT}/docs/openapi.json"))


# ---- shapes

def resolve(schema):
    while "$ref" in schema:
        node = DOC
        for part in schema["$ref"][2:].split("/"):
            node = node[part]
        schema = node
    return schema


def is_kind(value, kind):
    return {"object": isinstance(value, dict), "array": isinstance(value, list), "string": isinstance(value, str),
            "boolean": isinstance(value, bool), "integer": isinstance(value, int) and not isinstance(value, bool)}[kind]


def faults(value, schema, at="$"):
    """What of a value does not fit its schema, as far as this document uses the language."""
    schema = resolve(schema)
    for part in schema.get("allOf", []):
        yield from faults(value, part, at)
    if "oneOf" in schema:
        fits = [not list(faults(value, part, at)) for part in schema["oneOf"]].count(True)
        if fits != 1:
            yield f"{at}: fits {fits} of {len(schema['oneOf'])} shapes"
        return
    kind = schema.get("type")
    if kind and not is_kind(value, kind):
        yield f"{at}: is no {kind}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value} is none of the list"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value} is not as {schema['pattern']}"
    if schema.get("format") == "date-time" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
        yield f"{at}: {value} is no moment in UTC"
    if kind == "object":
        known = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}: has no {name}"
        for name, member in value.items():
            if name in known:
                yield from faults(member, known[name], f"{at}.{name}")
            elif schema.get("additionalProperties", True) is False:
                yield f"{at}: has {name}, which the document does not know"
    for i, item in enumerate(value if kind == "array" else []):
        yield from faults(item, schema["items"], f"{at}[{i}]")


# ---- asking

def send(url, token=None, method="GET", body=None, **headers):
    """Status, headers, bytes; of a stream what came first."""
    given = {**({"Authorization": f"Bearer {token}"} if token else {}), **{k.replace("_", "-"): v for k, v in headers.items()}}
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    if data is not None:
        given.setdefault("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, given, method=method), timeout=60) as answer:
            stream = answer.headers["Content-Type"] == "text/event-stream"
            return answer.status, answer.headers, answer.readline() if stream else answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()
    except (BrokenPipeError, ConnectionError, urllib.error.URLError):  # what is too large is not read to its end
        return 413, {}, b""


def opening(**more):
    return {"source": "portal", "occurredAt": "2021-03-01T09:00:00Z", "actor": {"role": "ROLE_LOCAL_TEAM", "organisation": "LT-GM0988"},
            "caseSubmitted": {"municipality": "GM0988", "submitter": "SUBMITTER_KIND_PARENT", "asks": "ASK_CONSULTATION"}, **more}


class World:
    """Addresses, keys, and a case to ask for."""

    def __init__(self, services):
        self.find(services)

        def key(name, role, *scopes):
            made = services.tool("keys", "new", "--name", name, "--role", role, "--organisation", "LT-GM0988",
                                 *(part for scope in scopes for part in ("--scope", scope)))
            return re.search(r"dbk_[A-Za-z0-9_-]+", made.stdout)[0]

        self.all = key("all", "SYSTEM", "national", "operator", "source:portal")
        self.few = key("few", "SCHOOL", "source:elsewhere")  # may neither read cases nor hand in for the portal
        self.far = key("far", "MUNICIPALITY", "region:JZ01")
        until(lambda: send(self.url("monitoring", "/registry"), self.far)[0] == 200)
        # What a second one may not see, and what a third one never was.
        self.case = json.loads(send(self.url("monitoring", "/cases?limit=1"), self.all)[2])["cases"][0]["caseId"]

    def find(self, services):
        self.base = {service: services.address(service, "http") for service in ("intake", "monitoring", "signalling")}

    def url(self, service, path):
        return f"{self.base[service]}/v1{path}"


# A question that is answered well, a wrong one, by path.
GOOD = {
    "/cases": "?openOnly=true&limit=3&order=CASES_ORDER_BY_NEXT_DEADLINE", "/cases/{caseId}": "", "/cases/{caseId}/story": "?aheadDays=40&limit=5",
    "/owners/{organisation}/work-list": "?limit=2", "/overview": "?months=36", "/deadlines": "?from=2021-01-01&limit=9",
    "/case-states/stream": "?from=snapshot", "/signals": "?limit=5", "/signals/stream": "?from=head", "/subscriptions": "", "/services": "",
    "/reports/{kind}": "?from=2021-01-01&to=2021-12-31", "/indicators": "?from=2021-01-01&to=2021-12-31&codes=K1&codes=K26",
    "/registry": "?date=2021-06-01", "/policies": "?scope=triage", "/policies/{scope}": "?event=PlanAgreed", "/openapi.json": "",
}
BAD = {**{path: "?colour=red" for path in GOOD}, "/indicators": "?from=2021-01-02&to=2021-12-31", "/overview": "?months=many",
       "/deadlines": "?from=soon", "/registry": "?date=2021-02-30", "/policies": "?scope=all", "/policies/{scope}": "?date=soon",
       "/reports/{kind}": "?from=2021-01-01&to=2021-12-30"}
GONE = "?cursor=" + "ab" * 16 + ".1." + "cd" * 32


def fill(world, path, case=None):
    return path.replace("{caseId}", case or world.case).replace("{organisation}", "LT-GM0988").replace("{kind}", "REPORT_KIND_INDICATORS") \
        .replace("{scope}", "effects")


def ask_read(world, service, path, status):
    """The answer of a path that is read, with this status."""
    def get(query, token=world.all, method="GET", case=None):
        return send(world.url(service, fill(world, path, case) + query), token, method)

    if status == "200":
        return get(GOOD[path])
    if status == "400":
        return get(BAD[path])
    if status == "401":
        return get(GOOD[path], None)
    if status == "403":
        return get(GOOD[path], world.few)
    if status == "404":
        return get("", case="c-none")
    if status == "405":
        return get("", method="DELETE")
    return get(GONE) if status == "410" else None


def ask_submit(world, status, n):
    url = world.url("intake", "/submissions")
    about = {k: v for k, v in opening(id="x", caseId="c-none", consentRecorded={"givenBy": ["PERSON_PARENT"]}).items() if k != "caseSubmitted"}
    send(url, world.all, "POST", opening(id="twice"))
    return {
        "200": lambda: send(url, world.all, "POST", opening(id="twice")),
        "201": lambda: send(url, world.all, "POST", opening(id=f"once-{n}")),
        "400": lambda: send(url, world.all, "POST", {"colour": 1}),
        "401": lambda: send(url, None, "POST", opening(id="x")),
        "403": lambda: send(url, world.few, "POST", opening(id="x")),
        "405": lambda: send(url, world.all, "GET"),
        "413": lambda: send(url, world.all, "POST", b" " * ((1 << 20) + 1)),
        "415": lambda: send(url, world.all, "POST", opening(id="x"), Content_Type="text/plain"),
        "422": lambda: send(url, world.all, "POST", about),
    }[status]()


# ---- checking

def check_answer(name, wanted, said, answer):
    status, headers, body = answer
    if not count.check(f"{name}: status", str(status) == wanted, (status, body[:300])) or not headers:
        return
    said = resolve(said)
    kind = (headers.get("Content-Type") or "").split(";")[0]
    count.check(f"{name}: of a kind that is told", kind in said.get("content", {}), kind)
    for header in said.get("headers", {}):
        count.check(f"{name}: has {header}", headers.get(header), dict(headers))
    if kind.endswith("json") and kind in said.get("content", {}):
        wrong = list(faults(json.loads(body), said["content"][kind]["schema"]))
        count.check(f"{name}: shape", not wrong, wrong[:5])
    if kind == "text/html":  # the library answers by itself, before a route is found
        return
    for header in ("X-Content-Type-Options", "Cache-Control", "Content-Security-Policy"):
        count.check(f"{name}: {header}", headers.get(header), dict(headers))


def service_of(path, doc):
    return doc.get("servers", DOC["servers"])[0]["description"]


def check_paths(world):
    n = 0
    for path, doc in DOC["paths"].items():
        for method, operation in doc.items():
            if method in ("servers", "parameters"):
                continue
            for status, said in operation["responses"].items():
                n += 1
                name = f"{method.upper()} {path} {status}"
                if status == TROUBLE:
                    continue
                answer = ask_submit(world, status, n) if method == "post" else ask_read(world, service_of(path, doc), path, status)
                if count.check(f"{name}: there is a way to it", answer is not None):
                    check_answer(name, status, said, answer)


def check_trouble(world):
    """The same services, started again where less is free than they must leave: intake keeps nothing, nobody can be shown a case
    (who looked could not be written down), and the others do not hear what time it is. Each path whose document names 503 says so."""
    for path, doc in DOC["paths"].items():
        for method in ("get", "post"):
            said = doc.get(method, {}).get("responses", {}).get(TROUBLE)
            if said is None:
                continue
            answer = ask_read(world, service_of(path, doc), path, "200") if method == "get" else \
                send(world.url("intake", path), world.all, "POST", opening(id="full"))
            check_answer(f"{method.upper()} {path} {TROUBLE}", TROUBLE, said, answer)
    status, _, body = send(world.url("monitoring", "/openapi.json"))
    count.check("what needs no service goes on", status == 200 and json.loads(body) == DOC)


def check_queries(world):
    """Every key that the document names is known, and no other: the service names them all."""
    for path, doc in DOC["paths"].items():
        operation = doc.get("get")
        if operation is None:
            continue
        named = {resolve(p)["name"] for p in operation.get("parameters", []) if resolve(p)["in"] == "query"}
        unknown = send(world.url(service_of(path, doc), fill(world, path)) + "?" + "&".join(f"{n}=" for n in sorted(named | {"colour"})), world.all)
        told = {v["field"] for v in json.loads(unknown[2]).get("violations", []) if v["code"] == "UNKNOWN_KEY"} if unknown[0] == 400 else None
        count.check(f"GET {path}: keys of the query", told == {"colour"}, unknown[2][:300])


def check_served(world):
    shipped = open(f"{ROOT}/docs/openapi.json", "rb").read()
    for service in world.base:
        status, headers, body = send(world.url(service, "/openapi.json"))
        count.check(f"{service}: serves the shipped document", status == 200 and body == shipped)
        count.check(f"{service}: every page may read it", headers["Access-Control-Allow-Origin"] == "*")


def check_csv(world):
    status, headers, body = send(world.url("monitoring", fill(world, "/reports/{kind}") + GOOD["/reports/{kind}"]), world.all, Accept="text/csv")
    head = DOC["paths"]["/reports/{kind}"]["get"]["responses"]["200"]["content"]["text/csv"]["example"]
    count.check("report as CSV", status == 200 and headers["Content-Type"].startswith("text/csv") and body.decode().startswith(head + "\n"), body[:200])


def check_hidden(world):
    """One that is another's looks like one that is not there."""
    for path in ("/cases/{caseId}", "/cases/{caseId}/story"):
        other = send(world.url("monitoring", fill(world, path)), world.far)
        none = send(world.url("monitoring", fill(world, path, "c-none")), world.far)
        count.check(f"{path}: not yours looks like not there", other[0] == none[0] == 404 and other[2] == none[2], (other[0], none[0]))


try:
    with Services(BIN, f"{WORK}/run") as services:
        services.tool("play", SCENARIO)
        services.tool("submit", "--message", "SourceRegistered", "--by", "ADMINISTRATOR@NAT-VWS", "--set", "source=portal",
                      "--set", "organisations=[LT-GM0988]", "--set", "roles=[LOCAL_TEAM]")
        world = World(services)
        check_served(world)
        check_paths(world)
        check_queries(world)
        check_csv(world)
        check_hidden(world)
    os.environ.update(DOORBRAAK_DISK_RESERVE="1024G", DOORBRAAK_DISK_WARN="1024G")
    with Services(BIN, f"{WORK}/run", ready=False) as services:
        world.find(services)
        check_trouble(world)
finally:
    remove(WORK)
count.end()
