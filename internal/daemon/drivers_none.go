//go:build !fakemember

package daemon

// driversOfTests are those that test binaries bring along: none here.
func (n *node) driversOfTests() []driver { return nil }
