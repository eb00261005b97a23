// Package reconcile brings every member to serve what is wanted, and knows
// what each was seen serving. It is level-triggered: a pure planner compares
// wanted with seen, one worker a member carries out the steps, and the prober
// tells whether they helped. There is no queue to replay. See DESIGN.md.
package reconcile
