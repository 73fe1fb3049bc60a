"""What a proxy costs: direct, HAProxy, MySQL Router and Sluice side by side, interleaved round by round. See bench/README.md.

    load.py [--seconds S] [--rounds N] [--only relay,gate,syscalls,connect,idle,stream,slow,beside] [--out FILE]

CPU is user + system time of the proxy process from /proc/PID/stat, or of its threads from schedstat where the run is short. Absolute values move with the machine; the ratio to HAProxy in the
same round and the system calls a statement are the figures to trust.
"""

import argparse
import getpass
import itertools
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import admin  # noqa: E402
import gated  # noqa: E402
import harness  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
TABLES, ROWS = 4, 100_000
HAPROXY = """global
  maxconn 4000
  nbthread 2
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend f
  bind 127.0.0.1:{port}
  default_backend b
backend b
  server s 127.0.0.1:{server}
"""

# The classic protocol alone, with TLS ended on neither side unless the client asks for it, as HAProxy does it.
ROUTER = """[DEFAULT]
logging_folder={folder}
runtime_folder={folder}
data_folder={folder}
plugin_folder={tree}/usr/lib/mysqlrouter/plugin
max_total_connections=4000
user={user}
[logger]
level=ERROR
[io]
threads=2
[routing:bench]
bind_address=127.0.0.1
bind_port={port}
destinations=127.0.0.1:{server}
routing_strategy=first-available
protocol=classic
client_ssl_mode=PASSTHROUGH
server_ssl_mode=AS_CLIENT
"""


