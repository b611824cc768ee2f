// Calls for some seconds, so many at a time, and says which pods answered and what failed: target number seconds [header value]
package main

import (
	"context"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	_ "google.golang.org/grpc/xds" // makes "xds:" a scheme that gRPC knows
)

func main() {
	number, _ := strconv.Atoi(os.Args[2])
	seconds, _ := strconv.ParseFloat(os.Args[3], 64)
	connection, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	stub := health.NewHealthClient(connection)
	call(stub, grpc.WaitForReady(true))
	counts := map[string]int{}
	var lock sync.Mutex
	var workers sync.WaitGroup
	end := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	for range number {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for time.Now().Before(end) {
				answered := call(stub)
				lock.Lock()
				counts[answered]++
				lock.Unlock()
				time.Sleep(10 * time.Millisecond)
			}
		}()
	}
	workers.Wait()
	var words []string
	for name, count := range counts {
		words = append(words, fmt.Sprintf("%s=%d", name, count))
	}
	sort.Strings(words)
	fmt.Println(strings.Join(words, " "))
}

func call(stub health.HealthClient, options ...grpc.CallOption) string {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if len(os.Args) > 5 {
		ctx = metadata.AppendToOutgoingContext(ctx, os.Args[4], os.Args[5])
	}
	var headers metadata.MD
	_, err := stub.Check(ctx, &health.HealthCheckRequest{}, append(options, grpc.Header(&headers))...)
	if err != nil {
		return "failed:" + status.Code(err).String()
	}
	return strings.Join(headers.Get("pod"), "")
}
