#!/usr/bin/env bash
# What users of the AWS command line do. Needs the environment of clients_test.go.
. "$(dirname "$0")/../expect.sh"

s3() {
	case $1 in cp | mv | sync) set -- "$1" --no-progress "${@:2}" ;; esac
	aws --endpoint-url "$S3_ENDPOINT" s3 "$@"
}
s3api() { aws --endpoint-url "$S3_ENDPOINT" s3api "$@"; }

# Version 1 of the client would sign links with SigV2.
aws configure set default.s3.signature_version s3v4

s3 mb "s3://$BUCKET"
s3 ls | grep " $BUCKET\$" >/dev/null

# A file, and what the listing says of it.
make_file one.txt 12345
s3 cp one.txt "s3://$BUCKET/dir/one.txt"
s3 cp "s3://$BUCKET/dir/one.txt" one.back
expect_same one.txt one.back
expect_eq "ls" "12345 one.txt" "$(s3 ls "s3://$BUCKET/dir/" | awk '{print $3, $4}')"
expect_eq "ls of prefixes" "PRE dir/" "$(s3 ls "s3://$BUCKET" | xargs)"

# A stream of unknown length, in and out.
make_file stream.bin 20000000
s3 cp - "s3://$BUCKET/stream" <stream.bin
s3 cp "s3://$BUCKET/stream" - >stream.back
expect_same stream.bin stream.back

# Above the threshold of 8 MiB the client uploads parts and reads ranges.
make_file big.bin $((33 * 1024 * 1024 + 17))
s3 cp big.bin "s3://$BUCKET/big.bin"
s3 cp "s3://$BUCKET/big.bin" big.back
expect_same big.bin big.back
case $(s3api head-object --bucket "$BUCKET" --key big.bin --query ETag --output text) in
*-5\"*) ;;
*) echo "big.bin was not kept as five parts" >&2; exit 1 ;;
esac

# A copy on the server, of one request and of parts.
s3 cp "s3://$BUCKET/dir/one.txt" "s3://$BUCKET/copy/one.txt"
s3 mv "s3://$BUCKET/copy/one.txt" "s3://$BUCKET/moved.txt"
s3 cp "s3://$BUCKET/moved.txt" moved.back
expect_same one.txt moved.back
expect_refusal 404 s3api head-object --bucket "$BUCKET" --key copy/one.txt
s3 cp "s3://$BUCKET/big.bin" "s3://$BUCKET/big.copy"
s3 cp "s3://$BUCKET/big.copy" big.copy
expect_same big.bin big.copy

# Folders: copied, then kept in step both ways. A second sync moves nothing.
make_tree tree
s3 cp --recursive tree "s3://$BUCKET/tree/"
s3 cp --recursive "s3://$BUCKET/tree/" tree.back
expect_same_tree tree tree.back
s3 sync tree "s3://$BUCKET/synced/"
expect_eq "second sync up" "" "$(s3 sync tree "s3://$BUCKET/synced/")"
s3 sync "s3://$BUCKET/synced/" tree.down
expect_same_tree tree tree.down
expect_eq "second sync down" "" "$(s3 sync "s3://$BUCKET/synced/" tree.down)"
rm tree/plain.txt
s3 sync --delete tree "s3://$BUCKET/synced/"
expect_refusal 404 s3api head-object --bucket "$BUCKET" --key synced/plain.txt

# A presigned link works without the client, and not when changed.
link=$(s3 presign "s3://$BUCKET/dir/one.txt" --expires-in 300)
curl --silent --show-error --fail --output link.back "$link"
expect_same one.txt link.back
expect_eq "status of a forged link" 403 "$(curl --silent --output /dev/null --write-out '%{http_code}' "${link/one.txt/two.txt}")"

# Headers and metadata survive.
s3 cp one.txt "s3://$BUCKET/typed" --content-type text/csv --cache-control max-age=60 --metadata color=blue
expect_eq "typed" "text/csv	max-age=60	blue" \
	"$(s3api head-object --bucket "$BUCKET" --key typed --query '[ContentType,CacheControl,Metadata.color]' --output text)"

# A range by the plain interface.
s3api get-object --bucket "$BUCKET" --key dir/one.txt --range bytes=100-199 range.back >/dev/null
head -c 200 one.txt | tail -c 100 >range.want
expect_same range.want range.back

expect_refusal BucketNotEmpty s3 rb "s3://$BUCKET"
s3 rm --recursive "s3://$BUCKET"
expect_eq "ls after rm" "" "$(s3 ls --recursive "s3://$BUCKET")"
s3 rb "s3://$BUCKET"
expect_refusal NoSuchBucket s3 ls "s3://$BUCKET"
