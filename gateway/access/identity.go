package access

// Identity is who makes a request: a user of an account with a pair of keys
// and the policies that it carries. A [Set] makes them; they are shared, so
// nobody changes them.
type Identity struct {
	Name      string
	Account   string // owns the buckets that the identity creates
	AccessKey string // "" for the anonymous identity
	SecretKey Secret
	Policies  []*Policy
}

// Anonymous reports whether requests of this identity carry no signature.
func (i *Identity) Anonymous() bool { return i == nil || i.AccessKey == "" }

// ARN returns the Amazon resource name by which bucket policies name the
// identity, "arn:aws:iam::<account>:user/<name>", or "" for the anonymous one.
func (i *Identity) ARN() string {
	if i.Anonymous() {
		return ""
	}
	return "arn:aws:iam::" + i.Account + ":user/" + i.Name
}

// UserID returns what ${aws:userid} stands for: 32 hexadecimal digits that
// follow from account and name, or "anonymous".
func (i *Identity) UserID() string {
	if i.Anonymous() {
		return "anonymous"
	}
	return digest("sluice user ID", i.Account, i.Name)[:32]
}

func (i *Identity) userName() string {
	if i.Anonymous() {
		return ""
	}
	return i.Name
}

func (i *Identity) accountName() string {
	if i.Anonymous() {
		return ""
	}
	return i.Account
}

func (i *Identity) principalType() string {
	if i.Anonymous() {
		return "Anonymous"
	}
	return "User"
}
