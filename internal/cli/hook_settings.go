package cli

import (
	"cmp"
	"encoding/pem"
	"fmt"
	"path/filepath"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/daemon"
	"github.com/skein-dns/skein/internal/pleskhost"
	"github.com/skein-dns/skein/internal/spool"
)

// merge lays what was said now over what was installed before.
func (in *hookInstall) merge(s pleskhost.Settings) (pleskhost.Settings, error) {
	a := in.app
	switch {
	case a.url != "" && a.data != "":
		return s, usage("--data names a node on this machine, --url one elsewhere; say one of them")
	case a.data != "":
		data, err := filepath.Abs(a.data)
		if err != nil {
			return s, err
		}
		if data != s.Data {
			s = elsewhere(s)
		}
		s.Data = data
	case a.url != "":
		if _, err := hostPort(a.url); err != nil {
			return s, err
		}
		if a.url != s.URL {
			s = elsewhere(s)
		}
		s.URL = a.url
	case s.URL == "" && s.Data == "":
		return s, usage("say where Skein is: --url https://HOST:PORT --token-file FILE --ca FILE, or --data DIR on its own machine")
	}
	if s.URL != "" && (a.tokenFile != "" || s.Token == "") {
		var err error
		if s.Token, err = a.secret(); err != nil {
			return s, err
		}
		if s.Token == "" {
			return s, usage("a token is needed: --token-file FILE (on Skein's machine: skein token create NAME --source NAME --output FILE)")
		}
	}
	if in.caFile != "" {
		ca, err := a.readCA(in.caFile)
		if err != nil {
			return s, err
		}
		s.CA = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}))
	}
	return in.mergeRest(s)
}

// elsewhere forgets where the hook delivered to. A token must not go to another
// server unasked, nor a push of one source lie where another's are.
func elsewhere(s pleskhost.Settings) pleskhost.Settings {
	s.Data, s.URL, s.Token, s.CA, s.Spool = "", "", "", "", ""
	return s
}

// leaves refuses to leave a spool behind that something waits in.
func leaves(before, after pleskhost.Settings) error {
	if before.Spool == "" || before.Spool == after.Spool {
		return nil
	}
	queue, err := spool.Open(before.Spool)
	if err != nil {
		return err
	}
	found, err := queue.Look()
	if err == nil && found.Waiting > 0 {
		err = &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("%d pushes wait in %s, which nobody would deliver any more", found.Waiting, before.Spool),
			Mend: "skein hook plesk --deliver first, while Skein answers as it is installed; or move the folder away"}
	}
	return err
}

func (in *hookInstall) mergeRest(s pleskhost.Settings) (pleskhost.Settings, error) {
	if in.set("also") {
		s.Also = in.also
	}
	if words, err := splitWords(s.Also); err != nil || s.Also != "" && len(words) == 0 {
		return s, usage("--also %q is not a command: %v", s.Also, err)
	}
	if in.set("mode") || s.Mode == "" {
		s.Mode = in.mode
	}
	if s.Mode != skein.ModePush && s.Mode != skein.ModeTransfer {
		return s, usage("the mode %q is unknown; say push or transfer", s.Mode)
	}
	if in.set("spool") || s.Spool == "" {
		s.Spool = cmp.Or(in.spool, (&pleskHook{app: &app{data: cmp.Or(s.Data, daemon.DefaultData), url: s.URL}}).defaultDir())
	}
	var err error
	s.Spool, err = filepath.Abs(s.Spool)
	return s, err
}
