#!/usr/bin/env bash
# A real Kubernetes control plane on loopback, and pods that are real servers with addresses of their own.
#
#   kube.sh install              fetch and build the programs into $XDSLB_TOOLS, unless they are there and run
#   kube.sh up                   start the control plane; returns when it admits pods
#   kube.sh down                 end it, and every served pod; remove its state
#   kube.sh stop PROGRAM         kill one program of it (etcd, kube-apiserver, ...), as a crash would
#   kube.sh start PROGRAM        start it again
#   kube.sh kubectl ARG...       kubectl as cluster administrator
#   kube.sh token NAMESPACE SA   print a token of the ServiceAccount, as a pod of it has one mounted
#   kube.sh node NAME ZONE IP    create a Node and wait until it is ready; kwok plays its kubelet
#   kube.sh serve IP COMMAND...  become COMMAND, in a network of its own with the address IP (10.77.0.2 to .254)
#   kube.sh unserve IP           end what is served there and remove that network
#   kube.sh pod-ip NS POD IP     report the pod as running and ready at IP
#   kube.sh gateway-api [experimental]   have it know Gateways and their routes; HTTPRoutes with their experimental fields
#   kube.sh rss                  resident memory of each program
#
# XDSLB_TOOLS  where the programs are kept         (~/.cache/xds-lb-tools)
# XDSLB_RUN    state of this one control plane     (e2e/target/kube)
# XDSLB_LOGS   logs of its programs, kept by down  (e2e/target/logs)
# XDSLB_PORT   API server; +1 and +2 are etcd's    (26443)
# XDSLB_NODE_GRACE  time without a heartbeat after which a node counts as lost (50s, as Kubernetes has it)
#
# All but install want the networks to themselves: run them under isolated.sh. Needs openssl, curl and iproute2;
# install needs go (any, it fetches the release that Kubernetes asks for).
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin # where ip lies, and not everybody looks

KUBERNETES=1.36.3
ETCD=3.6.8 # what this Kubernetes names in its go.mod
KWOK=0.8.0
GATEWAY_API=1.4.0
GO=1.26.8  # at least what Kubernetes names in its go.mod

here=$(cd "$(dirname "$0")" && pwd)
tools=$(realpath -m "${XDSLB_TOOLS:-$HOME/.cache/xds-lb-tools}")
dir=$tools/kube-$KUBERNETES bin=$dir/bin gateway_api=$tools/gateway-api-$GATEWAY_API
run=$(realpath -m "${XDSLB_RUN:-$here/target/kube}")
logs=$(realpath -m "${XDSLB_LOGS:-$here/target/logs}")
port=${XDSLB_PORT:-26443}
api=https://127.0.0.1:$port
etcd_clients=http://127.0.0.1:$((port + 1)) etcd_peers=http://127.0.0.1:$((port + 2))
# The API refuses loopback addresses as endpoints, so pods live on a bridge.
bridge=xdslb0 pod_net=10.77.0

programs=(etcd kube-apiserver kube-controller-manager kube-scheduler kwok)

die() { echo "kube.sh: $*" >&2; exit 1; }

await() { # SECONDS COMMAND...
  local deadline=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || die "gave up waiting for: $*; logs are in $logs"
    sleep 0.1
  done
}

# --- programs -------------------------------------------------------------------------------------------------

installed() {
  [[ -e $dir/installed ]] || return 1
  local program
  for program in "${programs[@]}"; do "$bin/$program" --version >/dev/null 2>&1 || return 1; done
  "$bin/kubectl" version --client >/dev/null 2>&1
}

