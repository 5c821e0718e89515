package access_test

import (
	"encoding/json"
	"math/big"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file is a second evaluator, written for plainness: it reads documents
// afresh for every question, turns patterns into regular expressions and
// follows the text of the IAM User Guide. It takes well-formed policies only.

type naiveRequest struct {
	user, account string // user "" is anonymous
	action        string
	resource      string // "bucket/key"
	owner         string
	context       map[string][]string // lower-case keys
}

// naiveVerdict is what a document says: "deny", "allow", "account" (allowed by
// way of the account only) or "".
func naiveVerdict(document string, r naiveRequest) string {
	if document == "" {
		return ""
	}
	var d struct {
		Version   string
		Statement []map[string]any
	}
	if err := json.Unmarshal([]byte(document), &d); err != nil {
		panic(err)
	}
	found := map[string]bool{}
	for _, s := range d.Statement {
		who := naivePrincipal(s, r)
		if who == "" || !naiveAction(s, r) || !naiveResource(s, r, d.Version == "2012-10-17") ||
			!naiveConditions(s, r, d.Version == "2012-10-17") {
			continue
		}
		if s["Effect"] == "Deny" {
			found["deny"] = true
		} else {
			found[who] = true
		}
	}
	for _, verdict := range []string{"deny", "allow", "account"} {
		if found[verdict] {
			return verdict
		}
	}
	return ""
}

func naiveAuthorize(identityPolicies []string, bucketPolicy string, r naiveRequest) string {
	own := map[string]bool{}
	for _, document := range identityPolicies {
		own[naiveVerdict(document, r)] = true
	}
	s3 := strings.HasPrefix(strings.ToLower(r.action), "s3:")
	bucket := ""
	if s3 {
		bucket = naiveVerdict(bucketPolicy, r)
	}
	if own["deny"] || bucket == "deny" {
		return "explicit deny"
	}
	var allowed bool
	if !s3 {
		allowed = own["allow"] && r.user != ""
	} else if r.account == r.owner {
		allowed = own["allow"] || bucket == "allow"
	} else if r.user == "" {
		allowed = bucket == "allow"
	} else {
		allowed = own["allow"] && bucket != ""
	}
	if allowed {
		return "allow"
	}
	return "implicit deny"
}

func naiveList(v any) []string {
	if one, ok := v.(string); ok {
		return []string{one}
	}
	var all []string
	for _, item := range v.([]any) {
		all = append(all, item.(string))
	}
	return all
}

func naivePrincipal(s map[string]any, r naiveRequest) string {
	if v, ok := s["NotPrincipal"]; ok {
		if naivePrincipalNames(v, r) == "" {
			return "allow"
		}
		return ""
	}
	if v, ok := s["Principal"]; ok {
		return naivePrincipalNames(v, r)
	}
	return "allow"
}

func naivePrincipalNames(v any, r naiveRequest) string {
	names := []string{"*"}
	if m, ok := v.(map[string]any); ok {
		names = naiveList(m["AWS"])
	}
	result := ""
	for _, name := range names {
		switch {
		case name == "*":
			return "allow"
		case r.user == "":
		case name == "arn:aws:iam::"+r.account+":user/"+r.user:
			return "allow"
		case name == r.account, name == "arn:aws:iam::"+r.account+":root":
			result = "account"
		}
	}
	return result
}

func naiveAction(s map[string]any, r naiveRequest) bool {
	v, negative := s["NotAction"]
	if !negative {
		v = s["Action"]
	}
	for _, pattern := range naiveList(v) {
		if naiveLike(strings.ToLower(pattern), strings.ToLower(r.action), ".*", nil) {
			return !negative
		}
	}
	return negative
}

func naiveResource(s map[string]any, r naiveRequest, variables bool) bool {
	v, negative := s["NotResource"]
	if !negative {
		v = s["Resource"]
	}
	values := naiveLookup(r)
	if !variables {
		values = nil
	}
	for _, pattern := range naiveList(v) {
		name, s3 := strings.CutPrefix(pattern, "arn:aws:s3:::")
		if pattern == "*" || s3 && strings.HasPrefix(strings.ToLower(r.action), "s3:") && naiveLike(name, r.resource, ".*", values) {
			return !negative
		}
	}
	return negative
}

// naiveLookup returns the values of a request's keys, nil for an absent one.
func naiveLookup(r naiveRequest) func(string) []string {
	return func(key string) []string {
		key = strings.ToLower(key)
		switch {
		case key == "aws:username" && r.user == "":
			return nil
		case key == "aws:username":
			return []string{r.user}
		case key == "aws:principalarn" && r.user == "":
			return nil
		case key == "aws:principalarn":
			return []string{"arn:aws:iam::" + r.account + ":user/" + r.user}
		case key == "s3:resourceaccount":
			return []string{r.owner}
		}
		return r.context[key]
	}
}

var naiveVariable = regexp.MustCompile(`\$\{([^},]+)(?:, '([^']*)')?\}`)

// naiveLike matches by regular expression; star is what * becomes, "" for
// patterns without wildcards.
func naiveLike(pattern, text, star string, values func(string) []string) bool {
	var expression strings.Builder
	plain := func(s string) {
		s = regexp.QuoteMeta(s)
		if star != "" {
			s = strings.ReplaceAll(s, `\*`, star)
			s = strings.ReplaceAll(s, `\?`, strings.TrimSuffix(star, "*"))
		}
		expression.WriteString(s)
	}
	at := 0
	if values != nil {
		for _, m := range naiveVariable.FindAllStringSubmatchIndex(pattern, -1) {
			plain(pattern[at:m[0]])
			at = m[1]
			key := pattern[m[2]:m[3]]
			got := values(key)
			switch {
			case strings.Contains("*?$", key):
				expression.WriteString(regexp.QuoteMeta(key))
			case len(got) == 1:
				expression.WriteString(regexp.QuoteMeta(got[0]))
			case m[4] >= 0:
				expression.WriteString(regexp.QuoteMeta(pattern[m[4]:m[5]]))
			default:
				return false
			}
		}
	}
	plain(pattern[at:])
	return regexp.MustCompile(`(?s)\A(?:` + expression.String() + `)\z`).MatchString(text)
}

func naiveConditions(s map[string]any, r naiveRequest, variables bool) bool {
	block, _ := s["Condition"].(map[string]any)
	for name, keys := range block {
		for key, wants := range keys.(map[string]any) {
			if !naiveCondition(name, naiveLookup(r)(key), naiveList(wants), r, variables) {
				return false
			}
		}
	}
	return true
}

func naiveCondition(name string, got, wants []string, r naiveRequest, variables bool) bool {
	if name == "Null" {
		return slices.Contains(wants, strconv.FormatBool(len(got) == 0))
	}
	forAll, forAny := strings.HasPrefix(name, "ForAllValues:"), strings.HasPrefix(name, "ForAnyValue:")
	ifExists := strings.HasSuffix(name, "IfExists")
	base := strings.TrimSuffix(name[strings.Index(name, ":")+1:], "IfExists")
	negative := strings.Contains(base, "Not")
	base = strings.Replace(base, "Not", "", 1)
	if len(got) == 0 {
		return ifExists || forAll || negative && !forAny
	}
	values := naiveLookup(r)
	if !variables {
		values = nil
	}
	hits := naiveHits(base, got, wants, values)
	switch {
	case forAll && negative:
		return hits == 0
	case forAll:
		return hits == len(got)
	case forAny && negative:
		return hits < len(got)
	case negative:
		return hits == 0
	default:
		return hits > 0
	}
}

// naiveHits counts the values of the request that match one of the policy.
func naiveHits(base string, got, wants []string, values func(string) []string) (hits int) {
	for _, value := range got {
		for _, want := range wants {
			if naiveCompare(base, want, value, values) {
				hits++
				break
			}
		}
	}
	return hits
}

func naiveCompare(base, want, value string, values func(string) []string) bool {
	switch base {
	case "StringEquals":
		return naiveLike(want, value, "", values)
	case "StringEqualsIgnoreCase":
		lower := func(key string) []string {
			var all []string
			for _, v := range values(key) {
				all = append(all, strings.ToLower(v))
			}
			return all
		}
		if values == nil {
			lower = nil
		}
		return naiveLike(strings.ToLower(want), strings.ToLower(value), "", lower)
	case "StringLike":
		return naiveLike(want, value, ".*", values)
	case "ArnLike", "ArnEquals":
		return naiveLike(want, value, "[^:]*", values)
	case "Bool":
		return strings.EqualFold(want, value)
	case "IpAddress":
		if !strings.Contains(want, "/") {
			return net.ParseIP(want).Equal(net.ParseIP(value))
		}
		_, network, err := net.ParseCIDR(want)
		return err == nil && network.Contains(net.ParseIP(value))
	}
	return naiveOrder(base, want, value)
}

func naiveOrder(base, want, value string) bool {
	var sign int
	if rest, ok := strings.CutPrefix(base, "Numeric"); ok {
		a, okA := new(big.Rat).SetString(value)
		b, okB := new(big.Rat).SetString(want)
		if !okA || !okB {
			return false
		}
		base, sign = rest, a.Cmp(b)
	} else {
		a, errA := time.Parse(time.RFC3339, value)
		b, errB := time.Parse(time.RFC3339, want)
		if errA != nil || errB != nil {
			return false
		}
		base, sign = strings.TrimPrefix(base, "Date"), int(a.Sub(b).Seconds())
	}
	return strings.Contains(base, "Equals") && sign == 0 ||
		strings.HasPrefix(base, "LessThan") && sign < 0 ||
		strings.HasPrefix(base, "GreaterThan") && sign > 0
}
