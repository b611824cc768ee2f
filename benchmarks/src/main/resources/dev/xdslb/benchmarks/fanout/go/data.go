// Copyright 2026 the xds-lb authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const (
	typeURL = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
	zones   = 3
	port    = 8080
)

// What the classes Changes and SyntheticData compute, once more.
type data struct {
	services, endpoints, subscriptions int
}

func (d data) serviceOf(change int) int {
	if change < 2*d.services {
		return change % d.services
	}
	mixed := uint64(change+1) * 0x9E3779B97F4A7C15
	mixed ^= mixed >> 12
	mixed ^= mixed << 25
	mixed ^= mixed >> 27
	return int(((mixed * 0x2545F4914F6CDD1D) >> 16) % uint64(d.services))
}

// The change that a service begins with.
func (d data) initial(service int, restarted bool) int {
	if restarted && service%d.subscriptions == 0 {
		return d.services + service
	}
	return service
}

func resource(service int) string {
	return fmt.Sprintf("service-%d.fleet:%d", service, port)
}

func (d data) assignment(service, change int) *endpoint.ClusterLoadAssignment {
	assignment := &endpoint.ClusterLoadAssignment{ClusterName: resource(service)}
	for zone := 0; zone < min(zones, d.endpoints); zone++ {
		locality := &endpoint.LocalityLbEndpoints{
			Locality: &core.Locality{Region: "region-1", Zone: "zone-" + string(rune('a'+zone))},
		}
		for i := zone; i < d.endpoints; i += zones {
			locality.LbEndpoints = append(locality.LbEndpoints, d.endpoint(service, i, change))
		}
		locality.LoadBalancingWeight = wrapperspb.UInt32(uint32(len(locality.LbEndpoints)))
		assignment.Endpoints = append(assignment.Endpoints, locality)
	}
	return assignment
}

// A copy of what changes, which shares the rest: nobody may alter what the cache has.
func (d data) changed(before *endpoint.ClusterLoadAssignment, service, change int) *endpoint.ClusterLoadAssignment {
	first := before.Endpoints[0]
	locality := &endpoint.LocalityLbEndpoints{
		Locality:            first.Locality,
		LoadBalancingWeight: first.LoadBalancingWeight,
		LbEndpoints:         append([]*endpoint.LbEndpoint{d.endpoint(service, 0, change)}, first.LbEndpoints[1:]...),
	}
	return &endpoint.ClusterLoadAssignment{
		ClusterName: before.ClusterName,
		Endpoints:   append([]*endpoint.LocalityLbEndpoints{locality}, before.Endpoints[1:]...),
	}
}

func (d data) endpoint(service, i, change int) *endpoint.LbEndpoint {
	pod := fmt.Sprintf("p%d", i)
	number := 1<<32 + i
	if i == 0 {
		pod = fmt.Sprintf("c%d", change)
		number = change
	}
	ours := &structpb.Struct{Fields: map[string]*structpb.Value{
		"pod":         structpb.NewStringValue(fmt.Sprintf("service-%d-7d9f8c6b5d-%s", service, pod)),
		"uid":         structpb.NewStringValue(fmt.Sprintf("%08x-0000-4000-8000-%012x", service, number)),
		"ready_since": structpb.NewStringValue("2026-01-01T00:00:00Z"),
	}}
	return &endpoint.LbEndpoint{
		HostIdentifier: &endpoint.LbEndpoint_Endpoint{Endpoint: &endpoint.Endpoint{Address: &core.Address{
			Address: &core.Address_SocketAddress{SocketAddress: &core.SocketAddress{
				Address:       d.address(service, i, change),
				PortSpecifier: &core.SocketAddress_PortValue{PortValue: port},
			}},
		}}},
		HealthStatus:        core.HealthStatus_HEALTHY,
		LoadBalancingWeight: wrapperspb.UInt32(1),
		Metadata:            &core.Metadata{FilterMetadata: map[string]*structpb.Struct{"dev.xdslb": ours}},
	}
}

func (d data) address(service, i, change int) string {
	first, number := 10, (service*d.endpoints+i)%(1<<24)
	if i == 0 {
		first, number = 11, change
	}
	return fmt.Sprintf("%d.%d.%d.%d", first, number>>16, number>>8&255, number&255)
}
