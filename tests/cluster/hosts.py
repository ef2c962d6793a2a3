"""Three hosts on one machine: network namespaces joined by a bridge, each with folders that no other sees.

Run as a program within namespaces of its own (`THREE_HOSTS` before it), so that nothing of it outlives it:
`python -m tests.cluster.hosts FOLDER` trains `FOLDER/playlists.jsonl` on one host, on three, and again with a
network cut in two, a lost host and a killed driver in between; it prepares and tunes on them, too, and prints
what was seen as a line of JSON. With `--curve` it trains on one, two and three and prints what each cost.
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

import psutil

from tests.cluster.alone import PATIENCE, SETTINGS

THREE_HOSTS = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
ROUNDS = 6
ADDRESS = "10.77.0.1:6379"
OUTSIDE = "outside"
"""A device that leads nowhere, with the default route of each host."""
CUT = 30.0
"""Seconds for which the network is in two, unless the training gets along without the other half."""
OPTIONS = ("--shards", "3", "--rounds", str(ROUNDS), "--dim", "16", "--no-evaluate", "--json")
TRAIN = ("-m", "segue", "train", "playlists.jsonl", *OPTIONS, "--cluster", ADDRESS)
TUNE = (
    "-m", "segue", "tune", "--library", "./whole", "--study", "study", "--search-only", "--trials", "3",
    "--epochs", "1", "--set", "pool=32", "--json", "--cluster", ADDRESS,
)  # fmt: skip
PREPARE = (
    "-m", "segue", "prepare", "many.jsonl", "table.csv", "--out", "corpus", "--json", "--cluster", ADDRESS,
)  # fmt: skip
HOST = {
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

    def __init__(self, number: int, data: Path) -> None:
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
        command = [
            "ip",
            "netns",
            "exec",
            self.name,
            "unshare",
            "--mount",
            "sh",
            "-c",
            FOLDERS_OF_ITS_OWN,
            "sh",
        ]
        self.watcher = subprocess.Popen(
            ["ip", "netns", "exec", self.name, sys.executable, "-c", WATCH], stdout=subprocess.PIPE, text=True
        )
        self.holder = subprocess.Popen([*command, str(data), str(number)], stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout is not None
        assert self.holder.stdout.readline() == "ready\n"
        self.ray = self.start("-m", "ray.scripts.scripts", *self._ray(number), quiet=True)

    def _ray(self, number: int) -> list[str]:
        place = (
            ["--head", "--port=6379", "--include-dashboard=false"]
            if number == 1
            else [f"--address={ADDRESS}"]
        )
        size = ["--num-cpus=1", "--object-store-memory=100000000", "--disable-usage-stats", "--block"]
        return ["start", *place, f"--node-ip-address={self.address}", *size]

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
        asked = self.watcher.communicate()[0].split()
        return [
            address for address in asked if not address.startswith("10.77.0.")
        ]  # as a lost host looks for them

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


class Rounds:
    """The rounds that a training has finished, as it reports them."""

    def __init__(self, driver: "subprocess.Popen[str]") -> None:
        self._driver = driver
        self.finished = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._driver.stdout is not None
        for line in self._driver.stdout:
            event = json.loads(line)
            if event.get("hit_at_10") is not None and "epoch" in event:
                self.finished = event["epoch"]

    def until(self, number: int, seconds: float = 2 * PATIENCE) -> None:
        """Wait until that round is finished, or so many seconds have passed."""
        end = time.monotonic() + seconds
        while self.finished < number and time.monotonic() < end:
            assert self._driver.poll() is None, f"it ended after round {self.finished}"
            time.sleep(0.1)


def finish(driver: "subprocess.Popen[str]") -> list[dict[str, object]]:
    """Wait for a training's end; give what it reported from now on."""
    out, err = driver.communicate(timeout=PATIENCE)
    assert driver.returncode == 0, err
    return [json.loads(line) for line in out.splitlines()]


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait for something to come about."""
    deadline = time.monotonic() + 2 * PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.2)


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


def joined(hosts: list[Host], numbers: Iterable[int], data: Path) -> None:
    """Let hosts join, and wait for them."""
    hosts += [Host(number, data) for number in numbers]
    wait_for(lambda: nodes(hosts[0]) == len(hosts), f"{len(hosts)} hosts")


def main(data: Path) -> dict[str, object]:
    """Use them undisturbed, then with a cut network, a lost host and a killed driver."""
    began = time.monotonic()

    def note(what: str) -> None:
        sys.stderr.write(f"{what}: {time.monotonic() - began:.0f} s\n")

    network()
    hosts: list[Host] = []
    joined(hosts, [1], data)
    first = hosts[0]
    note("a host")
    finish(first.start(*TRAIN, "--name", "./one"))
    note("trained on it")
    joined(hosts, [2, 3], data)
    note("three hosts")
    finish(first.start(*TRAIN, "--name", "./whole"))
    note("trained on them")
    sent = first.sent()
    finish(first.start(*PREPARE))
    sent = first.sent() - sent
    note(f"prepared, {sent / 1e6:.1f} MB sent")
    tuned = finish(first.start(*TUNE))
    note("tuned")

    driver = first.start(*TRAIN, "--name", "./broken")
    rounds = Rounds(driver)
    rounds.until(1)
    note("a round")
    hosts[1].cable("down")
    rounds.until(ROUNDS - 2, CUT)
    hosts[1].cable("up")
    note(f"cut off, {rounds.finished} rounds")
    hosts[2].lose()
    lost = rounds.finished
    rounds.until(lost + 1)
    note("cut, lost")
    driver.kill()
    driver.communicate()
    resumed = finish(first.start(*TRAIN, "--name", "./broken", "--resume"))
    note("resumed")
    wait_for(lambda: 0 < nodes(first) < 3, "the cluster does without the lost host")
    return {
        "rounds before it was killed": lost + 1,
        "resumed at": next(event["epoch"] for event in resumed if "epoch" in event),
        "asked elsewhere": [address for host in hosts for address in host.asked_elsewhere()],
        "sent to prepare": sent,
        "trials": sum(event.get("state") in {"done", "pruned"} for event in tuned),
    }


def curve(data: Path) -> list[dict[str, object]]:
    """What a training costs on one, two and three hosts: processor seconds, bytes sent, seconds."""
    network()
    hosts: list[Host] = []
    points: list[dict[str, object]] = []
    for number in (1, 2, 3):
        joined(hosts, [number], data)
        began, spent, sent = time.monotonic(), [h.spent() for h in hosts], [h.sent() for h in hosts]
        driver = hosts[0].start(*TRAIN, "--name", f"./on-{number}")
        rounds = Rounds(driver)
        while driver.poll() is None:
            time.sleep(0.5)
            for host in hosts:
                host.spent()
        assert rounds.finished == ROUNDS
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
