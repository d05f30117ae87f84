# shellcheck shell=bash disable=SC2154
# What the tests on a booted systemd share: its root folder, power, and how a result is said. Sourced
# with `here` (this folder), `bin` (has our programs) and `work` (keeps root folders for next time).

skip() { echo "SKIPPED: $*"; exit 77; }
ok() { echo "ok: $1"; }
fail() { echo "FAILED: $*" >&2; inside journalctl -b --no-pager -n 60 >&2 || true; exit 1; }

mkdir -p "$work"
work=$(realpath "$work")
[ "$(id -u)" = 0 ] || skip "needs root, to boot systemd in namespaces"
awk '$3 == "cgroup2" { found = 1 } END { exit !found }' /proc/mounts || skip "needs a cgroup2 mount"

make_base() {
  command -v debootstrap >/dev/null || skip "needs debootstrap"
  rm -rf "$work/base.new"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,iproute2,procps bookworm \
    "$work/base.new" >"$work/debootstrap.log" 2>&1 ||
    skip "debootstrap could not make a root folder ($(tail -1 "$work/debootstrap.log"))"
  # Nothing of the kernel that is not ours.
  local unit
  for unit in sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount \
    proc-sys-fs-binfmt_misc.automount systemd-modules-load.service systemd-timesyncd.service \
    apt-daily.timer apt-daily-upgrade.timer; do
    ln -sf /dev/null "$work/base.new/etc/systemd/system/$unit"
  done
  mv "$work/base.new" "$work/base"
}
[ -d "$work/base" ] || make_base

root=$work/root-$$ boot=
power_cut() {
  [ -n "$boot" ] || return 0
  local pid
  pid=$(systemd_pid)
  [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
  wait "$boot" 2>/dev/null || true
  boot=
  rm -f "$root.unshare.pid"
}
trap 'power_cut; rm -rf "$root" "$root.unshare.pid" "$root.log"' EXIT

systemd_pid() {
  local outer
  outer=$(cat "$root.unshare.pid" 2>/dev/null) || return 0
  tr -d ' ' <"/proc/$outer/task/$outer/children" 2>/dev/null || true
}
inside() { nsenter -t "$(systemd_pid)" -a env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }

pause() { read -rt 0.1 <> <(:) || true; }

# Until systemd has done all that it does at boot; half a minute at most.
power_on() {
  "$here/boot" "$root" 192.168.1.91/24 "$@" >"$root.log" 2>&1 &
  boot=$!
  local state=
  for _ in $(seq 300); do
    [ -d "/proc/$boot" ] || { cat "$root.log"; skip "systemd did not start here"; }
    if [ -n "$(systemd_pid)" ]; then
      state=$(inside timeout 20 systemctl is-system-running --wait 2>/dev/null || true)
      case $state in running | degraded) return ;; esac
    fi
    pause
  done
  fail "systemd is ${state:-silent}"
}

# grep that reads to the end: with pipefail, who writes to one that stops early has failed.
found() { grep "$@" >/dev/null; }

# until_so WHAT COMMAND…: half a minute at most
until_so() {
  local what=$1
  shift
  for _ in $(seq 300); do
    ! "$@" >/dev/null 2>&1 || return 0
    pause
  done
  fail "$what: $* did not come true"
}
expect() { # expect WHAT COMMAND…
  local what=$1 out
  shift
  out=$("$@" 2>&1) || fail "$what: $* gave $?: $out"
  ok "$what"
}
expect_not() { local what=$1; shift; if "$@" >/dev/null 2>&1; then fail "$what"; fi; ok "$what"; }

# new_root BASE PROGRAM…: a copy of the base with our programs and what they link
new_root() {
  local base=$1 program
  shift
  cp -a "$base" "$root"
  touch "$root/.lvskit-systemd-root"
  mkdir -p "$root/opt/lvskit" "$root/etc/lvskit"
  for program; do
    cp "$bin/$program" "$root/opt/lvskit/"
    ldd "$bin/$program" | awk '$3 ~ /^\// { print $3 }' | while read -r library; do
      [ -e "$root$library" ] || cp -L "$library" "$root$library"
    done
  done
}
