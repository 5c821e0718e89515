package main

import "sluice/integration/bench/load"

const (
	kib = 1 << 10
	mib = 1 << 20
)

// cases are the loads, in the order in which they run.
var cases = []load.Case{
	// One client alone: what a request takes, without waiting for others.
	{Name: "put-4k-c1", Op: load.Put, Size: 4 * kib, Clients: 1},
	{Name: "get-4k-c1", Op: load.Get, Size: 4 * kib, Clients: 1},
	{Name: "put-4k", Op: load.Put, Size: 4 * kib, Clients: 16},
	{Name: "get-4k", Op: load.Get, Size: 4 * kib, Clients: 16},
	{Name: "head", Op: load.Head, Size: 4 * kib, Clients: 16},
	{Name: "mixed-4k", Op: load.Mixed, Size: 4 * kib, Clients: 16},
	{Name: "put-1m", Op: load.Put, Size: mib, Clients: 8},
	{Name: "get-1m", Op: load.Get, Size: mib, Clients: 8},
	{Name: "put-64m", Op: load.Put, Size: 64 * mib, Clients: 4},
	{Name: "get-64m", Op: load.Get, Size: 64 * mib, Clients: 4, Objects: 4},
	{Name: "list-1k", Op: load.List, Size: 64, Clients: 4, Objects: 2000},
	{Name: "put-4k-c256", Op: load.Put, Size: 4 * kib, Clients: 256},
	// What many large uploads at a time cost in memory; 16 GiB of disk.
	{Name: "put-64m-c256", Op: load.Put, Size: 64 * mib, Clients: 256, Once: true},
	{Name: "get-64m-c256", Op: load.Get, Size: 64 * mib, Clients: 256, Objects: 4, Once: true},
}
