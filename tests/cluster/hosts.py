"""Three hosts on one machine: network namespaces joined by a bridge, each with folders that no other sees.

Run as a program within namespaces of its own (`THREE_HOSTS` before it), so that nothing of it outlives it:
`python -m tests.cluster.hosts FOLDER` trains `FOLDER/playlists.jsonl` twice on the three, undisturbed, and
with a lost host and a killed driver in between, and prints what was seen as a line of JSON.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.cluster.alone import PATIENCE, SETTINGS

THREE_HOSTS = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
ROUNDS = 3
ADDRESS = "10.77.0.1:6379"
OUTSIDE = "outside"
"""A device that leads nowhere, with the default route of each host."""
OPTIONS = ("--shards", "3", "--rounds", str(ROUNDS), "--dim", "16", "--no-evaluate", "--json")
ON_ONE_HOST = (*OPTIONS, "--cluster", "local")
TRAIN = ("-m", "segue", "train", "playlists.jsonl", *OPTIONS, "--cluster", ADDRESS)
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

    def lose(self) -> None:
        """Pull the cable, and end all that runs on it."""
        run("ip", "-n", self.name, "link", "set", "eth0", "down")
        pids = subprocess.run(["ip", "netns", "pids", self.name], check=True, capture_output=True, text=True)
        for pid in map(int, pids.stdout.split()):
            if pid not in (self.holder.pid, self.watcher.pid):
                os.kill(pid, signal.SIGKILL)


def until_round(driver: "subprocess.Popen[str]", number: int) -> None:
    """Read a training's progress until that round is finished."""
    assert driver.stdout is not None
    for line in driver.stdout:
        event = json.loads(line)
        if event.get("epoch") == number and event.get("hit_at_10") is not None:
            return
    raise AssertionError(f"it ended before round {number}: {driver.communicate()[1]}")


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
import ray, socket
socket.create_connection(("10.77.0.1", 6379), 5).close()  # Ray waits long for one that isn't there
ray.init("{ADDRESS}", log_to_driver=False)
print(sum(node["Alive"] for node in ray.nodes()))
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


def main(data: Path) -> dict[str, object]:
    """Train undisturbed, then with a lost host and a killed driver."""
    Path("/run/netns").mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "own", "/run/netns")
    run("ip", "link", "add", "bridge", "type", "bridge")
    run("ip", "link", "set", "bridge", "up")
    hosts = [Host(1, data)]
    wait_for(lambda: nodes(hosts[0]) == 1, "the first host")
    hosts += [Host(2, data), Host(3, data)]
    wait_for(lambda: nodes(hosts[0]) == 3, "three hosts")

    finish(hosts[0].start(*TRAIN, "--name", "./whole"))

    driver = hosts[0].start(*TRAIN, "--name", "./broken")
    until_round(driver, 1)
    hosts[2].lose()  # within round 2
    until_round(driver, 2)
    driver.kill()
    driver.communicate()
    resumed = finish(hosts[0].start(*TRAIN, "--name", "./broken", "--resume"))
    return {
        "resumed at": next(event["epoch"] for event in resumed if "epoch" in event),
        "hosts at the end": nodes(hosts[0]),
        "asked elsewhere": [address for host in hosts for address in host.asked_elsewhere()],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))) + "\n")
