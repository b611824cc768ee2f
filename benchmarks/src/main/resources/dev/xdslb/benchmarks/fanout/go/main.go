// Copyright 2026 the xds-lb authors
// SPDX-License-Identifier: Apache-2.0

// Serves the synthetic services with go-control-plane, and obeys the commands that the class MeasuredServer describes.
package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
)

const patience = 5 * time.Second

type peer struct {
	data
	cache *cache.LinearCache
	now   []*endpoint.ClusterLoadAssignment // by service
}

func main() {
	// The name of the server, services, endpoints, streams, subscriptions, port, TLS, restarted, bystanders.
	args := os.Args[1:]
	p := &peer{data: data{number(args[1]), number(args[2]), number(args[4])}}
	resources := map[string]types.Resource{}
	for service := 0; service < p.services+number(args[8]); service++ {
		assignment := p.assignment(service, p.initial(service, args[7] == "true"))
		p.now = append(p.now, assignment)
		resources[resource(service)] = assignment
	}
	p.cache = cache.NewLinearCache(typeURL, cache.WithInitialResources(resources))
	options := []grpc.ServerOption{
		// What ours permits too.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
	}
	if args[6] == "true" {
		options = append(options, grpc.Creds(credentials.NewTLS(certificate())))
	}
	grpcServer := grpc.NewServer(options...)
	discovery.RegisterAggregatedDiscoveryServiceServer(
		grpcServer, server.NewServer(context.Background(), p.cache, nil))
	listener, err := net.Listen("tcp", "127.0.0.1:"+args[5])
	check(err)
	go func() { check(grpcServer.Serve(listener)) }()
	fmt.Println(">", listener.Addr().(*net.TCPAddr).Port)
	commands := bufio.NewScanner(os.Stdin)
	for commands.Scan() {
		p.obey(strings.Split(commands.Text(), " "))
	}
}

func (p *peer) obey(words []string) {
	switch words[0] {
	case "changes":
		fmt.Println(">", p.apply(number(words[1]), number(words[2]), number(words[3]), number(words[4])))
	case "cpu":
		var usage syscall.Rusage
		check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
		fmt.Println(">", usage.Utime.Nano()+usage.Stime.Nano(), 0)
	case "memory":
		runtime.GC()
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		fmt.Println(">", memory.HeapAlloc, memory.StackInuse) // in the place of direct memory: the stacks of its goroutines
	default:
		panic("command: " + words[0] + " (expected: changes, cpu or memory)")
	}
}

func (p *peer) apply(first, count, startEpochNanos, intervalNanos int) int {
	start := time.Now().Add(time.Until(time.Unix(0, int64(startEpochNanos))))
	end := start.Add(time.Duration(count*intervalNanos) + patience)
	for i := 0; i < count; i++ {
		time.Sleep(time.Until(start.Add(time.Duration(i * intervalNanos))))
		if time.Now().After(end) {
			return i
		}
		change := first + i
		service := p.serviceOf(change)
		p.now[service] = p.changed(p.now[service], service, change)
		check(p.cache.UpdateResource(resource(service), p.now[service]))
	}
	return count
}

func certificate() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(err)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
