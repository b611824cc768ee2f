// Package conformance runs the Gateway API's own conformance suite against the control plane, with an Envoy for each
// Gateway and with the suite's own servers as pods. ../../conformance.sh runs it where it can.
package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	suite "sigs.k8s.io/gateway-api/conformance"
)

// The Gateway of the suite that asks for the address that it has.
var static = types.NamespacedName{Namespace: "gateway-conformance-infra", Name: "gateway-static-addresses"}

var (
	e2e       = flag.String("e2e", "", "the folder e2e of the project")
	jar       = flag.String("jar", "", "the control plane")
	echo      = flag.String("echo", "", "the suite's server")
	directory = flag.String("directory", "", "for logs and certificates")
	apiType   = flag.String("api-type", "DELTA_GRPC", "by which protocol Envoys ask: DELTA_GRPC or GRPC")
)

const (
	readiness  = "http://127.0.0.1:8090/actuator/health/readiness"
	refusals   = "http://127.0.0.1:8090/actuator/metrics/xdslb.control-plane.nacks"
	startLimit = 2 * time.Minute
)

func TestConformance(t *testing.T) {
	planned, err := readPlan()
	require.NoError(t, err)
	issuer, err := newAuthority()
	require.NoError(t, err)
	startControlPlane(t, planned, issuer)

	options := suite.DefaultOptions(t)
	ofType := gatewayv1.IPAddressType
	options.UsableNetworkAddresses = []gatewayv1.GatewaySpecAddress{{Type: &ofType, Value: planned.addresses[static]}}
	options.UnusableNetworkAddresses = []gatewayv1.GatewaySpecAddress{{Type: &ofType, Value: "192.0.2.1"}}
	bootstrap, err := os.ReadFile(filepath.Join(*e2e, "clients/envoy/bootstrap-tls.yaml"))
	require.NoError(t, err)
	bootstrap = bytes.ReplaceAll(bootstrap, []byte("api_type: DELTA_GRPC"), []byte("api_type: "+*apiType))
	stand := &servers{
		client: options.Client, plan: planned, authority: issuer,
		kube: kubeScript(), envoy: filepath.Join(*e2e, "target/clients/envoy"), bootstrap: string(bootstrap),
		echo: *echo, directory: *directory,
		pods: map[types.UID]string{}, gateways: map[types.UID]string{},
	}
	require.NoError(t, stand.serveLogs())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); stand.run(ctx) }()
	defer func() { cancel(); <-ended }()

	suite.RunConformanceWithOptions(t, options)
	require.Zero(t, refused(t), "responses of the control plane that an Envoy has refused")
}

// refused returns how many responses Envoys have refused since the control plane started.
func refused(t *testing.T) float64 {
	response, err := http.Get(refusals)
	require.NoError(t, err)
	defer response.Body.Close()
	var meter struct{ Measurements []struct{ Value float64 } }
	require.NoError(t, json.NewDecoder(response.Body).Decode(&meter))
	require.NotEmpty(t, meter.Measurements, "GET %s: %s", refusals, response.Status)
	return meter.Measurements[0].Value
}

func kubeScript() string { return filepath.Join(*e2e, "kube.sh") }

// startControlPlane starts it with what its pod would have in the cluster, and with mutual TLS.
func startControlPlane(t *testing.T, planned plan, issuer *authority) {
	kube := func(stdin string, arguments ...string) string {
		command := exec.Command(kubeScript(), arguments...)
		command.Stdin = strings.NewReader(stdin)
		output, err := command.CombinedOutput()
		require.NoError(t, err, "kube.sh %v: %s", arguments, output)
		return strings.TrimSpace(string(output))
	}
	kube("", "kubectl", "apply", "-k", filepath.Join(*e2e, "kubernetes"))
	kube(planned.rights(), "kubectl", "apply", "-f", "-")

	own := filepath.Join(*directory, "control-plane")
	require.NoError(t, issuer.issue(own, "eds-control-plane.xds-lb"))
	token, properties := filepath.Join(own, "token"), filepath.Join(own, "application.yaml")
	require.NoError(t, os.WriteFile(token, []byte(kube("", "token", "xds-lb", "eds-control-plane")), 0o600))
	require.NoError(t, os.WriteFile(properties, []byte(planned.properties()), 0o600))

	log, err := os.Create(filepath.Join(*directory, "control-plane.log"))
	require.NoError(t, err)
	process := exec.Command("java", "-jar", *jar,
		"--server.port=8090",
		"--spring.ssl.bundle.pem.xds.keystore.certificate=file:"+own+"/tls.crt",
		"--spring.ssl.bundle.pem.xds.keystore.private-key=file:"+own+"/tls.key",
		"--spring.ssl.bundle.pem.xds.truststore.certificate=file:"+own+"/ca.crt",
		"--xds-lb.control-plane.server.ssl.bundle=xds",
		"--xds-lb.control-plane.server.ssl.client-auth=require",
		"--spring.config.additional-location=file:"+properties)
	process.Env = append(os.Environ(),
		"KUBERNETES_SERVICE_HOST=127.0.0.1", "KUBERNETES_SERVICE_PORT=26443",
		"KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN="+token,
		"KUBERNETES_CERTS_CA_FILE="+filepath.Join(os.Getenv("XDSLB_RUN"), "ca.crt"),
		"KUBERNETES_AUTH_TRYKUBECONFIG=false", "POD_NAMESPACE=xds-lb")
	process.Stdout, process.Stderr = log, log
	require.NoError(t, process.Start())
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	require.Eventually(t, func() bool {
		response, err := http.Get(readiness)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	}, startLimit, 200*time.Millisecond, "the control plane is not ready, see %s", log.Name())
	// The suite takes from there what is supported, and looks once.
	kube("", "kubectl", "wait", "--for=condition=Accepted", "--timeout=30s", "gatewayclass/xds-lb")
}
