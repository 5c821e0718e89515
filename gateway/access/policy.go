package access

// Policy is a compiled identity policy: what the identity that carries it may
// do. It is immutable and safe for concurrent use; [ParsePolicy] makes one.
type Policy struct {
	statements []statement
}

// BucketPolicy is a compiled resource policy: what the principals that it
// names may do with one bucket. It is a type of its own so that a policy
// without principals can never stand in for one, which would open the bucket
// to everybody. It is immutable; [ParseBucketPolicy] makes one.
type BucketPolicy struct {
	statements []statement
}

// outcome is what statements say about a request, as a set.
type outcome uint8

const (
	// allows: a statement allows this principal.
	allows outcome = 1 << iota
	// delegates: a statement allows the principal's account, which leaves the
	// choice to that account's identity policies.
	delegates
	// denies: a statement denies the request.
	denies
)

type statement struct {
	deny         bool
	actions      []pattern
	notAction    bool
	resources    []resource
	notResource  bool
	principals   *principals // nil in identity policies: whoever carries it
	notPrincipal bool
	conditions   []condition
}

func (p *Policy) outcome(r *Request) outcome {
	if p == nil {
		return 0
	}
	return evaluate(p.statements, r)
}

func (p *BucketPolicy) outcome(r *Request) outcome {
	if p == nil {
		return 0
	}
	return evaluate(p.statements, r)
}

func evaluate(statements []statement, r *Request) outcome {
	var o outcome
	for i := range statements {
		s := &statements[i]
		if !s.deny && o&allows != 0 {
			continue // only a Deny can change it now
		}
		o |= s.outcome(r)
		if o&denies != 0 {
			return o
		}
	}
	return o
}

// outcome tests the cheap parts first; conditions may make the gateway compute
// values.
func (s *statement) outcome(r *Request) outcome {
	if s.matchesAction(r.Action) == s.notAction || s.matchesResource(r) == s.notResource {
		return 0
	}
	who := s.standing(r.Identity)
	if who == stranger {
		return 0
	}
	for i := range s.conditions {
		if !s.conditions[i].holds(r) {
			return 0
		}
	}
	switch {
	case s.deny:
		return denies
	case who == byAccount:
		return delegates
	default:
		return allows
	}
}

func (s *statement) matchesAction(action string) bool {
	for i := range s.actions {
		if matchPieces(s.actions[i].pieces, action, true) {
			return true
		}
	}
	return false
}

func (s *statement) matchesResource(r *Request) bool {
	for i := range s.resources {
		if s.resources[i].match(r) {
			return true
		}
	}
	return false
}

func (s *statement) standing(id *Identity) standing {
	if s.principals == nil {
		return inPerson
	}
	who := s.principals.standing(id)
	if !s.notPrincipal {
		return who
	}
	if who == stranger {
		return inPerson
	}
	return stranger
}
