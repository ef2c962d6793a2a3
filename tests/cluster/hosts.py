"""Three hosts on one machine: network namespaces joined by a bridge, each with folders that no other sees.

Run as a program within namespaces of its own (`THREE_HOSTS` before it), so that nothing of it outlives it:
`python -m tests.cluster.hosts FOLDER` trains `FOLDER/playlists.jsonl` on one host, then trains, tunes and
prepares on three, of which one is lost in the midst of all three commands. Training and preparation are
killed, and all three begun again on a network that is soon cut in two. It prints what was seen as a line of
JSON. With `--curve` it trains on one, two and three hosts and prints what each cost. The program and its
hosts share this file.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.cluster.alone import PATIENCE, SETTINGS

THREE_HOSTS = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
ROUNDS = 6
BEGAN = time.monotonic()
AT_ONCE = 3
"""Tasks of a host at once, one of each command: a stopped command keeps its own."""
SENT = 1_000_000
"""Bytes that only a part of a file makes the first host send, while training and search are stopped."""
ADDRESS = "10.77.0.1:6379"
OUTSIDE = "outside"
"""A device that leads nowhere, with the default route of each host."""
CUT = 30.0
"""Seconds for which the network is in two, unless the commands get along without the other half."""
OPTIONS = ("--shards", "3", "--rounds", str(ROUNDS), "--dim", "16", "--no-evaluate", "--json")
TRAIN = ("-m", "segue", "train", "playlists.jsonl", *OPTIONS, "--cluster", ADDRESS)
TUNE = (
    "-m", "segue", "tune", "--library", "./one", "--study", "study", "--search-only", "--epochs", "5",
    "--set", "pool=32", "--json", "--cluster", ADDRESS,
)  # fmt: skip
PREPARE = ("-m", "segue", "prepare", "--json", "--cluster", ADDRESS, "table.csv")
STORED = "s3://music/many.jsonl"
STORE = """
import sys
from pathlib import Path
from tests.core.corpus.store import Store

objects = {"music/many.jsonl": Path("many.jsonl").read_bytes()}
with Store(objects).serve("10.77.0.1", 9000) as store:
    print("ready", flush=True)
    store.end.wait()
"""
HOST = {
    "AWS_ENDPOINT_URL": "http://10.77.0.1:9000",
    "AWS_ACCESS_KEY_ID": "somebody",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_EC2_METADATA_DISABLED": "true",
    # a lost host is noticed after 40 seconds rather than 65
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "3000",
    "RAY_health_check_failure_threshold": "10",
    "RAY_scheduler_spread_threshold": "0",  # each command has a task on every host
    "HOME": "/run/home",
    "RAY_TMPDIR": "/run",
    "TMPDIR": "/run",
    "RAY_USAGE_STATS_REPORT_URL": "http://127.0.0.1:9/",
}
NO_IPV6 = "off=/proc/sys/net/ipv6/conf/default/disable_ipv6; [ ! -e $off ] || echo 1 > $off"
"""Its own announcements would count as packets for elsewhere."""
FOLDERS_OF_ITS_OWN = """
set -e
for folder in /run /dev/shm; do mount -t tmpfs own $folder; done
[ "$2" = 1 ] || mount -t tmpfs own "$1"
mkdir /run/home
echo 'provider: {type: local}' > /run/home/ray_bootstrap_config.yaml  # or its head asks which cloud this is
echo ready
exec sleep infinity
"""


WATCH = """
import socket

packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(0x0806))  # ARP: who has an address?
packets.bind(("nowhere", 0))
seen = set()
while True:
    address = socket.inet_ntoa(packets.recv(2048)[38:42])
    if address not in seen:
        seen.add(address)
        print(address, flush=True)
