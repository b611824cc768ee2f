// Calls for some seconds, so many at a time, and says which pods answered and what failed. Each line of its input says what to do:
// target number seconds [header value]
// With the value * it calls two hundred times instead, each time with another value, always the same two hundred.
package main

import (
	"bufio"
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

const users = 200

func main() {
	pause := 10 * time.Millisecond
	if millis, err := strconv.Atoi(os.Getenv("PAUSE_MS")); err == nil {
		pause = time.Duration(millis) * time.Millisecond
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println("= " + run(strings.Fields(lines.Text()), pause))
	}
}

func run(words []string, pause time.Duration) string {
	number, _ := strconv.Atoi(words[1])
	seconds, _ := strconv.ParseFloat(words[2], 64)
	header := words[3:]
	connection, err := grpc.NewClient(words[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return "error: " + err.Error()
	}
	defer connection.Close()
	stub := health.NewHealthClient(connection)
	call(stub, header, grpc.WaitForReady(true))
	counts := map[string]int{}
	if len(header) > 1 && header[1] == "*" {
		for i := range users {
			counts[call(stub, []string{header[0], fmt.Sprintf("u%d", i)})]++
		}
		return said(counts)
	}
	var lock sync.Mutex
	var workers sync.WaitGroup
	end := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	for range number {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for time.Now().Before(end) {
				answered := call(stub, header)
				lock.Lock()
				counts[answered]++
				lock.Unlock()
				time.Sleep(pause)
			}
		}()
	}
	workers.Wait()
	return said(counts)
}

func said(counts map[string]int) string {
	var words []string
	for name, count := range counts {
		words = append(words, fmt.Sprintf("%s=%d", name, count))
	}
	sort.Strings(words)
	return strings.Join(words, " ")
}

func call(stub health.HealthClient, header []string, options ...grpc.CallOption) string {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, header...)
	var headers metadata.MD
	_, err := stub.Check(ctx, &health.HealthCheckRequest{}, append(options, grpc.Header(&headers))...)
	if err != nil {
		return "failed:" + status.Code(err).String()
	}
	return strings.Join(headers.Get("pod"), "")
}
