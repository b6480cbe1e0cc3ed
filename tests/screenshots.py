#!/usr/bin/env python3
"""Makes a picture of each page (light, dark, phone) and measures how it paints.

    cargo build && tests/screenshots.py [--keep] [--keys 100000]

Pictures land in tests/output/screenshots, which git ignores; the table of what was measured on the
loopback goes to standard output: the server's time, the largest paint, the layout shift, the bytes that crossed the wire
and the requests of a first visit. With --keep the six of the guides are renewed in docs/.

It starts a server and a chromedriver of its own on free ports and ends both.
"""

import argparse
import base64
import collections
import datetime
import json
import os
import pathlib
import random
import re
import sqlite3
import struct
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "tests/output/screenshots"
HEIGHT_MAX = 2400
PASSWORD = "a quiet lake at night"
# The largest paint, the layout shift, and the bytes and requests of a first visit.
PAINT_MS_MAX, SHIFT_MAX, BYTES_MAX, REQUESTS_MAX = 300, 0.0, 60_000, 4
KEPT = {"keys": "keys", "key": "key", "new-key-scopes": "create", "overview": "overview",
        "audit": "audit", "backups": "backups"}
KEPT_BYTES_MAX, KEPT_ROWS_MAX = 60_000, 720


class Server:
    def __init__(self, binary, data):
        self.binary, self.data = binary, data

    def run(self, *words, stdin=None):
        command = [self.binary, "--data-dir", self.data, *words]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(words)}: {done.stderr}")
        return done.stdout.strip()

    def start(self):
        command = [self.binary, "--data-dir", self.data, "serve", "--listen", "127.0.0.1:0"]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self.child.stdout.readline().split()[-1]


