package config

import (
	"errors"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"sluice/gateway/access"
)

// check finds what is wrong beyond the types of values. It returns all of it.
func (f *File) check() error {
	return errors.Join(f.checkListeners(), f.checkLimits(), f.checkAccess(), f.checkDrivers())
}

// mistakes collects errors at places of the file.
type mistakes struct {
	f    *File
	errs []error
}

// unless notes a mistake at a path of keys where ok does not hold.
func (m *mistakes) unless(ok bool, path, format string, args ...any) {
	if !ok {
		m.errs = append(m.errs, m.f.root.At(strings.Split(path, ".")...).Errorf(format, args...))
	}
}

func (f *File) checkListeners() error {
	m := mistakes{f: f}
	m.unless(isAddress(f.Listen), "listen", `wants host:port, as "127.0.0.1:9000" or ":9000"`)
	m.unless(f.Admin.Address == Off || isAddress(f.Admin.Address), "admin.address", `wants host:port, or "off"`)
	m.unless(f.Region != "" && !strings.ContainsAny(f.Region, "/ "), "region", "is not the name of a region")
	for i, d := range f.Domains {
		if d == "" || strings.ContainsAny(d, "/:* ") || strings.HasPrefix(d, ".") {
			m.errs = append(m.errs, f.root.At("domains").Index(i).Errorf(`wants a domain, as "s3.example.com"`))
		}
	}
	m.unless((f.TLS.CertFile == "") == (f.TLS.KeyFile == ""), "tls", "wants both cert_file and key_file, or neither")
	m.unless(f.State.Engine != "embedded" || f.State.Dir != "", "state", "wants a dir")
	u, err := url.Parse(f.Tracing.Endpoint)
	m.unless(f.Tracing.Endpoint == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "",
		"tracing.endpoint", `wants a URL, as "http://127.0.0.1:4318"`)
	m.unless(f.Tracing.Sample >= 0 && f.Tracing.Sample <= 1, "tracing.sample", "wants a number from 0 to 1")
	return errors.Join(m.errs...)
}

func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	_, err = net.LookupPort("tcp", port) //nolint:noctx // asks no name server
	return err == nil
}

func (f *File) checkLimits() error {
	m := mistakes{f: f}
	l := f.Limits
	m.unless(l.ReadHeader > 0, "limits.read_header", "must be more than 0")
	m.unless(l.Idle > 0, "limits.idle", "must be more than 0")
	m.unless(l.Stall > 0, "limits.stall", "must be more than 0")
	m.unless(l.MinRate > 0, "limits.min_rate", "must be more than 0")
	m.unless(l.Handler > 0, "limits.handler", "must be more than 0")
	m.unless(l.MaxHeader >= 8<<10 && l.MaxHeader <= 1<<20, "limits.max_header", "must be 8KiB to 1MiB")
	m.unless(l.MaxConnections > 0, "limits.max_connections", "must be more than 0")
	m.unless(l.Shutdown >= 0, "limits.shutdown", "must not be negative")
	return errors.Join(m.errs...)
}

// checkAccess compiles the policies and makes the set of identities.
func (f *File) checkAccess() error {
	if len(f.Identities) == 0 && f.Anonymous == nil {
		return f.root.At("identities").Errorf("nobody could use this gateway: give it identities, or say under anonymous " +
			"what requests without a signature may do")
	}
	c := access.Config{Policies: make(map[string]*access.Policy, len(f.Policies))}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(f.Policies)) {
		p, err := f.policy(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		c.Policies[name] = p
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	// One by one first: errors then have a place.
	for i, id := range f.Identities {
		c.Identities = []access.IdentityConfig{id}
		if _, err := access.NewSet(c); err != nil {
			errs = append(errs, f.root.At("identities").Index(i).Errorf("%w", plain(err)))
		}
	}
	c.Identities, c.Anonymous = nil, f.Anonymous
	if _, err := access.NewSet(c); err != nil {
		errs = append(errs, f.root.At("anonymous").Errorf("%w", plain(err)))
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	c.Identities = f.Identities
	set, err := access.NewSet(c)
	if err != nil {
		return f.root.At("identities").Errorf("%w", err)
	}
	f.set = set
	return nil
}

// plain takes the counting from an error of access.NewSet about one identity, whose place says it better.
func plain(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) == 1 {
		if inner := errors.Unwrap(joined.Unwrap()[0]); inner != nil {
			return inner
		}
	}
	return err
}

// policy compiles a policy that is written in the file, or in the file that it names.
func (f *File) policy(name string) (*access.Policy, error) {
	n := f.Policies[name]
	var doc []byte
	var err error
	if keys := n.Keys(); len(keys) == 1 && keys[0] == "file" {
		var ref struct {
			File string `yaml:"file"`
		}
		if err := n.Decode(&ref); err != nil {
			return nil, err
		}
		if doc, err = f.refs.File(ref.File); err != nil {
			return nil, n.At("file").Errorf("%w", err)
		}
	} else if doc, err = n.JSON(); err != nil {
		return nil, err
	}
	p, err := access.ParsePolicy(doc)
	if err != nil {
		return nil, n.Errorf("%w", err)
	}
	return p, nil
}

func (f *File) checkDrivers() error {
	m := mistakes{f: f}
	m.unless(len(f.Drivers) > 0, "drivers", "there is no driver: say where objects are kept, as "+
		"{disk: {type: local, config: {dir: /srv/objects}}}")
	for _, name := range slices.Sorted(maps.Keys(f.Drivers)) {
		at := f.root.At("drivers", name)
		if !isNodeName(name) {
			m.errs = append(m.errs, at.Errorf("a node's name is made of letters, digits, - and _"))
		}
		if f.Drivers[name].Type == "" {
			m.errs = append(m.errs, at.Errorf("has no type"))
		}
	}
	m.unless(len(f.Drivers) < 2 || !f.Buckets.Empty(), "drivers",
		`there are several drivers: say under buckets which bucket lives where, as {"*": {driver: %s}}`, f.anyDriver())
	return errors.Join(m.errs...)
}

func (f *File) anyDriver() string {
	for _, name := range slices.Sorted(maps.Keys(f.Drivers)) {
		return name
	}
	return ""
}

func isNodeName(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	})
}

// RestartNeeded names the sections that differ between two files and that a reload does not change.
func RestartNeeded(before, after *File) []string {
	var names []string
	for _, s := range []struct {
		name          string
		before, after any
	}{
		{"listen", before.Listen, after.Listen}, {"admin", before.Admin, after.Admin}, {"region", before.Region, after.Region},
		{"domains", strings.Join(before.Domains, " "), strings.Join(after.Domains, " ")}, {"tls", before.TLS, after.TLS},
		{"state", before.State, after.State}, {"log", before.Log, after.Log}, {"tracing", before.Tracing, after.Tracing},
		{"limits", before.Limits, after.Limits},
	} {
		if s.before != s.after {
			names = append(names, s.name)
		}
	}
	return names
}
