// Package e2e runs the built skein binary against real nameservers and real
// clients, each on free loopback ports. Nothing here looks inside.
package e2e