class Target:
    """Where clients connect; as the server's own account unless another is given."""

    def __init__(self, name, port, pid=None, login=None):
        self.name, self.port, self.pid, self.login = name, port, pid, login

    def cpu(self):
        """User and system seconds so far."""
        if self.pid is None:
            return 0.0, 0.0
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) / TICK, int(fields[12]) / TICK

    def spent(self):
        """Seconds of all its threads so far, to the nanosecond."""
        if self.pid is None:
            return 0.0
        return sum(int(task.read_text().split()[0]) for task in pathlib.Path(f"/proc/{self.pid}/task").glob("*/schedstat")) / 1e9

    def memory(self, field="VmRSS"):
        """MB."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+)", text).group(1)) / 1024


class HaProxy:
    def __init__(self, server, folder):
        self.port = harness.free_port()
        (folder / "haproxy.cfg").write_text(HAPROXY.format(port=self.port, server=server.port))
        program = shutil.which("haproxy") or "/usr/sbin/haproxy"
        self.process = subprocess.Popen([program, "-q", "-db", "-f", folder / "haproxy.cfg"], stdin=subprocess.DEVNULL)

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Router:
    """MySQL Router of Debian's unstable suite, run through the loader and the libraries of its own tree (.ci/lib/mysql.sh); `program` is the
    wrapper that does so. Without a certificate of its own it passes TLS through."""

    def __init__(self, program, server, folder):
        self.port = harness.free_port()
        folder.mkdir()
        (folder / "router.conf").write_text(ROUTER.format(
            folder=folder, tree=program.parent.parent / "tree", user=getpass.getuser(), port=self.port, server=server.port))
        self.process = subprocess.Popen([program, "-c", folder / "router.conf"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        harness.wait_for(self.answers, "MySQL Router to listen")

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    stop = HaProxy.stop


class Bench:
    def __init__(self, server, targets, options, folder):
        self.server, self.targets, self.options, self.folder, self.lines = server, targets, options, folder, []

    def say(self, line=""):
        print(line, flush=True)
        self.lines.append(line)

    def sysbench(self, target, test, threads, *more, seconds=None, percentile=95):
        command = ["sysbench", test, "--db-driver=mysql", "--mysql-host=127.0.0.1", f"--mysql-port={target.port}",
                   *self.login(target), "--mysql-db=bench", f"--tables={TABLES}", f"--table-size={ROWS}", f"--threads={threads}", f"--time={seconds or self.options.seconds}",
                   f"--percentile={percentile}", "--mysql-ignore-errors=1213,1205", *more]
        before = target.cpu()
        output = subprocess.run([*command, "run"], capture_output=True, text=True, check=False, timeout=600).stdout
        after = target.cpu()
        queries = re.search(r"total:\s+(\d+)", output)
        if not queries or not int(queries.group(1)):
            raise RuntimeError(f"sysbench through {target.name} ran nothing: {output[-800:]}")
        count = int(queries.group(1))
        return {"rate": float(re.search(r"queries:\s+\d+\s+\(([\d.]+)", output).group(1)), "count": count,
                "tail": float(re.search(rf"{percentile}th percentile:\s+([\d.]+)", output).group(1)),
                "user": (after[0] - before[0]) / count * 1e6, "system": (after[1] - before[1]) / count * 1e6}

    def login(self, target):
        user, password = target.login or (self.server.user, self.server.password)
        return f"--mysql-user={user}", f"--mysql-password={password}"

    def prepare(self):
        self.server.sql("CREATE DATABASE IF NOT EXISTS bench")
        self.server.connect().close()
        if self.server.sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'bench' AND table_name LIKE 'sbtest%'") != ((TABLES,),):
            subprocess.run(["sysbench", "oltp_read_write", "--db-driver=mysql", "--mysql-host=127.0.0.1", f"--mysql-port={self.server.port}",
                            f"--mysql-user={self.server.user}", f"--mysql-password={self.server.password}", "--mysql-db=bench",
                            f"--tables={TABLES}", f"--table-size={ROWS}", "prepare"], check=True, stdout=subprocess.DEVNULL, timeout=900)

    def relay(self):
        self.say("\n## Statements: throughput and p95 to direct, CPU seconds of the proxy per million statements\n")
        self.say("| test | protocol | threads | " + " | ".join(f"{t.name}: rate/direct, p95 ms, CPU (user)" for t in self.targets) + " | CPU to HAProxy |")
        self.say("| --- | --- | --- |" + " --- |" * (len(self.targets) + 1))
        ratios = {}
        for test, prepared, threads in itertools.product(["oltp_point_select", "oltp_read_only", "oltp_read_write"], ["disable", "auto"],
                                                         self.options.threads):
            rounds = [{t.name: self.sysbench(t, test, threads, f"--db-ps-mode={prepared}") for t in self.targets}
                      for _ in range(self.options.rounds)]
            cells = []
            for t in self.targets:
                runs = [r[t.name] for r in rounds]
                middle = lambda key: statistics.median(run[key] for run in runs)  # noqa: E731, B023
                share = statistics.median(r[t.name]["rate"] / r["direct"]["rate"] for r in rounds)
                cells.append(f"{share:.2f}, {middle('tail'):.2f}, {middle('user') + middle('system'):.1f} ({middle('user'):.1f})")
            words = []
            for t in self.targets[2:]:
                here = [cost(r[t.name]) / cost(r["haproxy"]) for r in rounds if cost(r["haproxy"])]
                ratios.setdefault(t.name, []).extend(here)
                words.append(f"{t.name} {statistics.median(here):.2f}" if here else "–")
            self.say(f"| {test[5:]} | {form(prepared)} | {threads} | " + " | ".join(cells) + f" | {', '.join(words)} |")
        for name, found in ratios.items():
            if len(found) > 3:
                low, middle, high = statistics.quantiles(found, n=4)
                bar = "; the bar is 1.0" if name == "sluice" else ""
                self.say(f"\nCPU of {name} to HAProxy's over {len(found)} rounds: q25 {low:.2f}, **median {middle:.2f}**, q75 {high:.2f}{bar}.")

    def gate(self):
        """The same server as an instance of a workspace, by an account whose statements pass: what being judged costs."""
        folder = self.folder / "gate"
        with admin.Workspace(folder) as workspace:
            found = gated.Gated(self.server, workspace)
            # Without TLS to the server, as the other one.
            workspace.patch(f"/api/v1/instances/{found.instances['test']}", {"tls": {"mode": "disabled"}, "password": self.server.root_password})
            found.sync()
            judged = Target("gate", workspace.mysql_port, workspace.process.pid, ("app@test", admin.PASSWORD))
            plain = next(t for t in self.targets if t.name == "sluice")
            open_at(self.server, judged).close()  # the account's fast login is known from then on
            self.say("\n## The gate: an account whose statements pass, on an instance of a workspace, to the transparent one of a file\n")
            self.say("| test | protocol | threads | transparent: rate, CPU (user) | judged: rate, CPU (user) | CPU, judged to transparent | rate |")
            self.say("| --- | --- | --- | --- | --- | --- | --- |")
            every = []
            for test, prepared, threads in itertools.product(["oltp_point_select", "oltp_read_only", "oltp_read_write"], ["disable", "auto"], [1, 8]):
                rounds = [[self.sysbench(t, test, threads, f"--db-ps-mode={prepared}") for t in (plain, judged)] for _ in range(self.options.rounds)]
                cells = [f"{statistics.median(r[i]['rate'] for r in rounds):.0f}/s, {statistics.median(cost(r[i]) for r in rounds):.1f} "
                         f"({statistics.median(r[i]['user'] for r in rounds):.1f})" for i in (0, 1)]
                ratios = [cost(b) / cost(a) for a, b in rounds if cost(a)]
                every += ratios
                rates = statistics.median(b["rate"] / a["rate"] for a, b in rounds)
                self.say(f"| {test[5:]} | {form(prepared)} | {threads} | {cells[0]} | {cells[1]} | {statistics.median(ratios):.2f} | {rates:.2f} |")
            self.say(f"\nCPU of a judged statement to one that is not, over {len(every)} rounds: **median {statistics.median(every):.2f}**. "
                     f"Verdicts: {verdicts(workspace)}.")

    def syscalls(self):
        self.say("\n## System calls a statement (strace -c, point select; the bar is 5 at 8 threads)\n")
        for target, threads in itertools.product(self.targets[1:], [1, 8]):
            with tempfile.NamedTemporaryFile("r") as report:
                tracer = subprocess.Popen(["strace", "-f", "-c", "-q", "-o", report.name, "-p", str(target.pid)], stderr=subprocess.DEVNULL)
                run = self.sysbench(target, "oltp_point_select", threads, "--db-ps-mode=disable")
                tracer.send_signal(signal.SIGINT)
                tracer.wait()
                text = report.read()
            rows = [line.split() for line in text.splitlines() if re.match(r"^\s*[\d.]+\s", line)]
            calls = {row[-1]: int(row[3]) for row in rows if row[-1] != "total"}
            top = ", ".join(f"{name} {n / run['count']:.2f}" for name, n in sorted(calls.items(), key=lambda x: -x[1])[:6])
            self.say(f"* {target.name}, {threads} threads: {sum(calls.values()) / run['count']:.2f} ({top})")

    def connect(self):
        for tls, bar in ((False, "1.4 × direct and 110 µs CPU"), (True, "800 µs CPU")):
            self.say(f"\n## Connect, one query, quit{', with TLS' if tls else ''} (mariadb-slap --detach=1, 8 at once; the bar is {bar})\n")
            # The client itself takes some 50 ms for each login with TLS: it reads the system's authorities.
            self.connect_with("--ssl" if tls else "--skip-ssl", 80 if tls else 6000)

    def connect_with(self, tls, count):
        rates = {t.name: [] for t in self.targets}
        spent = {t.name: [] for t in self.targets}
        for _, target in itertools.product(range(self.options.rounds), self.targets):
            before, begin = target.spent(), time.monotonic()
            subprocess.run(["mariadb-slap", "--no-defaults", "-h", "127.0.0.1", "-P", str(target.port), "-u", self.server.user, tls,
                            "--create-schema=bench", "--no-drop", "--query=SELECT 1", "--detach=1", "--concurrency=8", f"--number-of-queries={count}"], check=True,
                           env=self.server.environment(), stdout=subprocess.DEVNULL, timeout=300)
            rates[target.name].append(count / (time.monotonic() - begin))
            spent[target.name].append((target.spent() - before) / count * 1e6)
        for t in self.targets:
            self.say(f"* {t.name}: {statistics.median(rates[t.name]):.0f}/s, "
                     f"{statistics.median(a / b for a, b in zip(rates[t.name], rates['direct'])):.2f} × direct, "
                     f"{statistics.median(spent[t.name]):.0f} µs CPU")

    def idle(self):
        for tls, bar in ((False, 3.5), (True, 20)):
            self.say(f"\n## Memory of 1,000 idle {'TLS' if tls else 'plain'} connections after one query each (the bar is {bar} MB)\n")
            for target in self.targets[1:]:
                before, clients = target.memory(), []
                for _ in range(1000):
                    clients.append(open_at(self.server, target, ssl={"check_hostname": False} if tls else None))
                    clients[-1].query("SELECT 1")
                self.say(f"* {target.name}: {target.memory() - before:.1f} MB{' (passed through)' if tls and target.name in ('haproxy', 'router') else ''}")
                for client in clients:
                    client.close()

    def stream(self):
        self.say("\n## Streaming: time to direct, CPU seconds a GB, peak memory\n")
        for what, sql, least in [
            ("rows of about 190 B", "SELECT id, k, c, pad FROM sbtest1 UNION ALL SELECT id, k, c, pad FROM sbtest2", 30e6),
            ("rows of 1 KB", "SELECT REPEAT(c, 8) FROM sbtest1", 90e6),
            ("100 rows of 1 MB", "SELECT REPEAT('m', 1048576) FROM sbtest1 LIMIT 100", 100e6),
            ("tiny rows", "SELECT 1 FROM sbtest1, (SELECT id FROM sbtest2 LIMIT 40) AS forty", 2e7),
        ]:
            times = {t.name: [] for t in self.targets}
            spent = {t.name: [] for t in self.targets}
            size = 0
            for _, target in itertools.product(range(self.options.rounds), self.targets):
                before, begin = target.spent(), time.monotonic()
                size = self.drain(target, sql)
                times[target.name].append(time.monotonic() - begin)
                spent[target.name].append(target.spent() - before)
            assert size > least
            self.say(f"* {what}, {size / 1e6:.1f} MB: " + "; ".join(
                f"{t.name} {statistics.median(times['direct']) / statistics.median(times[t.name]):.2f}"
                + (f", {statistics.median(spent[t.name]) / size * 1e9:.2f} s/GB, {t.memory('VmHWM'):.0f} MB" if t.pid else "")
                for t in self.targets))

    def drain(self, target, sql):
        """Reads a whole result without looking at it; its bytes."""
        client = open_at(self.server, target, database="bench")
        client._execute_command(3, sql)
        size, tail = 0, b""
        while True:
            piece = client._sock.recv(1 << 18)
            size += len(piece)
            tail = (tail + piece)[-64:]
            # The last packet is an EOF of 5 bytes: 05 00 00 seq fe, warnings, status.
            if tail[-9:-6] == b"\x05\0\0" and tail[-5] == 0xFE:
                break
        client.close()
        return size

    def slow(self):
        self.say("\n## A client that stops reading a 100 MB result: growth of the proxy (flat is at most 8 MB)\n")
        for target in self.targets[1:]:
            client = open_at(self.server, target, database="bench")
            before = target.memory()
            client._execute_command(3, "SELECT REPEAT('m', 1048576) FROM sbtest1 LIMIT 100")
            received = 0
            while received < 4 << 20:
                received += len(client._sock.recv(1 << 16))
            time.sleep(2)
            self.say(f"* {target.name}: {target.memory() - before:+.1f} MB")
            client._sock.close()
            client._sock = None

    def beside(self):
        self.say("\n## p99 of point queries beside a client that streams, and what that client got meanwhile\n")
        found = {t.name: [] for t in self.targets}
        for _, target in itertools.product(range(self.options.rounds), self.targets):
            with subprocess.Popen([sys.executable, "-c", STREAMER, str(target.port), self.server.user], env=self.server.environment(),
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as streamer:
                assert streamer.stdout.readline() == "streaming\n"
                run = self.sysbench(target, "oltp_point_select", 1, "--db-ps-mode=disable", percentile=99)
                streamer.stdin.close()
                found[target.name].append((run["tail"], float(streamer.stdout.readline())))
        for target in self.targets:
            tails, rates = zip(*found[target.name])
            self.say(f"* {target.name}: {statistics.median(tails) * 1000:.0f} µs, {statistics.median(rates):.0f} MB/s")


# Streams until its standard input ends; prints MB/s.
STREAMER = """
import os, select, sys, time, pymysql
begin, size = time.monotonic(), 0
while True:
    c = pymysql.connect(host='127.0.0.1', port=int(sys.argv[1]), user=sys.argv[2], password=os.environ['DB_PASSWORD'], database='bench')
    c._execute_command(3, "SELECT REPEAT('m', 1048576) FROM sbtest1 LIMIT 20000")
    while piece := c._sock.recv(1 << 18):
        if not size:
            print('streaming', flush=True)
        size += len(piece)
        if select.select([sys.stdin], [], [], 0)[0]:
            print(size / 1e6 / (time.monotonic() - begin), flush=True)
            sys.exit()
