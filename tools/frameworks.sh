#!/usr/bin/env bash
# Sees to it that there are the frameworks that two vendors use, for the tests that hold the contract
# kit against them: Laravel's components with PHP, and Rails and will_paginate with Ruby.
#
#   tools/frameworks.sh                installs Debian's packages where one is missing and this may install
#   tools/frameworks.sh find laravel   only prints the path of the PHP that has what its tests need
#   tools/frameworks.sh find rails     the same, of the Ruby
#
# The programs are those that PHP and RUBY name, else `php` and `ruby`. Where a framework cannot be had,
# this says what to install, and the tests that need it are skipped. In continuous integration it fails
# instead, so that nobody trusts a run that tested less.
set -uo pipefail

FRAMEWORKS=(laravel rails)
COMPONENTS=(auth config database events filesystem hashing http pagination pipeline routing session translation validation)
LARAVEL=(php-cli php-mbstring php-sqlite3 "${COMPONENTS[@]/#/php-illuminate-}")
RAILS=(ruby puma ruby-actionpack ruby-activerecord ruby-railties ruby-sqlite3 ruby-will-paginate)

found() {
    if [[ $1 == laravel ]]; then
        local folders=("${COMPONENTS[@]^}")
        "${PHP:-php}" -r 'exit(extension_loaded("mbstring") && extension_loaded("pdo_sqlite") ? 0 : 1);' &&
            "${PHP:-php}" -r 'foreach (array_slice($argv, 1) as $c) { require_once "Illuminate/$c/autoload.php"; }' "${folders[@]}" &&
            command -v "${PHP:-php}"
    else
        "${RUBY:-ruby}" -e '%w[actionpack activerecord puma railties sqlite3 will_paginate].each { |name| gem name }' &&
            command -v "${RUBY:-ruby}"
    fi 2>/dev/null
}

can_install() {
    [[ -z ${PHP:-}${RUBY:-} && $EUID -eq 0 ]] && command -v apt-get >/dev/null
}

install() {
    echo "Laravel or Rails is not here; Debian's packages are installed." >&2
    export DEBIAN_FRONTEND=noninteractive
    # Where the lists cannot be fetched, those that are there may do.
    apt-get -qq update >&2 || true
    apt-get -qq install --yes --no-install-recommends "${LARAVEL[@]}" "${RAILS[@]}" >/dev/null
}

what_to_do() {
    if [[ $1 == laravel && -n ${PHP:-} ]]; then
        echo "PHP is '$PHP', which is no PHP with Laravel's components. Name another one, or unset it."
    elif [[ $1 == rails && -n ${RUBY:-} ]]; then
        echo "RUBY is '$RUBY', which is no Ruby with Rails and will_paginate. Name another one, or unset it."
    elif [[ $1 == laravel ]]; then
        echo "Laravel's components are not here. Install them (Debian: sudo apt-get install ${LARAVEL[*]})."
    else
        echo "Rails and will_paginate are not here. Install them (Debian: sudo apt-get install ${RAILS[*]})."
    fi
}

if [[ ${1:-} == find ]]; then
    found "$2"
    exit
fi
if ! { found laravel && found rails; } >/dev/null && can_install; then
    install
fi
status=0
for framework in "${FRAMEWORKS[@]}"; do
    if program=$(found "$framework"); then
        echo "${framework^}: $program"
        continue
    fi
    what_to_do "$framework" >&2
    if [[ ${CI:-} == true ]]; then
        status=1
    else
        echo "The tests that need it are skipped." >&2
    fi
done
exit "$status"
