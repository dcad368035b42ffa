#!/bin/sh
# Makes (or mends) a virtual environment and installs into it, with pip and thus with the machine's own pip settings.
#
#   tools/environment.sh DIRECTORY CONSTRAINTS PIP_ARGUMENT...
#   tools/environment.sh .venv constraints.txt --editable .
#
# The environment's Python is $PYTHON if that is set, else the first of the usual names that is 3.11 or newer.
set -eu

directory=$1
constraints=$2
shift 2

# Whether a command is a Python that is new enough. A name alone says little: it may be a version
# manager's stand-in for a version that is not installed.
suits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Debian packs ensurepip, which gives a new environment its pip, apart from Python.
can_make_environments() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
        if suits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    if [ -n "${PYTHON:-}" ]; then
        echo "PYTHON=$PYTHON is not Python 3.11 or newer." >&2
    else
        echo "Tocsin needs Python 3.11 or newer, and none is on the PATH." >&2
        echo "Install one (Debian 12: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.11" >&2
    fi
    return 1
}

make_environment() {
    python=$(find_python)
    if ! can_make_environments "$python"; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            echo "Installing python3-venv, without which $python cannot make an environment."
            apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
        else
            echo "$python lacks venv or ensurepip; on Debian: apt-get install python3-venv" >&2
            return 1
        fi
    fi
    echo "Making $directory with $("$python" --version)."
    "$python" -m venv --clear "$directory"
}

if ! suits "$directory/bin/python"; then
    make_environment
elif ! "$directory/bin/python" -m pip --version >/dev/null 2>&1; then
    "$directory/bin/python" -m ensurepip >/dev/null
fi

echo "Installing into $directory: $* (the first time this takes a minute)."
# Python 3.11 brings a pip that does not know dependency groups yet.
"$directory/bin/python" -m pip install -qq --disable-pip-version-check --upgrade 'pip>=25.1'
"$directory/bin/python" -m pip install -qq --disable-pip-version-check --constraint "$constraints" "$@"
