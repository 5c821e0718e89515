#!/usr/bin/env bash
# What users of restic do. Needs the environment of clients_test.go.
. "$(dirname "$0")/../expect.sh"

export RESTIC_REPOSITORY="s3:$S3_ENDPOINT/$BUCKET/repo"
export RESTIC_PASSWORD=correct-horse
export RESTIC_CACHE_DIR="$HOME/cache"

make_tree tree
make_file tree/big.bin 40000000

restic init
restic backup tree
make_file tree/second.txt 5000
restic backup tree
expect_eq "snapshots" 2 "$(restic snapshots --json | grep -o '"short_id"' | wc -l)"
restic check --read-data

restic restore latest --target back
expect_same_tree tree back/tree
restic ls latest | grep second.txt >/dev/null

# Forgetting and pruning rewrites packs and deletes objects.
restic forget --keep-last 1 --prune
restic check --read-data
restic restore latest --target again
expect_same_tree tree again/tree
