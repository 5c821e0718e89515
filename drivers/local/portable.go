//go:build unix

package local

import "strings"

// portableByte tells whether a byte may stand in a file name on every file system, and differs from all others there.
func portableByte(b byte) bool {
	switch {
	case b <= ' ' && b != ' ', b >= 0x7f, b >= 'A' && b <= 'Z':
		return false
	}
	return !strings.ContainsRune(`\/:*?"<>|%`, rune(b))
}

// portableName tells whether a segment is a file name on every file system as it is.
func portableName(seg string) bool {
	for i := range len(seg) {
		if seg[i] != '%' && !portableByte(seg[i]) {
			return false
		}
	}
	if last := seg[len(seg)-1]; last == '.' || last == ' ' {
		return false
	}
	stem, _, _ := strings.Cut(seg, ".")
	return !deviceName(strings.TrimRight(stem, " "))
}

// deviceName tells whether Windows keeps this name, with any extension, for a device.
func deviceName(stem string) bool {
	switch stem {
	case "con", "prn", "aux", "nul", "conin$", "conout$":
		return true
	}
	return len(stem) == 4 && (stem[:3] == "com" || stem[:3] == "lpt") && stem[3] >= '0' && stem[3] <= '9'
}