class Browser:
    def __init__(self, profile, dark, phone):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        port = next(line.rsplit("port ", 1)[1].strip(" .\n") for line in self.driver.stdout
                    if "successfully on port" in line)
        self.is_phone = phone
        self.url = f"http://127.0.0.1:{port}/session"
        args = ["headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "hide-scrollbars",
                "no-first-run", "disable-background-networking", "disable-component-update",
                "force-prefers-reduced-motion", "window-size=1280,800", f"user-data-dir={profile}",
                f"blink-settings=preferredColorScheme={0 if dark else 1}"]
        options = {"args": [f"--{arg}" for arg in args]}
        if phone:
            metrics = {"width": 360, "height": 740, "pixelRatio": 2.0, "touch": True}
            options["mobileEmulation"] = {"deviceMetrics": metrics}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options,
                  "goog:loggingPrefs": {"browser": "ALL"}}
        self.id = self.send("", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def send(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"content-type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def go(self, url):
        self.send(f"/{self.id}/url", {"url": url})

    def run(self, script):
        return self.send(f"/{self.id}/execute/sync", {"script": script, "args": []})

    def run_to_end(self, script):
        return self.send(f"/{self.id}/execute/async", {"script": script, "args": []})

    def cdp(self, cmd, **params):
        return self.send(f"/{self.id}/goog/cdp/execute", {"cmd": cmd, "params": params})

    def picture(self, path):
        """The whole page on a screen that is as high as it is, so that nothing sticks halfway."""
        width, height, page = self.run(
            "return [innerWidth, innerHeight, document.documentElement.scrollHeight]")
        self.screen(width, max(height, min(page, HEIGHT_MAX)))
        self.run_to_end("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))")
        shot = self.cdp("Page.captureScreenshot")
        path.write_bytes(base64.b64decode(shot["data"]))
        self.screen(width, height)

    def screen(self, width, height):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=2 if self.is_phone else 1, mobile=self.is_phone)

    def sign_in(self, server):
        self.go(server.url + "/sign-in")
        self.run(f"user.value = 'anna'; password.value = {json.dumps(PASSWORD)};"
                 "document.querySelector('main form').submit()")
        while "/sign-in" in self.run("return location.pathname"):
            pass

    def close(self):
        self.send(f"/{self.id}", method="DELETE")
        self.driver.kill()
        self.driver.wait()


# The largest paint and the sum of layout shifts of a page that has settled: two frames with nothing to do.
MEASURE = """
const done = arguments[arguments.length - 1];
let paint = 0, shift = 0;
new PerformanceObserver((l) => l.getEntries().forEach((e) => { paint = e.startTime; }))
  .observe({ type: 'largest-contentful-paint', buffered: true });
new PerformanceObserver((l) => l.getEntries().forEach((e) => { shift += e.value; }))
  .observe({ type: 'layout-shift', buffered: true });
const wire = () => {
  const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  return { bytes: all.reduce((sum, e) => sum + e.transferSize, 0), requests: all.length,
           server: all[0].responseStart - all[0].requestStart };
};
let frames = 0;
const settle = () => {
  frames += 1;
  if (frames < 3 || (!paint && frames < 120)) return requestAnimationFrame(settle);
  done({ paint, shift, ...wire(),
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth });
};
requestIdleCallback(settle);
"""


def furnish(server):
    """Keys of every state, a past of four months, accounts, rules, and people."""
    server.run("init")
    for name, role in [("anna", "admin"), ("ben", "admin"), ("vera", "viewer")]:
        server.run("user", "add", name, "--role", role, "--password-stdin", stdin=PASSWORD + "\n")
    server.run("route", "add", "--preset", "example")
    server.run("project", "create", "staging", "--prefix", "acme_staging")
    server.run("project", "set", "default", "--contact", "keys@acme.example")
    make_account = lambda *words: json.loads(server.run("--json", "account", "create", *words))["id"]
    account = make_account("Acme GmbH", "--external-id", "cust-4711")
    globex = make_account("Globex Corporation", "--external-id", "cust-4712")
    make_account("Société Générale de Réassurance et de Prévoyance", "--external-id", "cust-4713-eu-west-3")
    trial = make_account("Trial of a friend")
    server.run("account", "set", account, "--rate", "1000/60", "--quota", "1000000/month")
    make = lambda *words: json.loads(server.run("--json", "create", *words))["key"]["id"]
    ids = {
        "old-laptop": make("old-laptop"),
        "staging-import": make("staging-import", "--preset", "read-only", "--expires", "6d"),
        "night-report": make("night-report", "--scope", "unified:read", "--account", globex, "--expires", "300d"),
        "friend": make("a friend’s first try", "--account", trial, "--preset", "read-only"),
        "production-hris-sync": make("production-hris-sync", "--account", account),
        "provisioner": make("provisioner", "--scope", "keys:read", "--scope", "keys:write"),
        "eu": make("eu-central-1-production-payroll-export-nightly-reconciliation", "--account", globex),
        "my-agent-key": make("my-agent-key", "--preset", "ai-agent", "--account", account, "--note",
                             "Ask Dana before you change it: the support bot runs on it."),
        "ci-smoke": make("ci-smoke", "--preset", "none"),
    }
    server.run("set", "my-agent-key", "--rate", "500/60", "--quota", "20000/day")
    server.run("set", "production-hris-sync", "--rate", "200/60")
    server.run("set", "production-hris-sync", "--note", "The HR sync in production.")
    server.run("disable", "old-laptop", "--reason", "The laptop was lost.")
    server.run("account", "disable", trial)
    server.run("rotate", "my-agent-key", "--overlap", "24h")
    live_a_past(server, ids)
    return ids, account


# Requests an hour when it is busy, from where, seconds since the last one, days of use.
USERS = {
    "my-agent-key": (380, "198.51.100.20", 2, 90), "production-hris-sync": (150, "203.0.113.7", 140, 90),
    "eu": (95, "2001:db8:4f2:11::9", 31, 40), "staging-import": (40, "203.0.113.9", 100_000, 60),
    "night-report": (14, "198.51.100.77", 52_000, 21), "provisioner": (6, "10.0.4.12", 11_000, 90),
}


def live_a_past(server, ids):
    """Uses of the last ninety days, as if they had been counted then: of keys, their accounts and the project."""
    now = datetime.datetime.now(datetime.timezone.utc).timestamp()
    hour, day = int(now // 3600), int(now // 86400)
    dice = random.Random(7)
    base = sqlite3.connect(pathlib.Path(server.data) / "keysrv.db")
    project = base.execute("SELECT seq FROM projects WHERE name = 'default'").fetchone()[0]
    for name, (size, ip, ago, days) in USERS.items():
        seq, account = base.execute("SELECT seq, account_seq FROM keys WHERE id = ?", (ids[name],)).fetchone()
        for unit, at, code, count in past_of_a_key(dice, size, days, hour, day):
            for table, owner in [("usage", seq), ("account", account), ("project", project)]:
                if owner:
                    column = "key" if table == "usage" else table
                    base.execute(f"INSERT INTO {table}_{unit}s ({column}_seq, {unit}, code, count) VALUES (?, ?, ?, ?)"
                                 " ON CONFLICT DO UPDATE SET count = count + excluded.count", (owner, at, code, count))
        base.execute("UPDATE keys SET last_used_at = ?, last_used_ip = ? WHERE seq = ?", (int((now - ago) * 1000), ip, seq))
    agent = base.execute("SELECT seq FROM keys WHERE id = ?", (ids["my-agent-key"],)).fetchone()[0]
    refused = [(20, "rate_limited", "POST", "/actions/rpc"), (2_400, "insufficient_scope", "GET", "/unified/hris/employees"),
               (9_000, "insufficient_scope", "GET", "/unified/hris/employees"), (61_000, "ip_denied", None, None)]
    for ago, code, method, path in reversed(refused):
        base.execute("INSERT INTO refusals (key_seq, at, code, ip, method, path) VALUES (?, ?, ?, ?, ?, ?)",
                     (agent, int((now - ago) * 1000), code, "198.51.100.20", method, path))
    base.execute("UPDATE keys SET last_refused_at = ?, last_refused_code = 'rate_limited' WHERE seq = ?",
                 (int((now - 20) * 1000), agent))
    today = datetime.datetime.now(datetime.timezone.utc).date()
    of_account = base.execute("SELECT account_seq FROM keys WHERE seq = ?", (agent,)).fetchone()[0]
    for table, owner, period, used in [("key", agent, today, 14_210), ("account", of_account, today.replace(day=1), 612_904)]:
        limits = base.execute(f"SELECT limits FROM {table}s WHERE seq = ?", (owner,)).fetchone()[0]
        since = int(re.search(r"since=(\d+)", limits)[1])
        base.execute(f"INSERT OR REPLACE INTO {table}_quotas ({table}_seq, since, period, used) VALUES (?, ?, ?, ?)",
                     (owner, since, str(period), used))
    for scope in ["actions:execute", "connectors:read"]:
        base.execute("INSERT INTO scopes_asked VALUES (?, ?, ?, ?)", (agent, scope, day - 80, day))
    for network, size in [("192.0.2.0/24", 40), ("198.51.100.0/24", 9), ("2001:db8:77::/48", 3)]:
        for back in range(72):
            for code in ["not_found", "malformed"]:
                count = int(size * dice.choice([0, 0, .2, .5, 1, 1, 4]) * (1 if code == "not_found" else .3))
                if count:
                    base.execute("INSERT INTO stranger_hours VALUES (?, ?, ?, ?)", (hour - back, network, code, count))
    base.execute("UPDATE users SET last_sign_in_at = ? WHERE name = 'vera'", (int((now - 190_000) * 1000),))
    count_keys(base)
    base.commit()
    base.close()


def past_of_a_key(dice, size, days, hour, day):
    """Unit, number, verdict and count: days until three days ago, hours since then, weekends calm."""
    for back in range(4, days):
        busy = size * 12 * (0.35 if (day - back + 3) % 7 in (5, 6) else 1) * (1.3 - back / 300)
        yield "day", day - back, "valid", max(1, int(busy * dice.uniform(.8, 1.1)))
        bad = int(busy * dice.choice([0, .005, .01, .02, .03, .14 if dice.random() < .25 else .01]))
        if bad:
            yield "day", day - back, "insufficient_scope", bad
    for back in range(24 * 3 + int(hour % 24) + 1):
        wave = 1 if 6 <= (hour - back) % 24 <= 18 else .3
        yield "hour", hour - back, "valid", max(1, int(size * .75 * wave * dice.uniform(.6, 1.2)))
        if dice.random() < .2:
            yield "hour", hour - back, "rate_limited", max(1, int(size * .07))


def age(server, ids):
    """Makes what has just been done a history of four months. It breaks the chain of the audit log, so the
    backup, which proves it, comes first."""
    now = int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000)
    base = sqlite3.connect(pathlib.Path(server.data) / "keysrv.db")
    events, steps = base.execute("SELECT n, action FROM audit ORDER BY n").fetchall(), []
    for event, action in events:
        # The example's rules came at once.
        steps.append((event, (steps[-1][1] if steps else 0) + (action != "route.added")))
    n = steps[-1][1]
    made = max(step for (event, step), (_, action) in zip(steps, events) if action == "key.created")
    day = 86_400_000
    for event, step in steps:
        back = int(day * (200 - 95 * step / made if step <= made else 60 * ((n - step) / (n - made)) ** 2)) + 420_000 * (n - step)
        who = "anna" if event % 3 else "ben"
        base.execute("UPDATE audit SET at = ? WHERE n = ?", (now - back, event))
        base.execute("UPDATE audit SET actor_kind = 'user', actor_id = ?, actor_name = ? WHERE n = ?"
                     " AND action IN ('account.created', 'account.changed', 'account.disabled') OR n = ? AND action LIKE 'key.%'",
                     (who, who, event, event))
    for n_secret, created, seen in [(1, "key.created", 1_204), (2, "key.rotated", 310)]:
        base.execute("UPDATE key_secrets SET created_at = (SELECT at FROM audit WHERE target_id = ?1 AND action = ?2),"
                     " n_seen = ?3, last_seen_at = ?4, last_seen_ip = '198.51.100.20'"
                     " WHERE key_seq = (SELECT seq FROM keys WHERE id = ?1) AND n = ?5",
                     (ids["my-agent-key"], created, seen, now - 2000 * n_secret, n_secret))
    for key in ids.values():
        base.execute("UPDATE keys SET created_at = (SELECT at FROM audit WHERE target_id = ?1 AND action = 'key.created'),"
                     " created_by_kind = 'user', created_by_name = 'anna' WHERE id = ?1", (key,))
    base.execute("UPDATE accounts SET created_at = coalesce((SELECT at FROM audit WHERE target_id = accounts.id"
                 " AND action = 'account.created'), created_at)")
    base.commit()
    base.close()


def count_keys(base):
    """As keysrv does when it makes a key or one is used for the first time."""
    base.execute("UPDATE project_counts SET (n_keys, n_never_used) = (SELECT count(*), coalesce(sum(last_used_at = 0), 0)"
                 " FROM keys WHERE keys.project_seq = project_counts.project_seq)")


def multiply(server, n):
    """So many more keys of four months, like one that is there, each with its secret and scopes."""
    base = sqlite3.connect(pathlib.Path(server.data) / "keysrv.db")
    base.row_factory = sqlite3.Row
    like = dict(base.execute("SELECT * FROM keys WHERE name = 'production-hris-sync'").fetchone())
    secret = dict(base.execute("SELECT * FROM key_secrets WHERE key_seq = ?", (like["seq"],)).fetchone())
    scopes = [row[0] for row in base.execute("SELECT scope FROM key_scopes WHERE key_seq = ?", (like["seq"],))]
    first, dice = base.execute("SELECT max(seq) + 1 FROM keys").fetchone()[0], random.Random(7)
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    def insert(table, rows):
        names = list(rows[0])
        base.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
                         [tuple(row.values()) for row in rows])

    insert("keys", [{**like, "seq": first + i, "id": "".join(dice.choices(letters, k=12)),
                     "name": f"{dice.choice(['agent', 'sync', 'import', 'ci'])}-{i:06}", "account_seq": None,
                     "last_used_at": like["last_used_at"] - dice.randrange(10 ** 10) if i % 5 else 0,
                     "last_used_ip": like["last_used_ip"] if i % 5 else None} for i in range(n)])
    insert("key_secrets", [{**secret, "key_seq": first + i, "hash": dice.randbytes(32)} for i in range(n)])
    insert("key_scopes", [{"project_seq": like["project_seq"], "scope": scope, "key_seq": first + i}
                          for i in range(n) for scope in scopes])
    base.execute("INSERT INTO key_search (rowid, name) SELECT (project_seq << 40) + seq, name FROM keys"
                 " WHERE seq > (SELECT seq FROM key_search_end)")
    base.execute("UPDATE key_search_end SET seq = (SELECT max(seq) FROM keys)")
    count_keys(base)
    base.commit()
    base.close()