# Kubernetes wants a newer Go than distributions carry. Go releases are published as Go modules too, so any older
# go can fetch one, from wherever it is told to fetch modules. It does not restore the executable bits.
use_go() {
  command -v go >/dev/null || die "go is not installed; any version will do to fetch Go $GO (Debian: apt-get install golang-go)"
  local have; have=$(go env GOVERSION)
  if printf '%s\n' "go$GO" "$have" | sort -CV; then return; fi
  local release root
  release=golang.org/toolchain@v0.0.1-go$GO.$(go env GOOS)-$(go env GOARCH)
  echo "kube.sh: $have is too old, fetching Go $GO"
  # Outside any module, and writable, so that the bits can be set.
  root=$(cd / && GOFLAGS=-modcacherw go mod download -json "$release" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
  [[ -n $root ]] || die "could not fetch $release"
  find "$root/bin" "$root/pkg/tool" -type f -exec chmod +x {} +
  export GOROOT=$root PATH=$root/bin:$PATH
}

# Of the standard channel, and the HTTPRoute of the experimental one, for who asks for them by "gateway-api".
install_gateway_api() {
  if [[ -d $gateway_api/experimental ]]; then return; fi
  local module
  module=$(cd / && go mod download -json "sigs.k8s.io/gateway-api@v$GATEWAY_API" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
  [[ -n $module ]] || die "could not fetch sigs.k8s.io/gateway-api@v$GATEWAY_API"
  rm -rf "$gateway_api.new"; mkdir -p "$gateway_api.new/experimental"
  cp "$module"/config/crd/standard/*.yaml "$gateway_api.new/"
  cp "$module"/config/crd/experimental/*_httproutes.yaml "$gateway_api.new/experimental/"
  chmod -R u+w "$gateway_api.new"; rm -rf "$gateway_api"; mv "$gateway_api.new" "$gateway_api"
}

install() {
  mkdir -p "$tools"
  install_gateway_api
  if installed; then return; fi
  mkdir -p "$dir"
  exec 9>"$dir/lock"; flock 9
  if installed; then return; fi # somebody else has built them in the meantime
  use_go
  rm -rf "$dir/installed" "$dir/src" "$bin"
  mkdir -p "$dir/src" "$bin"; cd "$dir/src"
  export GOTOOLCHAIN=local GOFLAGS="-mod=mod -buildvcs=false" CGO_ENABLED=0
  go mod init xds-lb-kube-tools
  go mod edit -require="k8s.io/kubernetes@v$KUBERNETES" \
    -require="go.etcd.io/etcd/server/v3@v$ETCD" -require="sigs.k8s.io/kwok@v$KWOK"
  # Inside its own tree Kubernetes takes its libraries from a staging folder and asks for v0.0.0 of them. Here they
  # come as published, version 0.x of Kubernetes 1.x; a dependency's own replacements do not count in Go.
  local gomod library
  gomod=$(go mod download -json "k8s.io/kubernetes@v$KUBERNETES" | sed -n 's/^\t"GoMod": "\(.*\)",*$/\1/p')
  for library in $(sed -n 's|^\t\(k8s\.io/[a-z-]*\) v0\.0\.0$|\1|p' "$gomod"); do
    go mod edit -replace="$library=$library@v0.${KUBERNETES#1.}"
  done
  local version=k8s.io/component-base/version minor=${KUBERNETES#*.}
  # Without symbol tables, a third smaller.
  go build -trimpath -gcflags=all=-dwarf=false -o "$bin/" \
    -ldflags="-s -w -X $version.gitVersion=v$KUBERNETES -X $version.gitMajor=1 -X $version.gitMinor=${minor%.*}" \
    k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager,kube-scheduler,kubectl} \
    go.etcd.io/etcd/server/v3 sigs.k8s.io/kwok/cmd/kwok
  mv "$bin/server" "$bin/etcd"
  touch "$dir/installed"
  installed || die "the programs in $bin were built but do not run"
}

# --- certificates ---------------------------------------------------------------------------------------------

certificate() { # NAME SUBJECT [SUBJECT_ALT_NAMES]
  openssl req -new "${new_key[@]}" -subj "$2" -keyout "$1.key" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out "$1.crt" \
    -extfile <(echo "subjectAltName=${3:-DNS:$1}")
}

kubeconfig() { # NAME SUBJECT
  certificate "$1" "$2"
  cat >"$1.kubeconfig" <<END
apiVersion: v1
kind: Config
current-context: $1
contexts: [{name: $1, context: {cluster: e2e, user: $1}}]
clusters: [{name: e2e, cluster: {server: "$api", certificate-authority-data: $(base64 -w0 <ca.crt)}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 <"$1.crt"), client-key-data: $(base64 -w0 <"$1.key")}}]
END
}

credentials() {
  local new_key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  openssl req -x509 "${new_key[@]}" -days 30 -subj /CN=e2e-ca -keyout ca.key -out ca.crt
  openssl ecparam -name prime256v1 -genkey -noout -out serviceaccount.key # signs ServiceAccount tokens
  certificate apiserver /CN=kube-apiserver "IP:127.0.0.1,IP:$pod_net.1,DNS:localhost,DNS:kubernetes.default.svc"
  kubeconfig admin /O=system:masters/CN=admin
  kubeconfig controller-manager /CN=system:kube-controller-manager
  kubeconfig scheduler /CN=system:kube-scheduler
}

# --- the control plane ----------------------------------------------------------------------------------------

running() { # PROGRAM
  local pid
  pid=$(cat "$run/$1.pid" 2>/dev/null) && [[ /proc/$pid/exe -ef $bin/$1 ]]
}

spawn() { # PROGRAM ARG...
  # Descriptor 9 may hold a lock, which must not live on in the program.
  nohup setsid "$bin/$1" "${@:2}" </dev/null >>"$logs/$1.log" 2>&1 9>&- &
  echo $! >"$run/$1.pid"
}

start() { # PROGRAM
  [[ -d $run ]] || die "nothing is up in $run"
  if running "$1"; then die "$1 is running"; fi
  cd "$run"
  case $1 in
    etcd)
      # Progress as with kubeadm: without it, bookmarks of the API server say nothing new while nothing changes.
      spawn etcd --data-dir=etcd --unsafe-no-fsync --log-level=warn \
        --listen-client-urls="$etcd_clients" --advertise-client-urls="$etcd_clients" \
        --watch-progress-notify-interval=5s \
        --listen-peer-urls="$etcd_peers" --initial-advertise-peer-urls="$etcd_peers" --initial-cluster="default=$etcd_peers"
      await 30 curl -sf "$etcd_clients/readyz"
      ;;
    kube-apiserver)
      # The advertised address may not be loopback; nobody connects to it.
      spawn kube-apiserver --etcd-servers="$etcd_clients" --bind-address=127.0.0.1 --secure-port="$port" \
        --advertise-address="$pod_net.1" --endpoint-reconciler-type=none --service-cluster-ip-range=10.96.0.0/16 \
        --tls-cert-file=apiserver.crt --tls-private-key-file=apiserver.key --client-ca-file=ca.crt \
        --authorization-mode=Node,RBAC --service-account-issuer=https://kubernetes.default.svc \
        --service-account-key-file=serviceaccount.key --service-account-signing-key-file=serviceaccount.key
      await 60 curl -sf --cacert ca.crt "$api/readyz"
      ;;
    kube-controller-manager)
      # Only what the tests live on: all of them ("*") take twice as long to start.
      local controllers
      controllers=$(printf '%s-controller,' serviceaccount namespace endpointslice node-lifecycle taint-eviction \
        deployment replicaset garbage-collector pod-garbage-collector)
      spawn kube-controller-manager --kubeconfig=controller-manager.kubeconfig --use-service-account-credentials \
        --controllers="${controllers%,}" --service-account-private-key-file=serviceaccount.key --root-ca-file=ca.crt \
        --node-monitor-grace-period="${XDSLB_NODE_GRACE:-50s}" --leader-elect=false --secure-port=0
      ;;
    kube-scheduler) spawn kube-scheduler --kubeconfig=scheduler.kubeconfig --leader-elect=false --secure-port=0 ;;
    kwok)
      spawn kwok --kubeconfig=admin.kubeconfig --config="$here/kwok-stages.yaml" --manage-all-nodes \
        --node-lease-duration-seconds=40 --server-address=
      ;;
    *) die "no program \"$1\"; there are ${programs[*]}" ;;
  esac
}

stop() { # PROGRAM
  # Killed: nothing is to be kept, and an orderly end takes ten seconds.
  running "$1" || die "$1 is not running"
  local pid; pid=$(cat "$run/$1.pid")
  kill -KILL "$pid"; rm "$run/$1.pid"
  while [[ -e /proc/$pid/exe ]]; do sleep 0.02; done
}

up() {
  installed || die "the programs are not in $dir: run kube.sh install"
  local program
  for program in "${programs[@]}"; do
    if running "$program"; then die "already up in $run"; fi
  done
  rm -rf "$run" # of a run that was cut off
  mkdir -p "$logs" "$run"
  (cd "$run" && credentials) 2>"$logs/openssl.log" || die "no certificates, see $logs/openssl.log"
  for program in "${programs[@]}"; do start "$program"; done
  # Made by the controller manager, and what the admission of a pod waits for.
  await 60 kubectl get serviceaccount default
}

down() {
  local program address
  for program in kwok kube-scheduler kube-controller-manager kube-apiserver etcd; do
    if running "$program"; then stop "$program"; fi
  done
  for address in $(ip netns list | sed -n 's/^xdslb-\([0-9.]*\).*/\1/p'); do unserve "$address"; done
  ip link del "$bridge" 2>/dev/null || true
  rm -rf "$run"
}

# --- pods -----------------------------------------------------------------------------------------------------

network() { # IP
  local name=xdslb-$1 veth=xv${1##*.}
  if ! ip link show "$bridge" >/dev/null 2>&1; then
    ip link add "$bridge" type bridge
    ip addr add "$pod_net.1/24" dev "$bridge"
    ip link set "$bridge" up
  fi
  ip netns add "$name"
  ip link add "$veth" type veth peer name eth0 netns "$name"
  ip link set "$veth" master "$bridge" up
  ip -n "$name" addr add "$1/24" dev eth0
  ip -n "$name" link set lo up
  ip -n "$name" link set eth0 up
}

serve() { # IP COMMAND...
  (($# >= 2)) && [[ $1 =~ ^${pod_net//./\\.}\.[0-9]+$ ]] || die "expected an address in $pod_net.0/24 and a command, got: $*"
  mkdir -p "$run"
  (flock 9; network "$1") 9>"$run/network.lock" # servers start in parallel, and the first makes the bridge
  exec ip netns exec "xdslb-$1" "${@:2}"
}

unserve() { # IP
  ip netns pids "xdslb-$1" | xargs -r kill -KILL
  ip netns del "xdslb-$1"
}

pod-ip() { kubectl annotate --namespace="$1" pod "$2" "xdslb/ip=$3"; }

# --- the API --------------------------------------------------------------------------------------------------

gateway-api() { # [experimental]
  kubectl apply --server-side -f "$gateway_api${1:+/$1}"
  kubectl wait --for=condition=Established --timeout=30s crd --all
}

kubectl() { "$bin/kubectl" --kubeconfig="$run/admin.kubeconfig" "$@"; }

token() { kubectl create token --namespace="$1" "$2"; }

node() { # NAME ZONE IP
  kubectl create -f - <<END
apiVersion: v1
kind: Node
metadata: {name: $1, labels: {kubernetes.io/hostname: $1, topology.kubernetes.io/zone: $2}}
status: {addresses: [{type: InternalIP, address: $3}, {type: Hostname, address: $1}]}
END
  kubectl wait --for=condition=Ready --timeout=30s "node/$1"
}

rss() { ps -o rss=,etime=,comm= -p "$(cat "$run"/*.pid | paste -sd,)"; }

case ${1-} in
  install | up | down | stop | start | kubectl | token | node | serve | unserve | pod-ip | gateway-api | rss) "$@" ;;
  *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
