# SPDX-License-Identifier: Apache-2.0
# Sourced by ./test and ./demo. Makes the checkout's virtual environment, or finds it complete, and
# leaves its Python's path in $VENV_PYTHON. Ends the program with one line when that cannot be done.

CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$CHECKOUT" || exit 1

# A service manager may start us without a standard input, or without the administrator's programs.
{ : <&0; } 2>/dev/null || exec </dev/null
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# Nothing of the machine's own Python modules may leak in. uv reads the machine's certificates only
# when it is told to.
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV
export PATH PYTHONNOUSERSITE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 UV_SYSTEM_CERTS=1

say() { echo "./${0##*/}: $*" >&2; }
die() { say "$*"; exit 1; }

is_supported() { # is_supported PYTHON: it runs, and its version is one of ours
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() { # prints the interpreter to use: $PYTHON, or the first that will do
    local candidate
    if [ -n "${PYTHON:-}" ]; then
        is_supported "$PYTHON" || die "PYTHON=$PYTHON is no Python 3.11, 3.12 or 3.13: name another"
        echo "$PYTHON"
        return
    fi
    for candidate in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
        is_supported "$candidate" && { echo "$candidate"; return; }
    done
    die "no Python 3.11, 3.12 or 3.13 here: install one, or name it with PYTHON=/path/to/python"
}

apt_install() { # apt_install LOG PACKAGE...: as root on Debian, else fails
    local log=$1; shift
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    say "apt-get install $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -q --no-install-recommends "$@" >"$log" 2>&1 && return
    # The package lists of a fresh machine are empty or old.
    apt-get update -q >>"$log" 2>&1
    apt-get install -y -q --no-install-recommends "$@" >>"$log" 2>&1
}

require_git() { # pbr asks git for the package's version, and the tidy tests for its files
    command -v git >/dev/null || apt_install /dev/null git || die "git is missing; as root: apt-get install git"
    git rev-parse HEAD >/dev/null 2>&1 && return
    # Somebody else's checkout: who runs its programs trusts it enough for git to read it.
    export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$CHECKOUT
    git rev-parse HEAD >/dev/null 2>&1 || die "$CHECKOUT is no git checkout: clone the repository"
}

require_venv_module() { # Debian keeps what makes virtual environments in a package of its own
    local python=$1 log=$2 package
    "$python" -c 'import ensurepip, venv' 2>/dev/null && return
    package=$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')
    apt_install "$log" "$package" && "$python" -c 'import ensurepip' 2>/dev/null && return
    die "$python cannot make virtual environments; as root: apt-get update && apt-get install $package"
}

install_packages() { # install_packages VENV LOG: with uv, or with pip where uv cannot
    local venv=$1 log=$2
    local wanted=(-c constraints.txt -r test-requirements.txt -e .)
    if "$venv/bin/python" -m pip install -q -c constraints.txt uv >>"$log" 2>&1; then
        "$venv/bin/uv" pip install -q -p "$venv/bin/python" "${wanted[@]}" >>"$log" 2>&1 && return
        # uv does not read pip.conf, where a site may name its own package index.
        say "uv could not install the packages (see $log); trying pip"
    fi
    "$venv/bin/python" -m pip install -q "${wanted[@]}" >>"$log" 2>&1
}

make_environment() {
    local python venv log mark
    require_git
    python=$(find_python) || exit 1
    venv=$CHECKOUT/.venv
    [ -z "${PYTHON:-}" ] || venv+=-$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    log=$venv.log
    VENV_PYTHON=$venv/bin/python
    # What the environment was made from; one that lacks this mark is made anew.
    mark=$({ echo "$venv"; "$python" -VV; cat setup.cfg setup.py ./*requirements.txt constraints.txt; } | sha256sum)
    exec 9>"$venv.lock" && flock 9 || die "cannot lock $venv.lock"
    if [ "$(cat "$venv/.complete" 2>/dev/null)" != "$mark" ] || ! "$VENV_PYTHON" -c 'import ephyrad' 2>/dev/null; then
        : >"$log"
        require_venv_module "$python" "$log"
        say "making $venv with $("$python" -V)"
        "$python" -m venv --clear "$venv" >>"$log" 2>&1 || die "cannot make $venv; see $log"
        install_packages "$venv" "$log" || die "cannot install the packages; see the end of $log"
        echo "$mark" >"$venv/.complete"
    fi
    exec 9>&-
    export PATH=$venv/bin:$PATH VIRTUAL_ENV=$venv
}

make_environment
