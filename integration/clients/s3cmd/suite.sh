#!/usr/bin/env bash
# What users of s3cmd do. Needs the environment of clients_test.go.
. "$(dirname "$0")/../expect.sh"

cat >"$HOME/.s3cfg" <<EOF
[default]
access_key = $AWS_ACCESS_KEY_ID
secret_key = $AWS_SECRET_ACCESS_KEY
host_base = $S3_HOST
host_bucket = $S3_HOST
bucket_location = $AWS_REGION
use_https = False
EOF
cmd() { s3cmd --no-progress "$@"; }

cmd mb "s3://$BUCKET"
cmd ls | grep "s3://$BUCKET\$" >/dev/null

make_file one.txt 12345
cmd put one.txt "s3://$BUCKET/dir/one.txt"
cmd get "s3://$BUCKET/dir/one.txt" one.back
expect_same one.txt one.back
expect_eq "ls" "12345 s3://$BUCKET/dir/one.txt" "$(cmd ls "s3://$BUCKET/dir/" | awk '{print $3, $4}')"
cmd info "s3://$BUCKET/dir/one.txt" | grep "$(md5sum <one.txt | cut -d' ' -f1)" >/dev/null

# Parts of 5 MiB.
make_file big.bin $((17 * 1024 * 1024 + 3))
cmd put --multipart-chunk-size-mb=5 big.bin "s3://$BUCKET/big.bin"
cmd get "s3://$BUCKET/big.bin" big.back
expect_same big.bin big.back

# Metadata, and a copy and a move on the server. Without --acl-private this
# client copies the source's ACL too, which a bucket without ACLs refuses, on AWS
# as here.
cmd put --mime-type=text/csv --add-header=x-amz-meta-color:blue one.txt "s3://$BUCKET/typed"
cmd info "s3://$BUCKET/typed" | grep 'MIME type: *text/csv' >/dev/null
cmd info "s3://$BUCKET/typed" | grep 'x-amz-meta-color: *blue' >/dev/null
cmd cp --acl-private "s3://$BUCKET/typed" "s3://$BUCKET/copied"
cmd mv --acl-private "s3://$BUCKET/copied" "s3://$BUCKET/moved"
cmd get "s3://$BUCKET/moved" moved.back
expect_same one.txt moved.back

# Folders in step both ways; the second time nothing moves.
make_tree tree
cmd sync tree/ "s3://$BUCKET/tree/"
expect_eq "second sync" "" "$(cmd sync tree/ "s3://$BUCKET/tree/" | grep upload: || true)"
mkdir tree.back
cmd sync "s3://$BUCKET/tree/" tree.back/
expect_same_tree tree tree.back
rm tree/plain.txt
cmd sync --delete-removed tree/ "s3://$BUCKET/tree/"
expect_eq "ls after a removal" "" "$(cmd ls "s3://$BUCKET/tree/plain.txt")"

cmd del "s3://$BUCKET/typed"
expect_eq "ls after del" "" "$(cmd ls "s3://$BUCKET/typed")"
cmd del --recursive --force "s3://$BUCKET"
cmd rb "s3://$BUCKET"
expect_refusal NoSuchBucket cmd ls "s3://$BUCKET"
