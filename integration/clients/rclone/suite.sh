#!/usr/bin/env bash
# What users of rclone do. Needs the environment of clients_test.go.
. "$(dirname "$0")/../expect.sh"

export RCLONE_CONFIG="$HOME/rclone.conf"
cat >"$RCLONE_CONFIG" <<EOF
[gw]
type = s3
provider = Other
endpoint = $S3_ENDPOINT
access_key_id = $AWS_ACCESS_KEY_ID
secret_access_key = $AWS_SECRET_ACCESS_KEY
region = $AWS_REGION
EOF
# One attempt: a refused request must show, not be tried again.
rc() { rclone --retries 1 --low-level-retries 1 "$@"; }

rc mkdir "gw:$BUCKET"
expect_eq "lsd" "$BUCKET" "$(rc lsf "gw:" --dirs-only | grep "^$BUCKET/" | tr -d /)"

# A tree goes up, is checked by hash and by content, and comes back.
make_tree tree
rc sync tree "gw:$BUCKET/tree"
rc check tree "gw:$BUCKET/tree"
rc check --download tree "gw:$BUCKET/tree"
rc sync "gw:$BUCKET/tree" tree.back
expect_same_tree tree tree.back

# A second sync moves nothing; a changed and a removed file are followed.
expect_eq "second sync" "" "$(rc sync --log-level INFO --use-json-log --stats 0 tree "gw:$BUCKET/tree" 2>&1 | grep -i copied || true)"
make_file tree/plain.txt 2000
rm "tree/empty"
rc sync tree "gw:$BUCKET/tree"
rc check tree "gw:$BUCKET/tree"

# Parts up, ranges down, a copy of parts on the server.
make_file big.bin $((24 * 1024 * 1024 + 5))
rc copyto --s3-upload-cutoff 5M --s3-chunk-size 5M big.bin "gw:$BUCKET/big.bin"
rc copyto --multi-thread-cutoff 5M --multi-thread-streams 4 "gw:$BUCKET/big.bin" big.back
expect_same big.bin big.back
rc copyto --s3-copy-cutoff 10M "gw:$BUCKET/big.bin" "gw:$BUCKET/big.copy"
rc cat "gw:$BUCKET/big.copy" >big.copy
expect_same big.bin big.copy
rc cat --offset 1000 --count 100 "gw:$BUCKET/big.bin" >range.back
head -c 1100 big.bin | tail -c 100 >range.want
expect_same range.want range.back

# A stream of unknown length.
rc rcat "gw:$BUCKET/stream" <big.bin
rc cat "gw:$BUCKET/stream" >stream.back
expect_same big.bin stream.back

# Modification times are kept in metadata.
touch -d 2001-02-03T04:05:06Z dated.txt
rc copy dated.txt "gw:$BUCKET/dated"
expect_eq "modification time" "2001-02-03 04:05:06" "$(TZ=UTC rc lsf --format t "gw:$BUCKET/dated/dated.txt")"

rc moveto "gw:$BUCKET/stream" "gw:$BUCKET/elsewhere/stream"
expect_eq "listing" "big.bin big.copy dated/dated.txt elsewhere/stream" \
	"$(rc lsf -R --files-only "gw:$BUCKET" | grep -v '^tree/' | sort | xargs)"
rc purge "gw:$BUCKET"
expect_eq "buckets after purge" "" "$(rc lsf "gw:" | grep "^$BUCKET/" || true)"
