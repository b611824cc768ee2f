#!/usr/bin/env bash
# The Gateway API's own conformance suite, against the control plane with an Envoy for each Gateway and a real API server:
# builds what it runs, then runs it in a network of its own. Needs what run.sh needs, and go of the version that
# clients/conformance/go.mod names. Which tests passed is printed at the end; the report and all logs are in
# target/conformance.
#
#   conformance.sh [FLAG...]     flags of the suite, for example -run-test=HTTPRouteWeight -debug;
#                                -api-type=GRPC has the Envoys ask by the state of the world instead of by delta
#
# CHANNEL  standard or experimental (what the definitions in the cluster are; experimental)
set -euo pipefail
cd "$(dirname "$0")/.."

GATEWAY_API=$(sed -n 's/^GATEWAY_API=//p' e2e/kube.sh)
channel=${CHANNEL:-experimental}
out=$PWD/e2e/target/conformance
[[ $channel == standard || $channel == experimental ]] || { echo "CHANNEL: $channel (expected: standard or experimental)" >&2; exit 2; }

e2e/kube.sh install
[[ -x e2e/target/clients/envoy ]] || e2e/clients/install.sh
shopt -s nullglob
jars=(eds-control-plane-app/target/*-exec.jar)
if ((${#jars[@]} == 0)); then
  mvn -B -ntp -q -DskipTests -pl eds-control-plane-app -am package
  jars=(eds-control-plane-app/target/*-exec.jar)
fi
rm -rf "$out" && mkdir -p "$out/bin" "$out/logs"
cp "${jars[0]}" "$out/bin/control-plane.jar" # another build meanwhile does no harm
(
  cd e2e/clients/conformance
  [[ $(go list -m -f '{{.Version}}' sigs.k8s.io/gateway-api) == "v$GATEWAY_API" ]] || { echo "go.mod has another gateway-api than kube.sh, v$GATEWAY_API" >&2; exit 1; }
  go test -c -o "$out/bin/conformance" .
  go build -o "$out/bin/echo-basic" sigs.k8s.io/gateway-api/conformance/echo-basic
  go list -m -f '{{.Dir}}' sigs.k8s.io/gateway-api > "$out/module"
)

export XDSLB_RUN=$PWD/e2e/target/kube XDSLB_LOGS=$out/logs OUT=$out CRDS=$(cat "$out/module")/config/crd/$channel
export KUBECONFIG=$PWD/e2e/target/kube/admin.kubeconfig
# CORS is in the definitions of the experimental channel alone. (With -exempt-features, the suite would not ask the class what else
# is supported.)
flags=()
if [[ $channel == standard ]]; then flags=(-skip-tests=HTTPRouteCORSAllowCredentialsBehavior); fi

status=0
e2e/isolated.sh bash -c '
  set -euo pipefail
  e2e/kube.sh up
  trap "e2e/kube.sh down" EXIT
  for file in "$CRDS"/gateway*.yaml; do e2e/kube.sh kubectl apply --server-side -f "$file" > /dev/null; done
  e2e/kube.sh kubectl wait --for=condition=Established --timeout=30s crd --all > /dev/null
  # Named by its address, as the API server asks for logs of pods under the name of their node.
  e2e/kube.sh node 10.77.0.1 zone-a 10.77.0.1
  "$OUT/bin/conformance" -test.v -test.timeout=90m \
    -e2e="$PWD/e2e" -jar="$OUT/bin/control-plane.jar" -echo="$OUT/bin/echo-basic" -directory="$OUT/logs" \
    -gateway-class=xds-lb -conformance-profiles=GATEWAY-HTTP,GATEWAY-GRPC -cleanup-base-resources=false \
    -organization=xds-lb -project=xds-lb -url=https://xdslb.dev -version=snapshot -contact=none \
    -report-output="$OUT/report.yaml" "$@"
' conformance "${flags[@]}" "$@" > "$out/run.log" 2>&1 || status=$?

sed -nE 's/^    --- ([A-Z]+): TestConformance\/([A-Za-z0-9]+) .*/\1 \2/p' "$out/run.log" | sort
echo "status $status; the report is $out/report.yaml, what was said is in $out/run.log"
exit "$status"
