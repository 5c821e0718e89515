# What the clients' scripts check with. To be sourced; it also makes the script
# stop at the first command that fails, and say which.
set -Eeuo pipefail
trap 'echo "failed at ${BASH_SOURCE[0]}:$LINENO: $BASH_COMMAND" >&2' ERR

# expect_same FILE FILE: both hold the same bytes.
expect_same() {
	local a b
	a=$(sha256sum <"$1") b=$(sha256sum <"$2")
	[ "$a" = "$b" ] || { echo "$1 and $2 differ" >&2; return 1; }
}

# expect_same_tree FOLDER FOLDER: both hold the same files.
expect_same_tree() {
	diff -r "$1" "$2" >&2
}

# expect_eq WHAT WANT GOT: the two texts are equal.
expect_eq() {
	[ "$2" = "$3" ] || { printf '%s:\nwant %s\ngot  %s\n' "$1" "$2" "$3" >&2; return 1; }
}

# expect_refusal TEXT COMMAND...: the command fails and its output holds TEXT.
expect_refusal() {
	local text=$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "not refused: $*" >&2
		return 1
	fi
	case $out in *"$text"*) ;; *) printf 'refused otherwise than with %s: %s\n' "$text" "$out" >&2; return 1 ;; esac
}

# make_file FILE BYTES: a file of random bytes.
make_file() {
	mkdir -p "$(dirname "$1")"
	head -c "$2" /dev/urandom >"$1"
}

# make_tree FOLDER: small, empty, nested and oddly named files.
make_tree() {
	make_file "$1/plain.txt" 1000
	make_file "$1/empty" 0
	make_file "$1/sub/deeper/data.bin" 300000
	make_file "$1/sub/with space & plus+.txt" 123
	make_file "$1/sub/ünïcødé-日本.txt" 77
	make_file "$1/sub/percent%20(1)=é;,.txt" 5
}
