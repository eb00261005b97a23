package bench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// mixed is what hosting servers are asked: 70 % addresses, 10 % MX, 10 % TXT
// and 10 % names that are not there, all with EDNS; each zone as often as others.
func mixed(names []string, n int) [][]byte {
	r := rand.New(rand.NewPCG(11, 13))
	return mixedOf(r, n, func() string { return names[r.IntN(len(names))] })
}

// mixedByRank is mixed, but the zone of rank k is asked for 1/k as often (Zipf).
func mixedByRank(names []string, n int) [][]byte {
	r := rand.New(rand.NewPCG(47, 53))
	ranked := slices.Clone(names) // neighbours in memory have nothing to do with rank
	r.Shuffle(len(ranked), func(i, j int) { ranked[i], ranked[j] = ranked[j], ranked[i] })
	ranks := rand.NewZipf(r, 1.01, 1, uint64(len(names)-1))
	return mixedOf(r, n, func() string { return ranked[ranks.Uint64()] })
}

func mixedOf(r *rand.Rand, n int, zone func() string) (questions [][]byte) {
	for range n {
		name, t := zone(), dns.TypeA
		switch p := r.IntN(100); {
		case p < 30:
		case p < 50:
			name = "www." + name
		case p < 58:
			name = "mail." + name
		case p < 67:
			t = dns.TypeAAAA
		case p < 70:
			name = "ftp." + name
		case p < 80:
			t = dns.TypeMX
		case p < 85:
			t = dns.TypeTXT
		case p < 90:
			name, t = "default._domainkey."+name, dns.TypeTXT
		default:
			name = fmt.Sprintf("x%d.%s", r.IntN(1<<30), name)
		}
		questions = append(questions, question(name, t, false))
	}
	return questions
}

func question(name string, t uint16, do bool) []byte {
	q := new(dns.Msg)
	q.SetQuestion(name, t)
	q.RecursionDesired = false
	q.SetEdns0(1232, do)
	wire, err := q.Pack()
	if err != nil {
		panic(err)
	}
	return wire
}

// halfRandom is mixed, but every other name is a random one: an attack on the
// zones' names.
func halfRandom(names []string, n int) (questions [][]byte) {
	r := rand.New(rand.NewPCG(17, 19))
	questions = mixed(names, n)
	for i := 0; i < n; i += 2 {
		questions[i] = question(fmt.Sprintf("x%d.%s", r.IntN(1<<30), names[r.IntN(len(names))]), dns.TypeA, false)
	}
	return questions
}

// nodata asks for a type that a name does not have.
func nodata(names []string, n int) (questions [][]byte) {
	r := rand.New(rand.NewPCG(23, 29))
	for range n {
		questions = append(questions, question("www."+names[r.IntN(len(names))], dns.TypeAAAA, false))
	}
	return questions
}

// below asks for names below others; %d is a number that differs.
func below(prefix string, names []string, n int) (questions [][]byte) {
	r := rand.New(rand.NewPCG(31, 37))
	for range n {
		front := strings.Replace(prefix, "%d", fmt.Sprint(r.IntN(1<<30)), 1)
		questions = append(questions, question(front+names[r.IntN(len(names))], dns.TypeA, false))
	}
	return questions
}

// refused asks for what nobody serves.
func refused(n int) (questions [][]byte) {
	r := rand.New(rand.NewPCG(41, 43))
	for range n {
		questions = append(questions, question(fmt.Sprintf("www.foreign-%d.test.", r.IntN(1<<20)), dns.TypeA, false))
	}
	return questions
}

// secure is mixed with DO: signatures, and proofs for the names that are not there.
func secure(names []string, n int) [][]byte {
	questions := mixed(names, n)
	for _, q := range questions {
		q[len(q)-4] |= 0x80 // DO of the OPT record at the end
	}
	return questions
}
