#!/bin/sh
# Sees to the system programs that the tests and the bench run. As root on Debian it installs what is missing;
# elsewhere it says what is missing and how to get it, and goes on: the tests that need it then fail and say so.
set -eu

# Each line: what to look for (the first that exists counts), and the Debian package that brings it.
missing=
while read -r package places; do
    found=
    for place in $places; do
        if command -v "$place" >/dev/null 2>&1 || [ -e "$place" ]; then
            found=yes
            break
        fi
    done
    [ -n "$found" ] || missing="$missing $package"
done <<PROGRAMS
postgresql postgres $(echo /usr/lib/postgresql/*/bin/postgres)
prometheus-alertmanager prometheus-alertmanager alertmanager
influxdb influxd
chromium /usr/bin/chromium
chromium-headless-shell /usr/bin/chromium-headless-shell
wrk wrk
icinga2-bin icinga2 /usr/sbin/icinga2
gcc gcc
libc6-dev /usr/include/stdio.h /usr/include/features.h
PROGRAMS
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    cat >&2 <<TEXT
These programs are missing, and the tests that run them will fail:$missing
  On Debian:  sudo apt-get install$missing
  Elsewhere:  install PostgreSQL 15 or newer, Prometheus Alertmanager, InfluxDB (1.x or 2.x), Icinga 2, Chromium, wrk
              and a C compiler with your system's package manager, so that their commands are on the PATH.
TEXT
    exit 0
fi

# The packages of servers start them when installed. The tests start their own, on their own ports and
# directories, so nothing may run for good on this machine: policy-rc.d is Debian's way to say so.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
fi

echo "Installing the system programs that the tests run:$missing"
apt-get update -qq
for package in $missing; do
    # One by one: a package that this release lacks must not keep the others out.
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null ||
        echo "$package could not be installed; the tests that run it will fail." >&2
done
