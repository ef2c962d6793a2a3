"""What a figure was measured on."""

import os
import platform
from importlib import metadata
from pathlib import Path


def describe_machine(*packages: str) -> str:
    """Say in one line which processor, Python and package versions these are."""
    versions = "".join(f", {name} {metadata.version(name)}" for name in packages)
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}{versions}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
