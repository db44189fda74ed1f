#!/usr/bin/env bash
# Make (or adopt) the environment: setup.sh PYTHON VENV.  Called by `make setup`.
set -euo pipefail
python=$1
venv=$2
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

if [ ! -x "$venv/bin/python" ]; then
    command -v "$python" >/dev/null || fail "no '$python' on the path; install Python 3.11 or newer, or name one: make setup PYTHON=/path/to/python3.11"
    "$python" -c "$new_enough" ||
        fail "$("$python" --version 2>&1) is too old: Tidewaiter needs Python 3.11 or newer." "Name another one: make setup PYTHON=python3.12"
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv "$venv"
    elif "$python" -c 'import venv' 2>/dev/null && "$python" -m pip --version >/dev/null 2>&1; then
        # Some distributions leave ensurepip out; the interpreter's own pip can fill the environment.
        "$python" -m venv --without-pip "$venv"
    else
        fail "$("$python" --version 2>&1) cannot make environments (module venv or ensurepip is missing)." \
            "On Debian and Ubuntu: apt-get install python3-venv; on Fedora: dnf install python3-pip. Then call make again."
    fi
fi
"$venv/bin/python" -c "$new_enough" || fail "$venv holds $("$venv/bin/python" --version 2>&1); remove the folder $venv and call make again."

# uv itself: pinned with its hash, installed once.
wanted=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' "$here/uv.txt")
if [ "$("$venv/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" != "$wanted" ]; then
    install=(install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$here/uv.txt")
    if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        "$venv/bin/python" -m pip "${install[@]}"
    else
        "$python" -m pip --python "$venv/bin/python" "${install[@]}"
    fi
fi

# Exactly what the lock says, nothing else; then the package itself, from this folder.
uv=$venv/bin/uv
"$uv" pip sync --quiet --python "$venv/bin/python" --require-hashes "$here/uv.txt" "$here/dev.txt"
"$uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable "$here/.."
"$venv/bin/python" -c 'import tidewaiter; print("setup: tidewaiter", tidewaiter.__version__, "is ready")'