"""


def cost(run):
    return run["user"] + run["system"]


def form(prepared):
    return "text" if prepared == "disable" else "prepared"


def verdicts(workspace):
    """What the gate did, as /metrics counts it."""
    found = dict(re.findall(r'^sluice_verdicts_total\{verdict="(\w+)"\} (\d+)', workspace.get("/metrics").text, re.M))
    return ", ".join(f"{name} {count}" for name, count in found.items() if int(count))


def open_at(server, target, database=None, **more):
    user, password = target.login or (server.user, server.password)
    return harness.Endpoint(server.engine, "127.0.0.1", target.port, user, password).connect(database, **more)


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    return f"{time.strftime('%Y-%m-%d %H:%M')} UTC, commit {commit}, {os.cpu_count()} × {model.group(1) if model else platform.machine()}"


PARTS = ["relay", "gate", "syscalls", "connect", "idle", "stream", "slow", "beside"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=lambda text: [int(n) for n in text.split(",")], default=[1, 8, 32, 128])
    parser.add_argument("--only", type=lambda text: text.split(","), default=PARTS)
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"unknown part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    server = harness.start_server("mysql") or harness.start_server("mariadb")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-bench-"))
    others = []
    try:
        others.append(HaProxy(server, folder))
        targets = [Target("direct", server.port), Target("haproxy", others[0].port, others[0].process.pid)]
        program = pathlib.Path(os.environ.get("SLUICE_ROUTER", "/nonexistent"))
        if program.exists():
            others.append(Router(program.resolve(), server, folder / "router"))
            targets.append(Target("router", others[1].port, others[1].process.pid))
        if not harness.has_serve():
            sys.exit("this build has no `sluice serve`")
        with harness.Proxy(server, folder, instance={"max_connections": 2000, "max_idle": 200}) as proxy:
            targets.append(Target("sluice", proxy.port, proxy.process.pid))
            bench = Bench(server, targets, options, folder)
            bench.say(f"# {', '.join(options.only)}\n\n{machine()}, {server.engine} {server.sql('SELECT VERSION()')[0][0]}, "
                      f"{options.rounds} rounds of {options.seconds} s." + ("" if len(others) > 1 else " MySQL Router was not to be had."))
            bench.prepare()
            for part in options.only:
                getattr(bench, part)()
            if options.out:
                options.out.write_text("\n".join(bench.lines) + "\n")
    finally:
        for other in others:
            other.stop()
        harness.stop_server(server.engine)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
