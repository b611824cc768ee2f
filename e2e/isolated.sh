#!/usr/bin/env bash
# Runs a command where it may build networks and kill nobody else's processes: in network, mount, process and
# user namespaces of its own. Needs no root where user namespaces are open to everybody; as root it does without
# a user namespace when there is none to be had. Whatever the command started ends with it, and no address,
# bridge or mount outlives it. Inside there is loopback and nothing more: fetch what you need before.
#
#   isolated.sh COMMAND ARG...
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin # where ip lies, and not everybody looks
(($# > 0)) || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }

inside=(--net --mount --pid --fork --kill-child --mount-proc)
# ip-netns keeps its names under /run, which is not ours outside.
prepare='mount -t tmpfs none /run && ip link set lo up'

can_isolate() { # [UNSHARE_OPTION...]
  unshare "$@" "${inside[@]}" bash -c "$prepare && ip netns add probe && ip netns exec probe true" 2>&1
}

if problem=$(can_isolate --user --map-root-user); then
  inside+=(--user --map-root-user)
elif ((EUID != 0)) || ! problem=$(can_isolate); then
  cat >&2 <<END
isolated.sh: this machine does not let user "$(id -un)" create network namespaces:
$problem
Needed: unshare (util-linux), ip (iproute2) and either user namespaces for everybody
(sysctl user.max_user_namespaces > 0; on Ubuntu also kernel.apparmor_restrict_unprivileged_userns=0) or root.
END
  exit 1
fi

# The shell stays as process 1: it collects the orphans of whatever runs inside.
export XDSLB_ISOLATED=yes
exec unshare "${inside[@]}" bash -c "$prepare"' && "$@"' isolated "$@"
