package access

import (
	"fmt"
	"strings"
)

// standing is how a principal list names an identity.
type standing uint8

const (
	stranger  standing = iota // not at all
	byAccount                 // through its account
	inPerson                  // itself, or everybody
)

// principals is a compiled Principal or NotPrincipal.
type principals struct {
	everyone  bool
	accounts  []string
	canonical []string // canonical user IDs, which stand for accounts
	users     []user
}

type user struct{ account, name string }

// parsePrincipals compiles "*" or {"AWS": ..., "CanonicalUser": ...}. AWS takes
// "*", an account ("sluice" or "arn:aws:iam::sluice:root") or a user
// ("arn:aws:iam::sluice:user/app"); an ARN without account is of
// [DefaultAccount]. Service and Federated principals are legal and match
// nobody, as such callers do not exist here.
func parsePrincipals(n node) (*principals, error) {
	if n.kind == stringNode && n.text == "*" {
		return &principals{everyone: true}, nil
	}
	if n.kind != objectNode || len(n.members) == 0 {
		return nil, fmt.Errorf(`must be "*" or an object like {"AWS": "arn:aws:iam::%s:user/app"}`, DefaultAccount)
	}
	p := new(principals)
	for _, m := range n.members {
		texts, err := m.value.strings()
		if err != nil {
			return nil, fmt.Errorf("of type %s %w", quote(m.name), err)
		}
		for _, text := range texts {
			if err := p.add(m.name, text); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func (p *principals) add(kind, text string) error {
	switch kind {
	case "AWS":
		return p.addAWS(text)
	case "CanonicalUser":
		if len(text) != canonicalIDLength || strings.Trim(text, "0123456789abcdef") != "" {
			return fmt.Errorf("holds %s, which is not a canonical user ID", quote(text))
		}
		p.canonical = append(p.canonical, text)
		return nil
	case "Service", "Federated":
		return nil
	}
	return fmt.Errorf("holds the unknown principal type %s", quote(kind))
}

func (p *principals) addAWS(text string) error {
	if text == "*" {
		p.everyone = true
		return nil
	}
	if isAccountName(text) {
		p.accounts = append(p.accounts, text)
		return nil
	}
	service, account, who, ok := cutPrincipalARN(text)
	if !ok {
		return fmt.Errorf(`holds %s, which is neither "*", an account, nor an ARN of a user`, quote(text))
	}
	if service != "iam" {
		return nil // sessions are legal and match nobody, as roles do
	}
	if who == "root" {
		p.accounts = append(p.accounts, account)
	} else if name, ok := strings.CutPrefix(who, "user/"); ok {
		p.users = append(p.users, user{account, name})
	}
	return nil
}

// cutPrincipalARN takes "arn:aws:iam::account:user/name" and its like apart.
// Wildcards are errors: AWS has none in principals.
func cutPrincipalARN(text string) (service, account, who string, ok bool) {
	fields := strings.SplitN(text, ":", arnFields)
	if len(fields) != arnFields || fields[0] != "arn" || !isPartition(fields[1]) || fields[3] != "" {
		return "", "", "", false
	}
	service, account, who = fields[2], fields[4], fields[5]
	if account == "" {
		account = DefaultAccount
	}
	ok = (service == "iam" || service == "sts") && isAccountName(account) &&
		who != "" && !strings.ContainsAny(text, "*?$")
	return service, account, who, ok
}

func (p *principals) standing(id *Identity) standing {
	if p.everyone {
		return inPerson
	}
	if id.Anonymous() || id.Account == "" {
		return stranger
	}
	for _, u := range p.users {
		if u.name == id.Name && u.account == id.Account {
			return inPerson
		}
	}
	for _, account := range p.accounts {
		if account == id.Account {
			return byAccount
		}
	}
	if len(p.canonical) == 0 {
		return stranger
	}
	own := CanonicalID(id.Account)
	for _, canonical := range p.canonical {
		if canonical == own {
			return byAccount
		}
	}
	return stranger
}
