"""What users of boto3 do, with its default transfer settings.

Needs the environment of clients_test.go.
"""

import hashlib
import io
import os
import sys
import urllib.error
import urllib.request

import boto3
import botocore
from botocore.exceptions import ClientError

BUCKET = os.environ["BUCKET"]
MIB = 1 << 20
s3 = boto3.client("s3", endpoint_url=os.environ["S3_ENDPOINT"])


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def equal(want, got, what):
    assert want == got, f"{what}: want {want!r}, got {got!r}"


def refused(code, call, **arguments):
    """The call must be refused with the S3 error code."""
    try:
        call(**arguments)
    except ClientError as err:
        equal(code, err.response["Error"]["Code"], call.__name__)
        return
    raise AssertionError(f"{call.__name__}({arguments}) was not refused")


def read(key, **more):
    return s3.get_object(Bucket=BUCKET, Key=key, **more)["Body"].read()


def buckets():
    s3.create_bucket(Bucket=BUCKET)
    s3.get_waiter("bucket_exists").wait(Bucket=BUCKET)
    names = [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert BUCKET in names, names
    assert "LocationConstraint" in s3.get_bucket_location(Bucket=BUCKET)


def files():
    data = os.urandom(30 * MIB + 7)
    with open("big.bin", "wb") as f:
        f.write(data)
    s3.upload_file("big.bin", BUCKET, "big.bin", ExtraArgs={"Metadata": {"color": "blue"}, "ContentType": "text/x-test"})
    s3.download_file(BUCKET, "big.bin", "big.back")
    with open("big.back", "rb") as f:
        equal(sha256(data), sha256(f.read()), "big.bin")
    head = s3.head_object(Bucket=BUCKET, Key="big.bin")
    equal({"color": "blue"}, head["Metadata"], "metadata")
    equal("text/x-test", head["ContentType"], "content type")
    assert head["ETag"].endswith('-4"'), head["ETag"]
    equal(sha256(data[-100:]), sha256(read("big.bin", Range="bytes=-100")), "suffix range")
    equal(sha256(data[: 8 * MIB]), sha256(read("big.bin", PartNumber=1)), "part 1")

    out = io.BytesIO()
    s3.upload_fileobj(io.BytesIO(data[:1000]), BUCKET, "small")
    s3.download_fileobj(BUCKET, "small", out)
    equal(data[:1000], out.getvalue(), "small")
    equal(f'"{hashlib.md5(data[:1000]).hexdigest()}"', s3.head_object(Bucket=BUCKET, Key="small")["ETag"], "ETag")

    # copy() copies parts on the server above 8 MiB.
    s3.copy({"Bucket": BUCKET, "Key": "big.bin"}, BUCKET, "big.copy")
    equal(sha256(data), sha256(read("big.copy")), "big.copy")
    s3.copy_object(Bucket=BUCKET, Key="big.copy", CopySource=f"{BUCKET}/small",
                   MetadataDirective="REPLACE", Metadata={"color": "red"})
    equal({"color": "red"}, s3.head_object(Bucket=BUCKET, Key="big.copy")["Metadata"], "replaced metadata")


def tagging():
    s3.put_object(Bucket=BUCKET, Key="tagged", Body=b"x", Tagging="b=2&a=1")
    tags = lambda: s3.get_object_tagging(Bucket=BUCKET, Key="tagged")["TagSet"]
    equal({"a": "1", "b": "2"}, {t["Key"]: t["Value"] for t in tags()}, "tags")
    equal(2, s3.get_object(Bucket=BUCKET, Key="tagged").get("TagCount"), "TagCount")
    s3.put_object_tagging(Bucket=BUCKET, Key="tagged", Tagging={"TagSet": [{"Key": "ü", "Value": "ß"}]})
    equal([{"Key": "ü", "Value": "ß"}], tags(), "new tags")
    s3.delete_object_tagging(Bucket=BUCKET, Key="tagged")
    equal([], tags(), "no tags")


def listing():
    keys = sorted(f"list/{i // 10}/{i:03d} +%é" for i in range(100))
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    for operation in ("list_objects", "list_objects_v2"):
        pages = s3.get_paginator(operation).paginate(
            Bucket=BUCKET, Prefix="list/", PaginationConfig={"PageSize": 7})
        equal(keys, [o["Key"] for page in pages for o in page["Contents"]], operation)
        pages = s3.get_paginator(operation).paginate(
            Bucket=BUCKET, Prefix="list/", Delimiter="/", PaginationConfig={"PageSize": 3})
        equal([f"list/{i}/" for i in range(10)],
              [p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])], operation + " with a delimiter")


