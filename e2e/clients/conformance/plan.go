package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	suite "sigs.k8s.io/gateway-api/conformance"
)

// One Envoy serves one Gateway, at an address that the control plane is told when it starts. So all that the suite
// will ever create is looked up beforehand.
type plan struct {
	addresses map[types.NamespacedName]string
	secrets   []string // names that the control plane has to be allowed to read, sorted
}

const (
	firstGatewayAddress = 100 // 10.77.0.100; pods are below
	podNetwork          = "10.77.0."
)

func readPlan() (plan, error) {
	found := plan{addresses: map[types.NamespacedName]string{}}
	secrets := map[string]bool{}
	var gateways []types.NamespacedName
	err := fs.WalkDir(suite.Manifests, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yaml") || strings.Contains(path, "mesh") {
			return err
		}
		content, err := suite.Manifests.ReadFile(path)
		if err != nil {
			return err
		}
		decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
		for {
			var gateway gatewayv1.Gateway
			if err := decoder.Decode(&gateway); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				fmt.Printf("%s: not read: %v\n", path, err) // a template, of a feature that needs more than manifests
				return nil
			}
			if gateway.Kind != "Gateway" {
				continue
			}
			name := types.NamespacedName{Namespace: gateway.Namespace, Name: gateway.Name}
			if _, known := found.addresses[name]; !known {
				found.addresses[name] = ""
				gateways = append(gateways, name)
			}
			for _, listener := range gateway.Spec.Listeners {
				if listener.TLS != nil {
					for _, reference := range listener.TLS.CertificateRefs {
						secrets[string(reference.Name)] = true
					}
				}
			}
		}
	})
	if err != nil {
		return plan{}, err
	}
	sort.Slice(gateways, func(i, j int) bool { return gateways[i].String() < gateways[j].String() })
	for i, name := range gateways {
		found.addresses[name] = fmt.Sprintf("%s%d", podNetwork, firstGatewayAddress+i)
	}
	for name := range secrets {
		found.secrets = append(found.secrets, name)
	}
	sort.Strings(found.secrets)
	return found, nil
}

// identity is the name in the certificate of a Gateway's Envoy.
func identity(gateway types.NamespacedName) string {
	return fmt.Sprintf("spiffe://cluster.local/ns/%s/sa/%s", gateway.Namespace, gateway.Name)
}

// properties returns what the control plane is told of the Gateways.
func (p plan) properties() string {
	var addresses, identities strings.Builder
	for gateway, address := range p.addresses {
		fmt.Fprintf(&addresses, "  - {gateway: %s, values: [%s]}\n", gateway, address)
		fmt.Fprintf(&identities, "  - {gateway: %s, san: \"%s\"}\n", gateway, identity(gateway))
	}
	return "xds-lb.control-plane.gateway-api:\n  enabled: true\n  secrets: true\n" +
		"  addresses:\n" + addresses.String() + "  identities:\n" + identities.String()
}

// rights returns the manifest that lets the control plane read the Secrets of the Gateways.
func (p plan) rights() string {
	return fmt.Sprintf(`apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: conformance-secrets}
rules:
- {apiGroups: [""], resources: [secrets], resourceNames: [%s], verbs: [list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: conformance-secrets}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: conformance-secrets}
subjects: [{kind: ServiceAccount, name: eds-control-plane, namespace: xds-lb}]
`, strings.Join(p.secrets, ", "))
}
