package access

// Decision is the answer of an evaluation. The zero value denies.
type Decision uint8

const (
	// ImplicitDeny: no statement allows the request.
	ImplicitDeny Decision = iota
	// ExplicitDeny: a statement denies it, whatever others allow.
	ExplicitDeny
	// Allow: a statement allows it and none denies it.
	Allow
)

// Allowed reports whether the request may go on.
func (d Decision) Allowed() bool { return d == Allow }

// String names the decision for logs.
func (d Decision) String() string {
	switch d {
	case Allow:
		return "allow"
	case ExplicitDeny:
		return "explicit deny"
	default:
		return "implicit deny"
	}
}

// Request is one thing that somebody wants to do. An S3 call that does several
// (CopyObject reads the source and writes the destination) is several requests.
type Request struct {
	// Identity is who asks; nil is the anonymous identity without policies.
	Identity *Identity
	// Action is one name, like "s3:GetObject", in any case.
	Action string
	// Resource is "bucket" or "bucket/key" with the key as the client named
	// it, decoded; "" for what is about no bucket, as s3:ListAllMyBuckets.
	Resource string
	// ResourceAccount owns the resource. For a resource that is still to be
	// created, and for the list of one's own buckets, it is the identity's
	// account. "" is nobody's: no identity is at home there.
	ResourceAccount string
	// Context answers for condition keys and policy variables; may be nil.
	Context Context
}

// Evaluate decides by identity policies alone, without regard to accounts: an
// explicit Deny in any of them, else an Allow in any of them, else an implicit
// denial. Most callers want [Authorize].
func Evaluate(r Request, policies ...*Policy) Decision {
	var o outcome
	for _, p := range policies {
		o |= p.outcome(&r)
		if o&denies != 0 {
			return ExplicitDeny
		}
	}
	return decide(o&allows != 0)
}

// Authorize decides by the identity's policies and the bucket's policy (nil
// for none):
//
//   - an explicit Deny in any of them denies;
//   - in the identity's own account its policies or the bucket policy allow; a
//     bucket policy that names the account and not the identity leaves it to
//     the identity's policies;
//   - in another account both must allow;
//   - the anonymous identity is allowed by a bucket policy for everybody, or,
//     in the account that it is configured for, by its policies;
//   - actions that are not of s3 need an authenticated identity with an
//     account whose own policies allow them.
func Authorize(r Request, bucket *BucketPolicy) Decision {
	var own, others outcome
	if r.Identity != nil {
		for _, p := range r.Identity.Policies {
			own |= p.outcome(&r)
		}
	}
	s3 := isS3(r.Action)
	if s3 {
		others = bucket.outcome(&r)
	}
	anonymous := r.Identity.Anonymous()
	home := r.Identity != nil && r.Identity.Account != "" && r.Identity.Account == r.ResourceAccount
	switch {
	case (own|others)&denies != 0:
		return ExplicitDeny
	case !s3:
		return decide(own&allows != 0 && !anonymous && r.Identity.Account != "")
	case home:
		return decide((own|others)&allows != 0)
	case anonymous:
		return decide(others&allows != 0)
	default:
		return decide(own&allows != 0 && others&(allows|delegates) != 0)
	}
}

func decide(allowed bool) Decision {
	if allowed {
		return Allow
	}
	return ImplicitDeny
}
