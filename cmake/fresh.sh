#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests the README's commands on a machine without any tools: a bare Debian in a folder, built from this machine's package
# sources, once as root and once as an ordinary user with sudo, at the same time. `bash cmake/quickstart.sh fresh` runs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
umask 077  # files that only their owner may read must do

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { printf 'fresh: %s\n' "$*" >&2; exit 1; }

if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || fail "making a machine in a folder needs root: run it as root, or install sudo"
  exec sudo STRATA_DATA="${STRATA_DATA:-}" bash cmake/fresh.sh
fi
command -v apt-get >/dev/null || fail "needs Debian or Ubuntu, whose package sources it uses"
missing=()
command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
command -v unshare >/dev/null || missing+=(util-linux)
if [ ${#missing[@]} -gt 0 ]; then
  say "Installing: apt-get install ${missing[*]}"
  apt-get update -qq || echo "apt-get update failed; trying with the existing package lists"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get could not install: ${missing[*]}"
fi

work=$(mktemp -d)
declare -A running=()  # the machine of each process that has not ended
clean_up() {
  local process
  for process in "${!running[@]}"; do
    kill -KILL -- "-$process" 2>/dev/null || true  # its whole group, with what runs on the machine
    wait "$process" 2>/dev/null || true
  done
  [ ${#running[@]} -eq 0 ] || sleep 1
  rm -rf --one-file-system "$work"
}
trap clean_up EXIT

# --- a bare system ---------------------------------------------------------------------------------------------------
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
origin=$(. /etc/os-release && echo "${ID^}")
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' "Origin: $origin" |
  sort -u >"$work/sources.list"
[ -s "$work/sources.list" ] || { apt-get update -qq; fail "apt-get knows no package sources for $origin; try again"; }
apt-config dump | grep -E '^Acquire::(Check-|Retries|https?::)' >"$work/apt.conf" || true

say "Making a bare $origin $release in $work"
mmdebstrap --quiet --mode=root --variant=minbase --aptopt="$work/apt.conf" "$release" "$work/bare" "$work/sources.list"
chmod 755 "$work" "$work/bare"
cp /etc/resolv.conf "$work/bare/etc/resolv.conf"

data=
if [ -n "${STRATA_DATA:-}" ] && [ -d "$STRATA_DATA/mnist" ]; then
  data='/srv/my data'
  mkdir -p -m 755 "$work/bare$data"
  cp -r "$STRATA_DATA/mnist" "$work/bare$data/mnist"
  chmod -R a+rX "$work/bare$data"
fi

# --- commands on it --------------------------------------------------------------------------------------------------
# on MACHINE USER COMMAND: runs it in a separate namespace, so that its mounts and processes end with it.
on() {
  unshare --mount --pid --fork --kill-child bash -s "$work/$1" "$2" "$3" "$data" <<'EOF'
    set -euo pipefail
    machine=$1 user=$2 command=$3 data=$4
    mount -t proc proc "$machine/proc"
    mount --rbind /sys "$machine/sys"
    mount -t tmpfs -o mode=755 dev "$machine/dev"
    for device in null zero full random urandom tty; do
      touch "$machine/dev/$device"
      mount --bind "/dev/$device" "$machine/dev/$device"
    done
    mkdir -m 1777 "$machine/dev/shm" "$machine/dev/pts"
    mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$machine/dev/pts"
    ln -s pts/ptmx "$machine/dev/ptmx"
    ln -s /proc/self/fd "$machine/dev/fd"
    home=$(chroot "$machine" getent passwd "$user" | cut -d: -f6)
    exec chroot --userspec="$user:$user" --groups="$user" "$machine" env -i HOME="$home" USER="$user" TERM=dumb CI="${CI:-}" \
      CMAKE_BUILD_PARALLEL_LEVEL="$(nproc)" \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin ${data:+"STRATA_DATA=$data"} \
      bash -c "umask 077; cd; $command" </dev/null
EOF
}
clone='Übung eins/strata'
copy_clone() {  # copy_clone MACHINE USER
  local home
  home=$work/$1$(chroot "$work/$1" getent passwd "$2" | cut -d: -f6)
  mkdir -p "$home/$clone"
  if git rev-parse --git-dir >/dev/null 2>&1; then
    git -c safe.directory='*' ls-files -z --cached --others --exclude-standard | tar -c --null --ignore-failed-read -T - 2>/dev/null
  else
    tar -c --exclude=./build --exclude=./runs .
  fi | tar -x -C "$home/$clone"
  chroot "$work/$1" chown -R "$2:$2" "/${home#"$work/$1/"}"
}
expect_report() {  # expect_report MACHINE USER
  on "$1" "$2" "cd '$clone' && ls -l runs/digits && grep -q '<html' runs/digits/report.html" || fail "$2 on $1: no report was written"
}

try() {  # try MACHINE USER
  say "On the machine '$1' as $2: bash cmake/quickstart.sh --epochs 3"
  on "$1" "$2" "cd '$clone' && bash cmake/quickstart.sh --epochs 3" || fail "$2 on $1: quickstart.sh --epochs 3 failed"
  expect_report "$1" "$2"
  say "On the machine '$1' as $2: bash cmake/quickstart.sh test --only '$tests'"
  on "$1" "$2" "cd '$clone' && bash cmake/quickstart.sh test --only '$tests'" || fail "$2 on $1: quickstart.sh test --only failed"
}
tests='^(report/history|data/label_decoding|list/words|reject/no_layers)$'

as_root() {
  copy_clone root root
  try root root
}
as_user() {
  chroot "$work/user" useradd --create-home --shell /bin/bash ada
  copy_clone user ada
  say "On the machine 'user' as ada, without sudo: the packages are named"
  if on user ada "cd '$clone' && bash cmake/quickstart.sh" >"$work/without_sudo" 2>&1; then
    fail "quickstart.sh succeeded without its packages"
  fi
  tail -n 1 "$work/without_sudo"
  for package in g++ cmake ninja-build libeigen3-dev zlib1g-dev; do
    grep -q "apt-get install .*\b${package/++/[+][+]}" "$work/without_sudo" || fail "the message without sudo does not name $package"
  done
  on user root 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends sudo >/dev/null
    echo "ada ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/ada'
  try user ada
}

# --- both machines at once, since a core is idle while one downloads and installs ------------------------------------
cp -a "$work/bare" "$work/root"
mv "$work/bare" "$work/user"
say "Trying the machines 'root' and 'user' at the same time; what each says follows when it has ended"
set -m  # each in a process group of its own
for machine in root user; do
  "as_$machine" >"$work/$machine.log" 2>&1 &
  running[$!]=$machine
done
set +m
while [ ${#running[@]} -gt 0 ]; do
  status=0
  wait -n -p ended "${!running[@]}" || status=$?
  machine=${running[$ended]}
  unset "running[$ended]"
  cat "$work/$machine.log"
  [ "$status" -eq 0 ] || fail "the machine '$machine' failed, as said above (status $status)"
done
say "A bare $origin $release: the README's commands work, as root and as an ordinary user"
