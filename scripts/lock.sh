#!/bin/sh
# Resolves requirements.in and its companions into hashed locks for Python 3.11 and newer,
# on Linux and macOS, without the address of any registry.
set -eu

if command -v uv >/dev/null 2>&1; then
    uv=uv
elif [ -x .venv/bin/uv ]; then
    uv=.venv/bin/uv
else
    echo "make lock needs uv: .venv/bin/python -m pip install uv" >&2
    exit 1
fi

compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$1" -o "$2"
    { printf '# Made by `make lock` from %s; do not edit.\n' "$1"; grep -v '^#' "$2"; } >"$2.new"
    mv "$2.new" "$2"
    if grep -q '://' "$2"; then
        echo "$2 names an address; it must not." >&2
        exit 1
    fi
}

compile requirements.in requirements.lock
compile requirements-test.in requirements-test.lock
compile requirements-bench.in requirements-bench.lock