"""


def run(*command: str) -> None:
    """Run a command that must succeed."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Host:
    """A host on the bridge, with `/run` and `/dev/shm` of its own, where Ray's files lie.

    The first alone sees the folder with the playlists; they share nothing that is written.
    """

    def __init__(self, number: int, data: Path, tasks: int) -> None:
        self.name, self.address, self.data = f"h{number}", f"10.77.0.{number}", data
        self._seen: dict[tuple[int, float], float] = {}
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", f"b{number}", "type", "veth", "peer", "eth0", "netns", self.name)
        run("ip", "link", "set", f"b{number}", "master", "bridge", "up")
        inside = ("ip", "-n", self.name)
        run("ip", "netns", "exec", self.name, "sh", "-c", NO_IPV6)
        run(*inside, "link", "add", OUTSIDE, "type", "veth", "peer", "nowhere")
        for device in ("lo", "eth0", OUTSIDE, "nowhere"):
            run(*inside, "link", "set", device, "up")
        run(*inside, "addr", "add", f"{self.address}/24", "dev", "eth0")
        run(*inside, "route", "add", "default", "dev", OUTSIDE)
        here, own = ("ip", "netns", "exec", self.name), ("unshare", "--mount", "sh", "-c", FOLDERS_OF_ITS_OWN)
        self.watcher = subprocess.Popen(
            [*here, sys.executable, "-c", WATCH], stdout=subprocess.PIPE, text=True
        )
        self.holder = subprocess.Popen(
            [*here, *own, "sh", str(data), str(number)], stdout=subprocess.PIPE, text=True
        )
        assert self.holder.stdout is not None
        assert self.holder.stdout.readline() == "ready\n"
        self._tasks = tasks
        self._ray: subprocess.Popen[str] | None = None

    def join(self) -> None:
        """Start Ray, again where it has ended: it gives up when its own agents take long to start."""
        if self._ray is None or self._ray.poll() is not None:
            head = ("--head", "--port=6379", "--include-dashboard=false")
            place = head if self.name == "h1" else (f"--address={ADDRESS}",)
            size = (f"--num-cpus={self._tasks}", "--object-store-memory=100000000", "--disable-usage-stats")
            ray = ("-m", "ray.scripts.scripts", "start", "--block", f"--node-ip-address={self.address}")
            self._ray = self.start(*ray, *place, *size, quiet=True)

    def start(self, *arguments: str, quiet: bool = False) -> "subprocess.Popen[str]":
        """Start `python ARGUMENTS...` on the host."""
        out = subprocess.DEVNULL if quiet else subprocess.PIPE
        inside = ["nsenter", "--target", str(self.holder.pid), "--mount", "--net"]
        return subprocess.Popen(
            [*inside, "sh", "-c", 'cd "$0" && exec "$@"', str(self.data), sys.executable, *arguments],
            env=os.environ | SETTINGS | HOST | {"PYTHONPATH": str(Path.cwd())},
            stdout=out, stderr=out, text=True,
        )  # fmt: skip

    def asked_elsewhere(self) -> list[str]:
        """The addresses beyond the three hosts that something on this one looked for."""
        self.watcher.terminate()
        asked = self.watcher.communicate()[0].split()  # the others too, by a host that has lost them
        return [address for address in asked if not address.startswith("10.77.0.")]

    def cable(self, state: str) -> None:
        """Pull the cable (`down`), or put it in again (`up`)."""
        run("ip", "link", "set", f"b{self.name[1:]}", state)

    def lose(self) -> None:
        """Pull the cable, and end all that runs on it."""
        self.cable("down")
        for pid in self._pids():
            if pid not in (self.holder.pid, self.watcher.pid):
                os.kill(pid, signal.SIGKILL)

    def _pids(self) -> list[int]:
        pids = subprocess.run(["ip", "netns", "pids", self.name], check=True, capture_output=True, text=True)
        return [int(pid) for pid in pids.stdout.split()]

    def spent(self) -> float:
        """Processor seconds of all that runs on it or was seen to run; Ray's workers end without a trace."""
        for pid in self._pids():
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                self._seen[pid, process.create_time()] = sum(process.cpu_times()[:2])
        return sum(self._seen.values())

    def sent(self) -> int:
        """Bytes that it has sent to the others."""
        shown = subprocess.run(
            ["ip", "-s", "-j", "link", "show", f"b{self.name[1:]}"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return int(json.loads(shown.stdout)[0]["stats64"]["rx"]["bytes"])


class Command:
    """A command of Segue's on a host, and what it has reported so far."""

    def __init__(self, host: Host, *arguments: str) -> None:
        self.process = host.start(*arguments)
        self.events: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.events.extend(map(json.loads, self.process.stdout))

    @property
    def rounds(self) -> int:
        """The rounds that a training has finished."""
        return max((one["epoch"] for one in self.events if one.get("hit_at_10") is not None), default=0)

    def is_under_way(self) -> bool:
        """Whether it has reported more than what it works on; it must not have ended."""
        assert self.process.poll() is None, f"it ended: {self.process.communicate()[1]}"
        return any(event.get("event") != "corpus" for event in self.events)

    def until(self, reached: Callable[[], object], what: str) -> None:
        """Wait for something while the command runs."""
        wait_for(lambda: (self.is_under_way(), reached())[1], what)

    def pause(self, *, on: bool) -> None:
        """Stop the command where it is, or let it go on."""
        self.process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    def kill(self) -> None:
        """Kill the command in the midst of its work."""
        assert self.process.poll() is None, "it has ended already"
        self.process.kill()
        self.process.wait()

    def finish(self) -> list[dict[str, Any]]:
        """Wait for its end; returns all that it has reported."""
        self.process.wait(2 * PATIENCE)
        self._reader.join()
        assert self.process.stderr is not None
        assert self.process.returncode == 0, self.process.stderr.read()
        return self.events


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait for something to come about."""
    deadline = time.monotonic() + 2 * PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)


NODES = f"""
import socket
from ray._raylet import GcsClient  # which is asked without a driver, whose start costs seconds
socket.create_connection(("10.77.0.1", 6379), 5).close()  # Ray waits long for one that isn't there
print(sum(node.state == 0 for node in GcsClient(address="{ADDRESS}").get_all_node_info(timeout=20).values()))
"""


def nodes(host: Host) -> int:
    """How many hosts the cluster has; 0 while it doesn't answer."""
    asked = host.start("-c", NODES)
    try:
        out, _ = asked.communicate(timeout=150)
    except subprocess.TimeoutExpired:
        asked.kill()
        return 0
    return int(out.split()[-1]) if asked.returncode == 0 else 0


def network() -> None:
    """Make the bridge, in namespaces that hold nothing else."""
    Path("/run/netns").mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "own", "/run/netns")
    run("ip", "link", "add", "bridge", "type", "bridge")
    run("ip", "link", "set", "bridge", "up")


def joined(hosts: list[Host], numbers: Iterable[int], data: Path, tasks: int) -> None:
    """Let hosts join, each for so many tasks at once, and wait for them."""
    hosts += [Host(number, data, tasks) for number in numbers]

    def all_there() -> bool:
        for host in hosts:
            host.join()
        return nodes(hosts[0]) == len(hosts)

    wait_for(all_there, f"{len(hosts)} hosts")


def main(data: Path) -> dict[str, object]:
    """Use them undisturbed, then lose a host, kill the commands, and cut the network."""
    network()
    hosts: list[Host] = []
    joined(hosts, [1], data, AT_ONCE)
    first = hosts[0]
    store = first.start("-c", STORE)
    assert store.stdout is not None
    assert store.stdout.readline() == "ready\n"
    Command(first, *TRAIN, "--name", "./one").finish()
    note("trained on one host")
    joined(hosts, [2, 3], data, AT_ONCE)
    note("three hosts")
    rounds, tried = lose_one(hosts)
    training, search = cut_off_one(hosts)
    wait_for(lambda: 0 < nodes(first) < 3, "the cluster does without the lost host")
    return {
        "rounds before it was killed": rounds,
        "resumed at": next(event["epoch"] for event in training.events if "epoch" in event),
        "asked elsewhere": [address for host in hosts for address in host.asked_elsewhere()],
        "trials": [tried, _ended(search.events)],
    }


def note(what: str) -> None:
    """Write to standard error what has been done, and when."""
    sys.stderr.write(f"{what}: {time.monotonic() - BEGAN:.0f} s\n")


def begin(first: Host, *, trials: int, resume: bool = False) -> tuple[Command, Command]:
    """Begin a training and a search, and stop each in the midst of its work."""
    training = Command(first, *TRAIN, "--name", "./broken", *(["--resume"] if resume else []))
    search = Command(first, *TUNE, "--trials", str(trials))
    waiting = {training, search}

    def stop_those_that_report() -> bool:
        for command in [each for each in waiting if each.is_under_way()]:
            command.pause(on=True)
            waiting.remove(command)
        return not waiting

    wait_for(stop_those_that_report, "a report of a training and of a search")
    return training, search


def prepare_until(first: Host, files: str, name: str, reached: Callable[[], bool]) -> Command:
    """Begin a preparation, and wait until a stretch is counted and something else has come about."""
    prepared = Command(first, *PREPARE, files, "--out", name)
    prepared.until(
        lambda: reached() and list(first.data.glob(f".{name}.*.tmp/spool/stretch-?")), "a stretch counted"
    )
    return prepared


def lose_one(hosts: list[Host]) -> tuple[int, int]:
    """Lose a host; returns the rounds of the training, which is then killed, and the ended trials."""
    first = hosts[0]
    training, search = begin(first, trials=3)
    sent = first.sent()
    prepared = prepare_until(first, "many.jsonl", "lost", lambda: first.sent() - sent > SENT)
    note("training, search and preparation under way")
    hosts[2].lose()
    before = training.rounds
    for command in (training, search):
        command.pause(on=False)
    training.until(lambda: training.rounds > before + 1, "a whole round after the loss")
    training.kill()
    note("trained without the lost host")
    prepared.finish()
    tried = _ended(search.finish())
    note("prepared and tuned without it")
    return training.rounds, tried


def cut_off_one(hosts: list[Host]) -> tuple[Command, Command]:
    """Begin again, and cut a host off; returns the training and the search, which have ended."""
    prepare_until(hosts[0], STORED, "corpus", lambda: True).kill()
    training, search = begin(hosts[0], trials=4, resume=True)
    prepared = prepare_until(hosts[0], STORED, "corpus", lambda: True)
    note("begun again")
    hosts[1].cable("down")
    for command in (training, search):
        command.pause(on=False)
    commands, end = (training, search, prepared), time.monotonic() + CUT
    while time.monotonic() < end and any(command.process.poll() is None for command in commands):
        time.sleep(0.1)
    note(f"cut off, {training.rounds} rounds")
    hosts[1].cable("up")
    for command in commands:
        command.finish()
    note("finished")
    return training, search


def _ended(events: list[dict[str, Any]]) -> int:
    """The trials that a search has tried to the end."""
    return sum(event.get("state") in {"done", "pruned"} for event in events)


def curve(data: Path) -> list[dict[str, object]]:
    """What a training costs on one, two and three hosts: processor seconds, bytes sent, seconds."""
    network()
    hosts: list[Host] = []
    points: list[dict[str, object]] = []
    for number in (1, 2, 3):
        joined(hosts, [number], data, 1)
        began, spent, sent = time.monotonic(), [h.spent() for h in hosts], [h.sent() for h in hosts]
        training = Command(hosts[0], *TRAIN, "--name", f"./on-{number}")
        while training.process.poll() is None:
            time.sleep(0.5)
            for host in hosts:
                host.spent()
        training.finish()
        assert training.rounds == ROUNDS
        points.append(
            {
                "hosts": number,
                "seconds": round(time.monotonic() - began, 1),
                "processor seconds": [round(h.spent() - b, 1) for h, b in zip(hosts, spent, strict=True)],
                "MB sent": [round((h.sent() - b) / 1e6, 1) for h, b in zip(hosts, sent, strict=True)],
            }
        )
    return points


if __name__ == "__main__":
    what = curve if "--curve" in sys.argv else main
    sys.stdout.write(json.dumps(what(Path(sys.argv[1]))) + "\n")
