package access

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// DefaultAccount is the account of identities that name none.
const DefaultAccount = "sluice"

const (
	canonicalIDLength = 2 * sha256.Size
	maxNameLength     = 64
)

// CanonicalID returns an account's canonical user ID, which S3 shows as owner:
// 64 hexadecimal digits, the same for the same account on every gateway.
func CanonicalID(account string) string {
	return digest("sluice canonical user ID", account)
}

// digest hashes parts that cannot run into each other: names hold no NUL.
func digest(domain string, parts ...string) string {
	sum := sha256.Sum256([]byte(domain + "\x00" + strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

func isAccountName(s string) bool { return isName(s, "._-") }

// isUserName accepts what IAM accepts as the name of a user.
func isUserName(s string) bool { return isName(s, "_+=,.@-") }

func isName(s, marks string) bool {
	return s != "" && len(s) <= maxNameLength && !strings.ContainsFunc(s, func(c rune) bool {
		return !isLetterOrDigit(c) && !strings.ContainsRune(marks, c)
	})
}
