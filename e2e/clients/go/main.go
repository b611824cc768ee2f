// Calls a service by xDS, up to two hundred times a second, and says each second which pods answered.
package main

import (
	"context"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	_ "google.golang.org/grpc/xds" // makes "xds:" a scheme that gRPC knows
)

func main() {
	connection, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	stub := health.NewHealthClient(connection)
	answers := map[string]int{}
	said := time.Now()
	for range time.Tick(5 * time.Millisecond) {
		answers[call(stub)]++
		if time.Since(said) >= time.Second {
			say(answers)
			answers = map[string]int{}
			said = time.Now()
		}
	}
}

func call(stub health.HealthClient) string {
	deadline, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var headers metadata.MD
	_, err := stub.Check(deadline, &health.HealthCheckRequest{}, grpc.Header(&headers))
	if err != nil {
		fmt.Println("error:", err)
		return "failed"
	}
	return strings.Join(headers.Get("pod"), "")
}

func say(answers map[string]int) {
	var words []string
	for pod, count := range answers {
		words = append(words, fmt.Sprintf("%s=%d", pod, count))
	}
	sort.Strings(words)
	fmt.Println(strings.Join(words, " "))
}
