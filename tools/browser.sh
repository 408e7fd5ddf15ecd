#!/usr/bin/env bash
# Sees to it that there is a browser for the tests that need one: a Chromium or a Chrome.
#
#   tools/browser.sh        installs Debian's package where none is found and this may install
#   tools/browser.sh find   only prints the path of the one that is found
#
# It is the program that CHROMIUM names, else the first that is found by one of the usual names. Where
# none can be had, this says what to install, and the tests that need one are skipped. In continuous
# integration it fails instead, so that nobody trusts a run that tested less.
set -uo pipefail

NAMES=(chromium chromium-browser google-chrome google-chrome-stable)

works() {
    # Asked for its version, because Ubuntu has a program of this name that only says what to install.
    "$1" --version >/dev/null 2>&1
}

found() {
    if [[ -n ${CHROMIUM:-} ]]; then
        works "$CHROMIUM" && command -v "$CHROMIUM"
        return
    fi
    local name
    for name in "${NAMES[@]}"; do
        works "$name" && command -v "$name" && return
    done
    return 1
}

can_install() {
    [[ -z ${CHROMIUM:-} && $EUID -eq 0 ]] && command -v apt-get >/dev/null
}

install() {
    echo "No Chromium is here; Debian's package 'chromium' is installed." >&2
    export DEBIAN_FRONTEND=noninteractive
    # Where the lists cannot be fetched, those that are there may do.
    apt-get -qq update >&2 || true
    apt-get -qq install --yes --no-install-recommends chromium >/dev/null
}

what_to_do() {
    if [[ -n ${CHROMIUM:-} ]]; then
        echo "CHROMIUM is '$CHROMIUM', which is no browser that starts. Name another one, or unset it."
    else
        echo "No browser is here. Install Chromium or Chrome (Debian: sudo apt-get install chromium;"
        echo "macOS: brew install --cask chromium), or set CHROMIUM to the path of one."
    fi
}

if [[ ${1:-} == find ]]; then
    found
    exit
fi
if ! found >/dev/null && can_install; then
    install
fi
if browser=$(found); then
    echo "Browser: $browser"
    exit 0
fi
what_to_do >&2
if [[ ${CI:-} == true ]]; then
    exit 1
fi
echo "The tests that need a browser are skipped." >&2
