#!/bin/sh
# Resolve pyproject.toml into exact versions with hashes. No package server is named in the result.
set -eu
cd "$(dirname "$0")/.."
resolve() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-header --no-annotate "$@"
}
resolve pyproject.toml -o requirements/run.lock
resolve pyproject.toml --group pyproject.toml:dev -c requirements/run.lock -o requirements/dev.lock
resolve pyproject.toml --group pyproject.toml:dev --group pyproject.toml:bench --extra map --extra plots \
    -c requirements/dev.lock -o requirements/bench.lock
printf '%s\n' "simpleaudio==1.0.4 ; python_version < '3.12'" "simpleaudio-patched==1.0.5 ; python_version >= '3.12'" |
    resolve - -o requirements/audio.lock
printf '%s\n' "ray>=2.50 ; python_version < '3.14'" |
    resolve - -c requirements/dev.lock -o requirements/cluster.lock
printf '%s\n' "cyclonedx-bom>=7" | resolve - -c requirements/dev.lock -o requirements/sbom.lock
printf '%s\n' "supysonic==0.7.9" | resolve - -o requirements/subsonic.lock
