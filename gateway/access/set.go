package access

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Limits of keys. Clients put the access key before a slash in the credential
// scope, so it holds none.
const (
	minAccessKey = 3
	maxAccessKey = 128
	minSecretKey = 8
	maxSecretKey = 256
)

// Config says who may use the gateway.
type Config struct {
	// Identities are the users. Two entries may share account and name: keys
	// are rotated so.
	Identities []IdentityConfig `yaml:"identities"`
	// Anonymous is what requests without a signature may do, nil for nothing
	// but what bucket policies allow.
	Anonymous *AnonymousConfig `yaml:"anonymous"`
	// Policies are policies by name, beside the built-in ones.
	Policies map[string]*Policy `yaml:"-"`
}

// IdentityConfig is one user with one pair of keys.
type IdentityConfig struct {
	Name      string   `yaml:"name"`       // as an IAM user name
	Account   string   `yaml:"account"`    // DefaultAccount if empty
	AccessKey string   `yaml:"access_key"` // 3 to 128 of A-Z a-z 0-9 . _ -
	SecretKey Secret   `yaml:"secret_key"` // at least 8 bytes
	Policies  []string `yaml:"policies"`   // names
}

// AnonymousConfig is what nobody in particular may do.
type AnonymousConfig struct {
	Account  string   `yaml:"account"`  // in this account's buckets only; DefaultAccount if empty
	Policies []string `yaml:"policies"` // names
}

// Set is all identities of a gateway. Immutable, safe for concurrent use.
type Set struct {
	byKey       map[string]*Identity
	byCanonical map[string]string
	anonymous   *Identity
}

// NewSet checks a config and returns its identities. Its error lists all
// mistakes and shows no secret.
func NewSet(c Config) (*Set, error) {
	s := &Set{
		byKey:       make(map[string]*Identity, len(c.Identities)),
		byCanonical: make(map[string]string),
		anonymous:   &Identity{},
	}
	var problems []error
	for name, p := range c.Policies {
		if _, ok := Builtin(name); ok {
			problems = append(problems, fmt.Errorf("policy %q has the name of a built-in policy", name))
		}
		if p == nil {
			problems = append(problems, fmt.Errorf("policy %q is empty", name))
		}
	}
	for i, ic := range c.Identities {
		if err := s.add(ic, c.Policies); err != nil {
			problems = append(problems, fmt.Errorf("identity %d (%s): %w", i+1, quote(ic.Name), err))
		}
	}
	if c.Anonymous != nil {
		if err := s.setAnonymous(*c.Anonymous, c.Policies); err != nil {
			problems = append(problems, fmt.Errorf("anonymous identity: %w", err))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return s, nil
}

func (s *Set) add(c IdentityConfig, custom map[string]*Policy) error {
	if c.Account == "" {
		c.Account = DefaultAccount
	}
	if err := c.check(); err != nil {
		return err
	}
	if other, ok := s.byKey[c.AccessKey]; ok {
		return fmt.Errorf("access key %q is also that of identity %q", c.AccessKey, other.Name)
	}
	policies, err := policiesNamed(c.Policies, custom)
	if err != nil {
		return err
	}
	s.byKey[c.AccessKey] = &Identity{c.Name, c.Account, c.AccessKey, c.SecretKey, policies}
	s.byCanonical[CanonicalID(c.Account)] = c.Account
	return nil
}

func (c *IdentityConfig) check() error {
	secret := c.SecretKey.Reveal()
	switch {
	case !isUserName(c.Name):
		return errors.New("name must be 1 to 64 letters, digits or _+=,.@-")
	case !isAccountName(c.Account):
		return fmt.Errorf("account %s must be 1 to 64 letters, digits or ._-", quote(c.Account))
	case c.AccessKey == "":
		return errors.New("access key is empty")
	case len(c.AccessKey) < minAccessKey || len(c.AccessKey) > maxAccessKey || strings.ContainsFunc(c.AccessKey, notAccessKey):
		return fmt.Errorf("access key %s must be %d to %d letters, digits or ._-", quote(c.AccessKey), minAccessKey, maxAccessKey)
	case secret == "":
		return errors.New("secret key is empty")
	case len(secret) < minSecretKey || len(secret) > maxSecretKey:
		return fmt.Errorf("secret key must have %d to %d bytes", minSecretKey, maxSecretKey)
	case strings.TrimSpace(secret) != secret:
		return errors.New("secret key starts or ends with white space")
	}
	return nil
}

func notAccessKey(c rune) bool {
	return !isLetterOrDigit(c) && c != '.' && c != '_' && c != '-'
}

func (s *Set) setAnonymous(c AnonymousConfig, custom map[string]*Policy) error {
	if c.Account == "" {
		c.Account = DefaultAccount
	}
	if !isAccountName(c.Account) {
		return fmt.Errorf("account %s must be 1 to 64 letters, digits or ._-", quote(c.Account))
	}
	policies, err := policiesNamed(c.Policies, custom)
	s.anonymous = &Identity{Account: c.Account, Policies: policies}
	s.byCanonical[CanonicalID(c.Account)] = c.Account
	return err
}

func policiesNamed(names []string, custom map[string]*Policy) ([]*Policy, error) {
	policies := make([]*Policy, 0, len(names))
	for _, name := range names {
		p, ok := Builtin(name)
		if !ok {
			p, ok = custom[name]
		}
		if !ok {
			known := slices.Sorted(maps.Keys(custom))
			return nil, fmt.Errorf("policy %s is unknown; there are %s", quote(name),
				strings.Join(append(builtinNames(), known...), ", "))
		}
		policies = append(policies, p)
	}
	return policies, nil
}

// Lookup returns the identity of an access key.
func (s *Set) Lookup(accessKey string) (*Identity, bool) {
	id, ok := s.byKey[accessKey]
	return id, ok
}

// Anonymous returns the identity of requests without a signature, never nil.
func (s *Set) Anonymous() *Identity { return s.anonymous }

// Account returns the account of a canonical user ID, among those that have an
// identity.
func (s *Set) Account(canonicalID string) (string, bool) {
	account, ok := s.byCanonical[canonicalID]
	return account, ok
}

// Identities returns all identities but the anonymous one, by access key.
func (s *Set) Identities() []*Identity {
	all := make([]*Identity, 0, len(s.byKey))
	for _, key := range slices.Sorted(maps.Keys(s.byKey)) {
		all = append(all, s.byKey[key])
	}
	return all
}
