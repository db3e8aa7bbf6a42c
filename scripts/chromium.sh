#!/bin/sh
# Prints the path of a Chromium for the browser tests; installs Debian's when root and absent.
# Without one it says so and prints nothing; under CI=true that is a failure.
set -eu

look() {
    if [ -n "${BALISE_CHROMIUM:-}" ]; then printf '%s\n' "$BALISE_CHROMIUM"; return 0; fi
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" 2>/dev/null; then return 0; fi
    done
    for place in "/Applications/Chromium.app/Contents/MacOS/Chromium" \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        if [ -x "$place" ]; then printf '%s\n' "$place"; return 0; fi
    done
    return 1
}

look && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests ..." >&2
    {
        apt-get update -q &&
            DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium fonts-dejavu-core
    } </dev/null >&2 || echo "apt-get could not install Chromium." >&2
    look && exit 0
fi
echo "No Chromium was found, so the browser tests cannot run. Install it (Debian: apt-get install chromium) or set BALISE_CHROMIUM to its path." >&2
[ "${CI:-}" != true ]
