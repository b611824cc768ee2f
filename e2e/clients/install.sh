#!/usr/bin/env bash
# Makes what ProxylessGrpcIT runs, in e2e/target/clients: a Python with grpcio, a Node with grpc-js, a Go program. Needs the
# registries of these languages; a language that is not at hand is said and left out.
set -euo pipefail
cd "$(dirname "$0")"
out=$(cd .. && pwd)/target/clients
mkdir -p "$out"

left_out() { echo "e2e/clients: no $1 client: $2" >&2; }

if command -v python3 > /dev/null; then
  { [ -x "$out/python/bin/pip" ] || python3 -m venv "$out/python"; } &&
    "$out/python/bin/pip" install -q --disable-pip-version-check -r python/requirements.txt ||
    left_out Python "grpcio cannot be installed (on Debian, python3 -m venv needs the package python3-venv)"
else
  left_out Python "python3 is not on the PATH"
fi

if command -v npm > /dev/null; then
  mkdir -p "$out/node"
  cp node/package.json "$out/node/"
  npm install --silent --no-audit --no-fund --prefix "$out/node" || left_out Node "@grpc/grpc-js-xds cannot be installed"
else
  left_out Node "npm is not on the PATH"
fi

if command -v go > /dev/null; then
  (cd go && go build -o "$out/go/client" .) || left_out Go "it cannot be built"
else
  left_out Go "go is not on the PATH"
fi
