#!/usr/bin/env bash
# Sees to it that there are the generators of clients, for the tests that make clients of the contracts
# and run them: those of npm with TypeScript, and those of PyPI, of which one needs Java and brings it.
#
#   tools/typed-clients.sh        installs them below tools/typed-clients where they are missing or out of date
#   tools/typed-clients.sh find   only says whether they are there: prints that folder
#
# Node.js is that of the environment in which the tests run. Where the packages cannot be had, this says
# so, and the tests that need them are skipped. In continuous integration it fails instead, so that
# nobody trusts a run that tested less.
set -uo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
FOLDER=$HERE/typed-clients
VENV=${VENV:-$HERE/../.venv}
STAMP=$FOLDER/node_modules/.installed

# Not their times, which change when git writes the files again.
describe_inputs() {
    cat "$FOLDER"/{package.json,package-lock.json,requirements.txt} | cksum
}

is_current() {
    [[ -e $STAMP && $(<"$STAMP") == "$(describe_inputs)" ]]
}

install() {
    echo "The generators of clients are installed from npm and PyPI." >&2
    rm -rf "$FOLDER/.venv"
    (
        PATH="$(cd "$VENV" && pwd)/bin:$PATH"
        unset PIP_CONSTRAINT PIP_BUILD_CONSTRAINT
        npm --prefix "$FOLDER" ci --ignore-scripts --no-audit --no-fund --loglevel error &&
            python -m venv "$FOLDER/.venv" &&
            "$FOLDER/.venv/bin/python" -m pip --disable-pip-version-check --quiet install \
                --only-binary :all: --no-deps --requirement "$FOLDER/requirements.txt"
    ) >&2 && describe_inputs >"$STAMP"
}

if [[ ${1:-} == find ]]; then
    is_current && echo "$FOLDER"
    exit
fi
if is_current || install; then
    echo "Generators of clients: $FOLDER"
    exit 0
fi
echo "The generators of clients are not here: npm or pip could not install them, for the reason above." >&2
if [[ ${CI:-} == true ]]; then
    exit 1
fi
echo "The tests that need them are skipped; 'make typed-clients' tries again." >&2
