package probe

// Key is the TSIG key that a transfer is asked for with.
type Key struct {
	Name      string
	Algorithm string // hmac-sha256, …
	Secret    string // base64
}
