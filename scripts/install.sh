#!/bin/sh
# Makes .venv and fills it from the hashed locks. A second run finds nothing to do.
# Usage: sh scripts/install.sh [test]
set -eu

python=${PYTHON:-python3}
venv=.venv

say() { printf '%s\n' "$*"; }
stop() { printf '%s\n' "$*" >&2; exit 1; }

find_python() {
    command -v "$python" >/dev/null 2>&1 ||
        stop "Balise needs Python 3.11 or newer, and there is no '$python' here. Install it, or name another: make install PYTHON=/path/to/python3.11"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "Balise needs Python 3.11 or newer; '$python' is $("$python" -c 'import platform; print(platform.python_version())'). Name another: make install PYTHON=/path/to/python3.11"
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        stop "This Python cannot make a virtual environment: its venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"
}

make_venv() {
    "$venv/bin/python" -c 'import pip' 2>/dev/null && return
    find_python
    say "Making $venv ..."
    "$python" -m venv --clear "$venv" || stop "The virtual environment could not be made; see the message above."
}

# A lock that was installed is kept beside the environment: the same content needs no work.
install_lock() {
    lock=$1
    cmp -s "$lock" "$venv/$lock" && return
    say "Installing what $lock names ..."
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes -r "$lock" ||
        stop "Installation from $lock failed. pip needs to reach its package registry; nothing else is fetched."
    cp "$lock" "$venv/$lock"
}

place_command() {
    cmp -s scripts/lims "$venv/bin/lims" && return
    rm -f "$venv/bin/lims"
    cp scripts/lims "$venv/bin/lims"
    chmod 755 "$venv/bin/lims"
}

make_venv
install_lock requirements.lock
place_command
if [ "${1:-}" = test ]; then
    install_lock requirements-test.lock
fi
