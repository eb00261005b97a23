// Package route53 keeps public hosted zones of Amazon Route 53 in step.
//
// Route 53 is given contents, and counts serials by itself: what a hosted zone
// has is listed and compared. Only what differs is sent. A change that was taken
// is in force once its status is INSYNC; until then a zone is pending.
//
// A hosted zone is Skein's if its caller reference begins with skein/, as that
// of each zone does which Skein made, or its comment with "skein": so a person
// hands over one that is there. Any other of the name is left alone. Private
// zones are not looked at. Records that only Route 53 knows, ALIAS and those with
// a routing policy, are left alone, and told of.
package route53

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/smithy-go"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// The settings of a member.
const (
	SettingRegion        = "region"         // that signatures are for
	SettingDelegationSet = "delegation-set" // that new zones are made with
	SettingApex          = "apex"           // keep or write
)

const (
	// DefaultRegion is that of the service, which is one for all regions.
	DefaultRegion = "us-east-1"

	apexKeep  = "keep"
	apexWrite = "write"
)

// silence is how long a call may take.
const silence = 30 * time.Second

// Options are what a driver needs from around it.
type Options struct {
	// Published returns what is to be on the member of a zone; false if nothing
	// is published of it yet.
	Published func(ctx context.Context, name zone.Name) (zone.Contents, bool)
	Accounts  *Accounts // shared by all drivers
	Trace     member.Trace
	Silence   time.Duration // how long a call may take; 30 s by default
	Now       func() time.Time

	// Of tests.
	pause func(ctx context.Context, d time.Duration) error                // waits
	dial  func(ctx context.Context, network, at string) (net.Conn, error) // where the endpoint is not
}

// Driver implements member.Driver.
type Driver struct {
	m       skein.Member
	opts    Options
	api     *route53.Client
	http    *http.Transport
	account *account
}

var (
	_ member.Driver = (*Driver)(nil)
	_ member.Taker  = (*Driver)(nil)
)

// New makes a driver; it connects when it is first used.
func New(m skein.Member, s skein.MemberSecrets, o Options) (*Driver, error) {
	if m.Username == "" || s.Token == "" {
		return nil, fmt.Errorf("member %s has no access key yet: give its id with --username and the secret key with --token-file", m.Name)
	}
	endpoint, err := endpointOf(m)
	if err != nil {
		return nil, err
	}
	if o.Silence <= 0 {
		o.Silence = silence
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.pause == nil {
		o.pause = pause
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if o.dial != nil {
		transport.DialContext = o.dial
	}
	creds := aws.Credentials{AccessKeyID: m.Username, SecretAccessKey: s.Token, Source: "Skein"}
	api := route53.New(route53.Options{
		Region: setting(m, SettingRegion, DefaultRegion), BaseEndpoint: endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return creds, nil }),
		HTTPClient:  &http.Client{Transport: transport}, Retryer: aws.NopRetryer{},
	})
	return &Driver{m: m, opts: o, api: api, http: transport, account: o.Accounts.of(m)}, nil
}

// endpointOf is where the API is; nil for the one of AWS.
func endpointOf(m skein.Member) (*string, error) {
	if m.Endpoint == "" {
		return nil, nil
	}
	u, err := url.Parse(m.Endpoint)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("member %s: %.300q is no address of an API: say --endpoint https://HOST", m.Name, m.Endpoint)
	}
	return aws.String(strings.TrimSuffix(m.Endpoint, "/")), nil
}

func setting(m skein.Member, name, otherwise string) string {
	if value := m.Settings[name]; value != "" {
		return value
	}
	return otherwise
}

// CheckApex says what is wrong with a value of SettingApex.
func CheckApex(value string) error {
	if value != apexKeep && value != apexWrite {
		return fmt.Errorf("it is neither %s nor %s", apexKeep, apexWrite)
	}
	return nil
}

func (d *Driver) apex() bool { return d.m.Settings[SettingApex] == apexWrite }

// Can implements member.Driver.
func (d *Driver) Can() member.Capabilities { return Can() }

// Can tells what Route 53 is able to do.
func Can() member.Capabilities {
	return member.Capabilities{Default: skein.RoleWriteOnly, Roles: []skein.Role{skein.RoleWriteOnly}, Own: true}
}

// Close implements member.Driver.
func (d *Driver) Close() error {
	d.http.CloseIdleConnections()
	return nil
}

// Status implements member.Driver.
func (d *Driver) Status(ctx context.Context) (string, error) {
	_, err := d.count(ctx)
	return "Route 53 API 2013-04-01", err
}

func (d *Driver) count(ctx context.Context) (zones int64, err error) {
	err = d.call(ctx, "GetHostedZoneCount", "", func(ctx context.Context) error {
		out, err := d.api.GetHostedZoneCount(ctx, &route53.GetHostedZoneCountInput{})
		if err == nil {
			zones = aws.ToInt64(out.HostedZoneCount)
		}
		return err
	})
	return zones, err
}

// The waits after a call that was throttled.
const (
	firstWait = time.Second
	longWait  = 30 * time.Second
)

// call makes one call of the API, within its rate. One that is throttled is made
// again, as long as the caller waits.
func (d *Driver) call(ctx context.Context, what, about string, do func(ctx context.Context) error) error {
	for n := 0; ; n++ {
		if err := d.account.rate.Wait(ctx); err != nil {
			return fmt.Errorf("%w: waiting for the turn of %s: %w", member.ErrAway, what, err)
		}
		began := d.opts.Now()
		err := func() error {
			ctx, cancel := context.WithTimeout(ctx, d.opts.Silence)
			defer cancel()
			return do(ctx)
		}()
		d.opts.Trace.Record(began, d.opts.Now(), what, about, "", err)
		if !throttled(err) {
			return failure(err)
		}
		if err := d.opts.pause(ctx, min(firstWait<<min(n, 10), longWait)); err != nil {
			return fmt.Errorf("%w: Route 53 allows no more calls for now: %w", member.ErrAway, err)
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// throttled: the call did nothing, and may work a little later.
func throttled(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "TooManyRequestsException", "PriorRequestNotComplete", "SlowDown":
		return true
	}
	return false
}

// failure puts an error of the API into the words of drivers.
func failure(err error) error {
	var api smithy.APIError
	var answer interface{ HTTPStatusCode() int }
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &api): // nothing, or half an answer
		return fmt.Errorf("%w: %w", member.ErrAway, err)
	}
	switch code := api.ErrorCode(); {
	case strings.Contains(code, "AccessDenied"), strings.Contains(code, "Token"), strings.Contains(code, "Signature"), strings.Contains(code, "Unrecognized"),
		code == "RequestExpired", code == "OptInRequired", code == "AuthFailure":
		return fmt.Errorf("%w: %s: %s", member.ErrDenied, code, api.ErrorMessage())
	case errors.As(err, &answer) && answer.HTTPStatusCode() >= http.StatusInternalServerError:
		return fmt.Errorf("%w: Route 53 fails: %s: %s", member.ErrAway, code, api.ErrorMessage())
	}
	return err
}