def make_backup(server):
    """Makes a backup as the page does it, so that it is a proven one."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    opener.addheaders = [("Origin", server.url)]
    for path, fields in [("/sign-in", {"name": "anna", "password": PASSWORD}), ("/server/backups", {})]:
        opener.open(server.url + path, urllib.parse.urlencode(fields).encode()).read()


def pages(ids, account, backup):
    key = f"/p/default/keys/{ids['my-agent-key']}"
    return {
        "docs": "/docs",
        "keys": "/p/default/keys",
        "keys-no-match": "/p/default/keys?q=nothing",
        "keys-empty": "/p/staging/keys",
        "new-key": "/p/default/keys/new",
        "new-key-scopes": "/p/default/keys/new?preset=ai-agent",
        "key": key,
        "key-token": f"{key}/token",
        "key-disable": f"{key}/disable",
        "key-rotate": f"{key}/rotate",
        "key-limits": f"{key}/limits",
        "key-edit": f"{key}/edit",
        "key-delete": f"{key}/delete",
        "key-explain": f"{key}/explain",
        "accounts": "/p/default/accounts",
        "account-new": "/p/default/accounts/new",
        "account": f"/p/default/accounts/{account}",
        "scopes": "/p/default/scopes",
        "scope": "/p/default/scopes/actions%3Aexecute",
        "preset": "/p/default/presets/ai-agent",
        "account-delete": f"/p/default/accounts/{account}/delete",
        "keys-selected": "/p/default/selected-keys?do=disable&" + "&".join(f"key={id}" for id in list(ids.values())[:4]),
        "overview-empty": "/p/staging/overview",
        "routes": "/p/default/routes?method=GET&path=/unified/a",
        "proxy": "/p/default/proxy?kind=haproxy",
        "new-project": "/server/new-project",
        "settings": "/p/default/settings",
        "overview": "/p/default/overview",
        "users": "/server/users",
        "new-user": "/server/new-user",
        "user": "/server/users/vera",
        "audit": "/server/audit",
        "audit-filtered": "/server/audit?what=key&from=2026-01-01&by=nobody",
        "backups": "/server/backups",
        "backup-download": f"/server/backups/{backup}/download",
        "me": "/me",
        "not-found": "/no/such/page",
    }


LOOKS = {"light": (False, False), "dark": (True, False), "phone": (False, True)}


def look(server, name, listed, only):
    """Pictures of all pages in one look; answers with what was measured."""
    dark, phone = LOOKS[name]
    measured = {}
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile, dark, phone)
        try:
            browser.go(server.url + "/sign-in")
            browser.picture(OUT / f"sign-in-{name}.png")
            measured["sign-in"] = browser.run_to_end(MEASURE)
            browser.sign_in(server)
            browser.cdp("Network.enable")
            for page, path in listed.items():
                if only and page not in only:
                    continue
                # A first visit has nothing of ours yet.
                browser.cdp("Network.clearBrowserCache")
                browser.go(server.url + path)
                measured[page] = browser.run_to_end(MEASURE)
                if page == "new-key-scopes":
                    browser.run("document.querySelector('details.scopes').open = true")
                browser.picture(OUT / f"{page}-{name}.png")
        finally:
            browser.close()
    return measured


def tell(measured):
    """The table, and what of it is too much."""
    print(f"{'page':<18}{'look':<7}{'server ms':>10}{'paint ms':>10}{'shift':>8}{'bytes':>8}{'requests':>10}{'too wide':>10}")
    wrong = []
    for (page, name), found in sorted(measured.items()):
        print(f"{page:<18}{name:<7}{found['server']:>10.1f}{found['paint']:>10.0f}{found['shift']:>8.3f}"
              f"{found['bytes']:>8.0f}{found['requests']:>10}{found['wide']:>10}")
        limits = [("paint", PAINT_MS_MAX), ("shift", SHIFT_MAX), ("bytes", BYTES_MAX),
                  ("requests", REQUESTS_MAX), ("wide", 0)]
        wrong += [f"{page} ({name}): {what} is {found[what]:g}, at most {most:g}"
                  for what, most in limits if found[what] > most]
    return wrong


def keep():
    """Renews the pictures of the guides, with few colours, so that they are small."""
    for page, name in KEPT.items():
        made = OUT / f"{page}-light.png"
        small = with_few_colours(made.read_bytes(), KEPT_ROWS_MAX) if made.exists() else b""
        if 0 < len(small) <= KEPT_BYTES_MAX:
            (ROOT / f"docs/{name}.png").write_bytes(small)
        else:
            print(f"not kept: {made.name}, {len(small)} bytes", file=sys.stderr)


def with_few_colours(png, rows_max, n=96):
    """The top of a picture with n colours, mostly its commonest (https://www.w3.org/TR/png-3/)."""
    chunks, at = {}, 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        chunks[kind] = chunks.get(kind, b"") + png[at + 8:at + 8 + size]
        at += 12 + size
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert depth == 8 and colour in (2, 6), "Chromium writes eight bits of RGB or RGBA"
    step = 3 if colour == 2 else 4
    rows = unfiltered(zlib.decompress(chunks[b"IDAT"]), width * step, step)[:rows_max]
    height = len(rows)
    pixels = [row[x:x + 3] for row in rows for x in range(0, width * step, step)]
    counted = collections.Counter(pixels).most_common()
    common = [found for found, _ in counted[:n - n // 6]]
    # And the few that are like none of them, such as a small green dot.
    rare = [found for found, count in counted[n - n // 6:] if count >= 8]
    while rare and len(common) < n:
        odd = max(rare, key=lambda one: min(sum((a - b) ** 2 for a, b in zip(one, other)) for other in common))
        common.append(odd)
        rare.remove(odd)
    nearest = {}
    for pixel in set(pixels):
        nearest[pixel] = min(range(len(common)), key=lambda i: sum((a - b) ** 2 for a, b in zip(common[i], pixel)))
    lines = (bytes(nearest[pixel] for pixel in pixels[y * width:(y + 1) * width]) for y in range(height))
    data = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return png[:8] + chunk(b"IHDR", head) + chunk(b"PLTE", b"".join(common)) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def unfiltered(data, line, step):
    """The rows of a picture, each with its own filter undone."""
    before, rows = bytes(line), []
    for at in range(0, len(data), line + 1):
        how, row = data[at], bytearray(data[at + 1:at + 1 + line])
        for x in range(line):
            left, up = row[x - step] if x >= step else 0, before[x]
            corner = before[x - step] if x >= step else 0
            if how == 1:
                guess = left
            elif how == 2:
                guess = up
            elif how == 3:
                guess = (left + up) // 2
            elif how == 4:
                distance = left + up - corner
                guess = min((left, up, corner), key=lambda value: abs(distance - value))
            else:
                break
            row[x] = (row[x] + guess) & 255
        before = bytes(row)
        rows.append(before)
    return rows


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", default=ROOT / "target/debug/keysrv")
    arguments.add_argument("--keep", action="store_true", help="renew the pictures in docs/")
    arguments.add_argument("--only", action="append", default=[], metavar="PAGE", help="only this page")
    arguments.add_argument("--look", action="append", choices=LOOKS, help="only this look")
    arguments.add_argument("--keys", type=int, default=0, metavar="N", help="with so many keys more")
    chosen = arguments.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    os.environ.pop("KEYSRV_DATA_DIR", None)
    with tempfile.TemporaryDirectory() as data:
        server = Server(str(chosen.binary), data)
        ids, account = furnish(server)
        if chosen.keys:
            multiply(server, chosen.keys)
        folder = pathlib.Path(data) / "backups"
        folder.mkdir(mode=0o700)
        backup = "keysrv-20261120T031500000Z.db"
        server.run("backup", str(folder / backup))
        server.start()
        try:
            make_backup(server)
            age(server, ids)
            measured = {}
            for name in chosen.look or LOOKS:
                found = look(server, name, pages(ids, account, backup), chosen.only)
                measured.update({(page, name): facts for page, facts in found.items()})
        finally:
            server.child.terminate()
            server.child.wait()
    wrong = tell(measured)
    if chosen.keep:
        keep()
    if wrong:
        sys.exit("\n".join(["", *wrong]))


main()
