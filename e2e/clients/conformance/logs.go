package conformance

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const kubeletPort = "10250" // where the API server asks for logs

// podLog keeps what a pod said, with times: the suite finds mirrored requests in there.
type podLog struct {
	mutex  sync.Mutex
	chunks []chunk
	file   *os.File
}

type chunk struct {
	said time.Time
	text string
}

func (l *podLog) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.chunks = append(l.chunks, chunk{time.Now(), string(text)})
	return l.file.Write(text)
}

func (l *podLog) since(start time.Time) string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var text strings.Builder
	for _, one := range l.chunks {
		if !one.said.Before(start) {
			text.WriteString(one.text)
		}
	}
	return text.String()
}

// serveLogs answers the API server as the kubelet of the node would, which is at the bridge's address.
func (s *servers) serveLogs() error {
	directory := filepath.Join(s.directory, "kubelet")
	if err := s.authority.issue(directory, "kubelet"); err != nil {
		return err
	}
	certificate, err := tls.LoadX509KeyPair(filepath.Join(directory, "tls.crt"), filepath.Join(directory, "tls.key"))
	if err != nil {
		return err
	}
	listener, err := tls.Listen("tcp", ":"+kubeletPort, &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", func(answer http.ResponseWriter, request *http.Request) {
		known, found := s.logs.Load(request.PathValue("namespace") + "/" + request.PathValue("pod"))
		if !found {
			http.NotFound(answer, request)
			return
		}
		var start time.Time
		if text := request.URL.Query().Get("sinceTime"); text != "" {
			if start, err = time.Parse(time.RFC3339, text); err != nil {
				http.Error(answer, err.Error(), http.StatusBadRequest)
				return
			}
		}
		_, _ = fmt.Fprint(answer, known.(*podLog).since(start))
	})
	go func() { _ = http.Serve(listener, routes) }()
	return nil
}
