package conformance

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

const (
	namespacePrefix = "gateway-conformance-"
	firstPodAddress = 10
	pollInterval    = 300 * time.Millisecond
	listenLimit     = 20 * time.Second
)

// servers plays the kubelet of the suite's pods and the operator who gives each Gateway an Envoy.
type servers struct {
	client    client.Client
	plan      plan
	authority *authority
	kube      string // kube.sh
	envoy     string
	bootstrap string // bootstrap-tls.yaml, its text
	echo      string // the suite's server
	directory string // logs, certificates
	pods      map[types.UID]string
	gateways  map[types.UID]string
	logs      sync.Map // podLog by namespace/name
	used      int      // addresses of pods so far
}

// run looks again and again what there should be, until the context ends.
func (s *servers) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.reconcile(ctx); err != nil && ctx.Err() == nil {
			fmt.Println("servers:", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pollInterval):
		}
	}
}

func (s *servers) reconcile(ctx context.Context) error {
	var pods corev1.PodList
	if err := s.client.List(ctx, &pods); err != nil {
		return err
	}
	wanted := map[types.UID]bool{}
	for i := range pods.Items {
		pod := &pods.Items[i]
		if !strings.HasPrefix(pod.Namespace, namespacePrefix) || pod.Spec.NodeName == "" {
			continue
		}
		wanted[pod.UID] = true
		if _, served := s.pods[pod.UID]; !served && pod.DeletionTimestamp == nil {
			if err := s.startPod(ctx, pod); err != nil {
				return fmt.Errorf("pod %s: %w", pod.Name, err)
			}
		}
	}
	s.stopAllBut(wanted, s.pods)

	var gateways gatewayv1.GatewayList
	if err := s.client.List(ctx, &gateways); err != nil {
		return err
	}
	wanted = map[types.UID]bool{}
	for i := range gateways.Items {
		gateway := &gateways.Items[i]
		wanted[gateway.UID] = true
		if _, served := s.gateways[gateway.UID]; !served && gateway.DeletionTimestamp == nil {
			name := client.ObjectKeyFromObject(gateway)
			if err := s.startEnvoy(name, gateway.UID); err != nil {
				return fmt.Errorf("gateway %s: %w", name, err)
			}
		}
	}
	s.stopAllBut(wanted, s.gateways)
	return nil
}

func (s *servers) startPod(ctx context.Context, pod *corev1.Pod) error {
	container := pod.Spec.Containers[0]
	address := fmt.Sprintf("%s%d", podNetwork, firstPodAddress+s.used)
	s.used++
	if strings.Contains(container.Image, "echo-basic") {
		environment, err := s.environment(ctx, pod)
		if err != nil {
			return err
		}
		file, err := s.logFile(pod.Name)
		if err != nil {
			return err
		}
		output := &podLog{file: file}
		s.logs.Store(pod.Namespace+"/"+pod.Name, output)
		if err := s.serve(address, output, environment, s.echo); err != nil {
			return err
		}
		awaitPort(address, "3000")
	} // else DNS for UDPRoutes, which nothing of ours asks for: ready, but not there
	s.pods[pod.UID] = address
	return s.kubeScript("pod-ip", pod.Namespace, pod.Name, address)
}

// environment returns what the manifest of the pod sets. Files of Secrets are put elsewhere, and said to be there.
func (s *servers) environment(ctx context.Context, pod *corev1.Pod) ([]string, error) {
	container := pod.Spec.Containers[0]
	moved := strings.NewReplacer()
	for _, mount := range container.VolumeMounts {
		for _, volume := range pod.Spec.Volumes {
			if volume.Name != mount.Name || volume.Secret == nil {
				continue
			}
			directory := filepath.Join(s.directory, pod.Name)
			var secret corev1.Secret
			key := types.NamespacedName{Namespace: pod.Namespace, Name: volume.Secret.SecretName}
			if err := s.client.Get(ctx, key, &secret); err != nil {
				return nil, err
			}
			if err := os.MkdirAll(directory, 0o700); err != nil {
				return nil, err
			}
			for _, item := range volume.Secret.Items {
				if err := os.WriteFile(filepath.Join(directory, item.Path), secret.Data[item.Key], 0o600); err != nil {
					return nil, err
				}
			}
			moved = strings.NewReplacer(mount.MountPath, directory)
		}
	}
	var environment []string
	for _, variable := range container.Env {
		value := moved.Replace(variable.Value)
		if variable.ValueFrom != nil && variable.ValueFrom.FieldRef != nil {
			switch path := variable.ValueFrom.FieldRef.FieldPath; path {
			case "metadata.name":
				value = pod.Name
			case "metadata.namespace":
				value = pod.Namespace
			default:
				return nil, fmt.Errorf("variable %s is of %s, which is not known here", variable.Name, path)
			}
		}
		environment = append(environment, variable.Name+"="+value)
	}
	return environment, nil
}

func (s *servers) startEnvoy(gateway types.NamespacedName, uid types.UID) error {
	address, planned := s.plan.addresses[gateway]
	if !planned {
		s.gateways[uid] = ""
		return fmt.Errorf("in none of the suite's manifests, so it has no address")
	}
	for other, used := range s.gateways { // of the same name, a moment ago
		if used == address {
			s.stop(s.gateways, other)
		}
	}
	name := "envoy-" + gateway.Name
	directory := filepath.Join(s.directory, name)
	if err := s.authority.issue(directory, identity(gateway)); err != nil {
		return err
	}
	text := strings.NewReplacer(
		"id: envoy-1", "id: "+name,
		"gateway: shop/ingress", "gateway: "+gateway.String(),
		"address: eds-control-plane.xds-lb", "address: "+podNetwork+"1",
		"/etc/envoy/identity", directory,
	).Replace(s.bootstrap)
	file := filepath.Join(directory, "bootstrap.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	log, err := s.logFile(name)
	if err != nil {
		return err
	}
	s.gateways[uid] = address
	return s.serve(address, log, nil,
		s.envoy, "--config-path", file, "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning")
}

func (s *servers) logFile(name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(s.directory, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
}

func (s *servers) serve(address string, output io.Writer, environment []string, command ...string) error {
	process := exec.Command(s.kube, append([]string{"serve", address}, command...)...)
	process.Env = append(os.Environ(), environment...)
	process.Stdout, process.Stderr = output, output
	if err := process.Start(); err != nil {
		return err
	}
	go func() { _ = process.Wait() }()
	return nil
}

func (s *servers) stopAllBut(wanted map[types.UID]bool, running map[types.UID]string) {
	for uid := range running {
		if !wanted[uid] {
			s.stop(running, uid)
		}
	}
}

func (s *servers) stop(running map[types.UID]string, uid types.UID) {
	address := running[uid]
	delete(running, uid)
	if address != "" {
		if err := s.kubeScript("unserve", address); err != nil {
			fmt.Println("servers:", err)
		}
	}
}

func (s *servers) kubeScript(arguments ...string) error {
	if output, err := exec.Command(s.kube, arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("kube.sh %s: %w: %s", strings.Join(arguments, " "), err, output)
	}
	return nil
}

func awaitPort(address, port string) {
	for deadline := time.Now().Add(listenLimit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if connection, err := net.DialTimeout("tcp", net.JoinHostPort(address, port), time.Second); err == nil {
			_ = connection.Close()
			return
		}
	}
}
