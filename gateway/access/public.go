package access

import "net/netip"

// Public reports whether the policy allows something to everybody (Amazon S3
// User Guide, "The meaning of public"): an Allow for the principal "*" that no
// condition ties to fixed callers. When in doubt a policy is public.
func (p *BucketPolicy) Public() bool {
	if p == nil {
		return false
	}
	for i := range p.statements {
		if s := &p.statements[i]; !s.deny && s.principals.everyone && !s.tiedToCallers() {
			return true
		}
	}
	return false
}

func (s *statement) tiedToCallers() bool {
	for i := range s.conditions {
		c := &s.conditions[i]
		if identifiesCallers(c.key) && !c.null && !c.negated && !c.absent && c.hasFixedValues() {
			return true
		}
	}
	return false
}

func identifiesCallers(key string) bool {
	switch key {
	case "aws:sourceip", "aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce",
		"aws:userid", "aws:username", "aws:principalarn", "aws:principalaccount", "aws:principalorgid",
		"s3:dataaccesspointaccount", "s3:dataaccesspointarn":
		return true
	}
	return false
}

func (c *condition) hasFixedValues() bool {
	for _, o := range c.operands {
		if !isFixed(o) {
			return false
		}
	}
	return true
}

func isFixed(o operand) bool {
	switch o := o.(type) {
	case *likeOperand:
		return o.pattern.isPlain()
	case *foldOperand:
		return o.pattern.isPlain()
	case *arnOperand:
		for i := range o {
			if !o[i].isPlain() {
				return false
			}
		}
		return true
	case ipOperand:
		return isNarrow(netip.Prefix(o))
	}
	return false
}

// isNarrow draws the line where S3 does: a wider range counts as everybody.
func isNarrow(p netip.Prefix) bool {
	if p.Addr().Is4() {
		return p.Bits() >= 8
	}
	return p.Bits() >= 32
}

func (p *pattern) isPlain() bool {
	for _, part := range p.pieces {
		if part.kind != literal {
			return false
		}
	}
	return true
}
