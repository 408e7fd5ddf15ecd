#!/usr/bin/env bash
# Sees to it that there is a PostgreSQL for the tests of the store, which start one of their own.
#
#   tools/postgres.sh        installs Debian's package where none is found and this may install
#   tools/postgres.sh find   only prints the folder of the programs that are found
#
# They are those in the folder that POSTGRES_BIN names, else Debian's newest, else those of `pg_config`.
# Where there are none, this says what to install, and the tests that need them are skipped. In
# continuous integration it fails instead, so that nobody trusts a run that tested less.
set -uo pipefail

works() {
    [[ -x $1/initdb ]] && "$1/postgres" --version >/dev/null 2>&1
}

found() {
    local folder
    if [[ -n ${POSTGRES_BIN:-} ]]; then
        works "$POSTGRES_BIN" && echo "$POSTGRES_BIN"
        return
    fi
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort --reverse) \
        "$(pg_config --bindir 2>/dev/null)"; do
        works "$folder" && echo "$folder" && return
    done
    return 1
}

can_install() {
    [[ -z ${POSTGRES_BIN:-} && $EUID -eq 0 ]] && command -v apt-get >/dev/null
}

install() {
    echo "No PostgreSQL is here; Debian's package 'postgresql' is installed." >&2
    export DEBIAN_FRONTEND=noninteractive
    # Where the lists cannot be fetched, those that are there may do.
    apt-get -qq update >&2 || true
    apt-get -qq install --yes --no-install-recommends postgresql >/dev/null
}

what_to_do() {
    if [[ -n ${POSTGRES_BIN:-} ]]; then
        echo "POSTGRES_BIN is '$POSTGRES_BIN', which has no initdb and postgres. Name another folder, or unset it."
    else
        echo "No PostgreSQL is here. Install one (Debian: sudo apt-get install postgresql; macOS: brew install"
        echo "postgresql), or set POSTGRES_BIN to the folder with initdb and postgres."
    fi
}

if [[ ${1:-} == find ]]; then
    found
    exit
fi
if ! found >/dev/null && can_install; then
    install
fi
if folder=$(found); then
    echo "PostgreSQL: $folder"
    exit 0
fi
what_to_do >&2
if [[ ${CI:-} == true ]]; then
    exit 1
fi
echo "The tests that need PostgreSQL are skipped." >&2