def presigned():
    def status(method, url, body=None):
        request = urllib.request.Request(url, data=body, method=method)
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as err:
            return err.code, err.read()

    signed = boto3.client("s3", endpoint_url=os.environ["S3_ENDPOINT"],
                          config=botocore.config.Config(signature_version="s3v4"))
    where = {"Bucket": BUCKET, "Key": "pre/signed é"}
    put = signed.generate_presigned_url("put_object", Params=where, ExpiresIn=60)
    equal(200, status("PUT", put, b"by link")[0], "presigned PUT")
    get = signed.generate_presigned_url("get_object", Params=where, ExpiresIn=60)
    equal((200, b"by link"), status("GET", get), "presigned GET")
    equal(403, status("GET", get.replace("signed", "forged"))[0], "forged link")
    equal(403, status("DELETE", get)[0], "link used with another method")
    unsigned = status("GET", get.split("?")[0])
    equal(403, unsigned[0], "no signature")


def conditions():
    s3.put_object(Bucket=BUCKET, Key="once", Body=b"first")
    etag = s3.head_object(Bucket=BUCKET, Key="once")["ETag"]
    refused("PreconditionFailed", s3.get_object, Bucket=BUCKET, Key="once", IfMatch='"0"')
    refused("304", s3.get_object, Bucket=BUCKET, Key="once", IfNoneMatch=etag)
    if "IfNoneMatch" in s3.meta.service_model.operation_model("PutObject").input_shape.members:
        refused("PreconditionFailed", s3.put_object, Bucket=BUCKET, Key="once", Body=b"second", IfNoneMatch="*")
        s3.put_object(Bucket=BUCKET, Key="once", Body=b"third", IfMatch=etag)
        refused("PreconditionFailed", s3.put_object, Bucket=BUCKET, Key="once", Body=b"fourth", IfMatch=etag)
        equal(b"third", read("once"), "after conditional writes")


def checksums():
    data = os.urandom(100_000)
    for name in ("CRC32", "SHA1", "SHA256"):
        key = f"checksum-{name}"
        put = s3.put_object(Bucket=BUCKET, Key=key, Body=data, ChecksumAlgorithm=name)
        head = s3.head_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")
        equal(put[f"Checksum{name}"], head[f"Checksum{name}"], key)
        equal(data, read(key, ChecksumMode="ENABLED"), key)
    refused("BadDigest", s3.put_object, Bucket=BUCKET, Key="wrong", Body=data, ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
    refused("404", s3.head_object, Bucket=BUCKET, Key="wrong")


def removal():
    bucket = boto3.resource("s3", endpoint_url=os.environ["S3_ENDPOINT"]).Bucket(BUCKET)
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=BUCKET)
    bucket.objects.all().delete()
    equal([], list(bucket.objects.all()), "listing after removal")
    bucket.delete()
    refused("NoSuchBucket", s3.list_objects_v2, Bucket=BUCKET)


for step in (buckets, files, tagging, listing, presigned, conditions, checksums, removal):
    try:
        step()
    except Exception:
        print(f"boto3 {boto3.__version__}, step {step.__name__}:", file=sys.stderr)
        raise
