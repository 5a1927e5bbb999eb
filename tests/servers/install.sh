#!/usr/bin/env bash
# Installs the real servers the test run starts (Debian or Ubuntu). Does nothing when all is there.
set -euo pipefail

declare -A package_of=(
  [postgres]=postgresql
  [redis-server]=redis-server
  [postfix]=postfix
  [dovecot]=dovecot-imapd
  [lmtp]=dovecot-lmtpd
  [chromium]=chromium
  [msgfmt]=gettext
  [pango]=libpangoft2-1.0-0
)

present() {
  case "$1" in
    postgres) command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null ;;
    pango) ldconfig -p | grep -q libpangoft2-1.0 ;;
    lmtp) [ -x /usr/lib/dovecot/lmtp ] ;;
    chromium) command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ;;
    *) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null ;;
  esac
}

missing=()
for program in "${!package_of[@]}"; do
  present "$program" || missing+=("${package_of[$program]}")
done

if [ ${#missing[@]} -eq 0 ]; then
  echo "test servers: all installed"
  exec bash "$(dirname "$0")/fetch_asterisk.sh"
fi

command -v apt-get >/dev/null || { echo "test servers: no apt-get here; install by hand: ${missing[*]}" >&2; exit 1; }

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "test servers: missing ${missing[*]}; run as root or install sudo" >&2; exit 1; }
  as_root=(sudo)
fi

export DEBIAN_FRONTEND=noninteractive
apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -q -y)
echo "test servers: installing ${missing[*]}"
"${as_root[@]}" "${apt[@]}" update
if [[ " ${missing[*]} " == *" postfix "* ]]; then
  "${as_root[@]}" "${apt[@]}" install --no-install-recommends debconf
  echo "postfix postfix/main_mailer_type select No configuration" | "${as_root[@]}" debconf-set-selections
fi
# Servers must not start by themselves: the test run starts its own on its own ports.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
"${as_root[@]}" "${apt[@]}" install --no-install-recommends "${missing[@]}"

for program in "${!package_of[@]}"; do
  present "$program" || { echo "test servers: ${package_of[$program]} did not install $program" >&2; exit 1; }
done
bash "$(dirname "$0")/fetch_asterisk.sh"
echo "test servers: ready"
