#!/usr/bin/env bash
# Unpacks Asterisk into a folder: Debian's newest (22), or the one of bullseye (16) where the mirror has no `sid`.
# Nothing is installed on the machine; the mirror is the one its apt uses. Does nothing when it is there.
set -euo pipefail

dest=$(realpath -m "${1:-var/cache/asterisk}")
[ -e "$dest/ready" ] && exit 0

mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | grep -v security | head -1)}
mirror=${mirror:-http://deb.debian.org/debian}
# Two runs may come at once on one machine.
mkdir -p "$dest"
exec 9> "$dest/lock"
flock 9
[ -e "$dest/ready" ] && exit 0

fetch() {
  local suite=$1 work
  work=$(mktemp -d "$dest/work.XXXXXX")
  mkdir -p "$work"/{state/lists/partial,cache/archives/partial,parts,root}
  : > "$work/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$work/sources.list"
  cat > "$work/apt.conf" <<C
Dir::State "$work/state"; Dir::State::status "$work/status"; Dir::Cache "$work/cache";
Dir::Etc::sourcelist "$work/sources.list"; Dir::Etc::sourceparts "$work/parts"; Dir::Etc::preferencesparts "$work/parts";
APT::Install-Recommends "false"; Acquire::Languages "none"; Acquire::Check-Valid-Until "false"; Acquire::Retries "5";
APT::Update::Error-Mode "any"; APT::Sandbox::User "root"; Debug::NoLocking "true";
C
  export APT_CONFIG="$work/apt.conf"
  apt-get -q update \
    && apt-get -qy --download-only install asterisk \
    && for deb in "$work"/cache/archives/*.deb; do
         dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/root" --no-same-owner --exclude='./usr/share/doc/*' \
           --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --exclude='./usr/share/perl*' \
           --exclude='./usr/lib/*/perl*' --exclude='./usr/share/asterisk/sounds/*' || return 1
       done \
    && [ -x "$work/root/usr/sbin/asterisk" ] || { rm -rf "$work"; return 1; }
  rm -rf "$dest/root"
  mv "$work/root" "$dest/root"
  rm -rf "$work"
  touch "$dest/ready"
}

rm -rf "$dest"/work.*
for suite in ${ASTERISK_SUITES:-sid sid bullseye}; do
  if fetch "$suite" > "$dest/fetch.log" 2>&1; then
    rm -f "$dest/unavailable"
    echo "asterisk: unpacked from $suite"
    exit 0
  fi
done
tail -5 "$dest/fetch.log" >&2
# The tests of telephony say so and are skipped: an installation without Asterisk is whole.
echo "Asterisk could not be fetched from $mirror" | tee "$dest/unavailable" >&2
