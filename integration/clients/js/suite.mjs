// What users of the AWS SDK for JavaScript do, with its default settings. Needs
// the environment of clients_test.go.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  CopyObjectCommand, CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand, DeleteObjectsCommand,
  GetObjectAttributesCommand, GetObjectCommand, GetObjectTaggingCommand, HeadObjectCommand, ListBucketsCommand,
  ListPartsCommand, CreateMultipartUploadCommand, UploadPartCommand, AbortMultipartUploadCommand,
  PutObjectCommand, PutObjectTaggingCommand, S3Client, paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

const Bucket = process.env.BUCKET;
const s3 = new S3Client({ endpoint: process.env.S3_ENDPOINT, forcePathStyle: true });
const md5 = (bytes) => createHash("md5").update(bytes).digest("hex");
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const fetchBytes = async (input) =>
  Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket, ...input }))).Body.transformToByteArray());

async function buckets() {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { Buckets } = await s3.send(new ListBucketsCommand({}));
  assert(Buckets.some((b) => b.Name === Bucket));
}

async function objects() {
  const Key = "dir/ünïcødé + space.txt";
  const body = randomBytes(100_000);
  const put = await s3.send(new PutObjectCommand({
    Bucket, Key, Body: body, ContentType: "text/x-test", Metadata: { color: "blue" }, Tagging: "a=1&b=2",
  }));
  assert.equal(put.ETag, `"${md5(body)}"`);
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
  assert.equal(head.ContentLength, body.length);
  assert.equal(head.ContentType, "text/x-test");
  assert.deepEqual(head.Metadata, { color: "blue" });
  assert.equal(sha256(await fetchBytes({ Key })), sha256(body));
  assert.equal(sha256(await fetchBytes({ Key, Range: "bytes=-1000" })), sha256(body.subarray(-1000)));

  const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key }));
  assert.deepEqual(TagSet, [{ Key: "a", Value: "1" }, { Key: "b", Value: "2" }]);
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: [{ Key: "c", Value: "3" }] } }));
  const tags = await s3.send(new GetObjectTaggingCommand({ Bucket, Key }));
  assert.deepEqual(tags.TagSet, [{ Key: "c", Value: "3" }]);

  await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/${encodeURIComponent(Key)}` }));
  assert.equal(sha256(await fetchBytes({ Key: "copy" })), sha256(body));
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key: "missing" })), { name: "NoSuchKey" });
}

async function conditions() {
  const put = (Body, more) => s3.send(new PutObjectCommand({ Bucket, Key: "once", Body, ...more }));
  const { ETag } = await put("first", { IfNoneMatch: "*" });
  await assert.rejects(put("second", { IfNoneMatch: "*" }), { name: "PreconditionFailed" });
  await put("third", { IfMatch: ETag });
  await assert.rejects(put("fourth", { IfMatch: ETag }), { name: "PreconditionFailed" });
  assert.equal((await fetchBytes({ Key: "once" })).toString(), "third");
}

async function checksums() {
  const body = randomBytes(70_000);
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"]) {
    const field = `Checksum${ChecksumAlgorithm}`;
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: field, Body: body, ChecksumAlgorithm }));
    assert(put[field], `${field} in the answer to a PUT`);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: field, ChecksumMode: "ENABLED" }));
    assert.equal(head[field], put[field]);
    // The client itself checks what it reads against the checksum.
    assert.equal(sha256(await fetchBytes({ Key: field, ChecksumMode: "ENABLED" })), sha256(body));
  }
  await assert.rejects(
    s3.send(new PutObjectCommand({ Bucket, Key: "wrong", Body: body, ChecksumSHA256: createHash("sha256").digest("base64") })),
    { name: "BadDigest" });
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: "wrong" })), { name: "NotFound" });
}

async function uploads() {
  const body = randomBytes(23 * 1024 * 1024 + 11);
  // A stream of unknown length becomes an upload of parts.
  const done = await new Upload({
    client: s3, params: { Bucket, Key: "streamed", Body: Readable.from([body.subarray(0, 9_000_000), body.subarray(9_000_000)]) },
  }).done();
  assert.match(done.ETag, /-5"$/);
  assert.equal(sha256(await fetchBytes({ Key: "streamed" })), sha256(body));
  const attributes = await s3.send(new GetObjectAttributesCommand({
    Bucket, Key: "streamed", ObjectAttributes: ["ETag", "ObjectSize", "ObjectParts"],
  }));
  assert.equal(attributes.ObjectSize, body.length);
  assert.equal(attributes.ObjectParts.TotalPartsCount, 5);
  // One that is given up leaves nothing.
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "given-up" }));
  await s3.send(new UploadPartCommand({ Bucket, Key: "given-up", UploadId, PartNumber: 1, Body: "part" }));
  const { Parts } = await s3.send(new ListPartsCommand({ Bucket, Key: "given-up", UploadId }));
  assert.deepEqual(Parts.map((p) => [p.PartNumber, p.Size]), [[1, 4]]);
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "given-up", UploadId }));
  await assert.rejects(s3.send(new ListPartsCommand({ Bucket, Key: "given-up", UploadId })), { name: "NoSuchUpload" });
}

async function listing() {
  const keys = Array.from({ length: 25 }, (_, i) => `list/${String(i).padStart(2, "0")}/<&>`);
  await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))));
  const seen = [];
  for await (const page of paginateListObjectsV2({ client: s3, pageSize: 7 }, { Bucket, Prefix: "list/" })) {
    seen.push(...page.Contents.map((o) => o.Key));
  }
  assert.deepEqual(seen, keys);
  const prefixes = [];
  for await (const page of paginateListObjectsV2({ client: s3, pageSize: 10 }, { Bucket, Prefix: "list/", Delimiter: "/" })) {
    prefixes.push(...(page.CommonPrefixes ?? []).map((p) => p.Prefix));
  }
  assert.deepEqual(prefixes, keys.map((k) => k.slice(0, 8)));
}

async function removal() {
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "copy" }));
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    const { Errors } = await s3.send(new DeleteObjectsCommand({
      Bucket, Delete: { Objects: page.Contents.map((o) => ({ Key: o.Key })) },
    }));
    assert.deepEqual(Errors ?? [], []);
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
}

for (const step of [buckets, objects, conditions, checksums, uploads, listing, removal]) {
  try {
    await step();
  } catch (err) {
    console.error(`step ${step.name}:`, err);
    process.exitCode = 1;
    break;
  }
}
