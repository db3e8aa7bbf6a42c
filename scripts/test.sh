#!/bin/sh
# Everything that is checked before a change lands. Each step runs even when one before it failed;
# pytest is last so that its summary line closes the output. One file stays in one process, where
# what its tests share is made once; tests/conftest.py puts the long files first.
# Usage: sh scripts/test.sh [pytest arguments]
set -u

python=.venv/bin/python
failed=""

step() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    "$@" || failed="$failed $name"
}

chromium=$(sh scripts/chromium.sh) || exit 1
export BALISE_CHROMIUM="$chromium"
step ruff "$python" -m ruff check .
step format "$python" -m ruff format --check .
step mypy "$python" -m mypy
step imports "$python" -c 'from importlinter.cli import lint_imports_command as lint; lint()'
if [ -n "$failed" ]; then printf '\nThese checks failed:%s. The tests run all the same.\n' "$failed"; fi
step tests "$python" -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder "$@"
[ -z "$failed" ]
