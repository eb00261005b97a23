// Package metrics writes numbers in the text format of Prometheus (version
// 0.0.4). It keeps none: who has the numbers makes families of them.
package metrics

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// ContentType is the media type of what Write writes.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// The kinds of families.
const (
	Counter = "counter"
	Gauge   = "gauge"
)

// Family is one metric with all its samples.
type Family struct {
	Name, Kind, Help string
	Samples          []Sample
}

// Sample is one number; labels are pairs of a name and a value.
type Sample struct {
	Labels [][2]string
	Value  float64
}

// Add adds a sample with labels given as name, value, name, value …
func (f *Family) Add(value float64, labels ...string) {
	s := Sample{Value: value}
	for i := 0; i+1 < len(labels); i += 2 {
		s.Labels = append(s.Labels, [2]string{labels[i], labels[i+1]})
	}
	f.Samples = append(f.Samples, s)
}

// One is a family of a single number.
func One(name, kind, help string, value float64) Family {
	return Family{name, kind, help, []Sample{{Value: value}}}
}

var (
	inHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	inLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// Write writes families, those without samples left out.
func Write(to io.Writer, families []Family) error {
	w := bufio.NewWriter(to)
	for _, f := range families {
		if len(f.Samples) == 0 {
			continue
		}
		w.WriteString("# HELP " + f.Name + " " + inHelp.Replace(f.Help) + "\n# TYPE " + f.Name + " " + f.Kind + "\n")
		for _, s := range f.Samples {
			w.WriteString(f.Name)
			for i, l := range s.Labels {
				w.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
				w.WriteString(l[0] + `="` + inLabel.Replace(strings.ToValidUTF8(l[1], "�")) + `"`)
			}
			if len(s.Labels) > 0 {
				w.WriteByte('}')
			}
			w.WriteString(" " + strconv.FormatFloat(s.Value, 'g', -1, 64) + "\n")
		}
	}
	return w.Flush()
}
