// Package s3 keeps objects in AWS S3, or in a store that speaks its protocol: MinIO, Ceph, R2, B2, Wasabi, OCI, versitygw,
// another Sluice.
//
//	drivers:
//	  aws: {type: s3, config: {region: eu-west-1, bucket_prefix: acme-}}
//	  minio:
//	    type: s3
//	    config:
//	      endpoint: "http://127.0.0.1:9100"
//	      region: us-east-1 # what signatures name; us-east-1 if absent beside an endpoint
//	      path_style: true
//	      access_key: MINIOKEY
//	      secret_key: "${env:MINIO_SECRET}"
//	      checksum: none
//
// Without keys of its own a node has the SDK's default chain: the environment, the shared config files, a container's or
// machine's role. Two more ways to a role:
//
//	partner:
//	  type: s3
//	  config:
//	    region: eu-west-1
//	    profile: default
//	    assume_role: {arn: "arn:aws:iam::123456789012:role/reader", external_id: "${env:EXTERNAL_ID}", session_name: sluice}
//	pod:
//	  type: s3
//	  config:
//	    region: eu-west-1
//	    web_identity: {role_arn: "arn:aws:iam::123456789012:role/pod", token_file: /var/run/secrets/token}
//
// Everything is native: objects lie under their own names, multipart uploads are the store's own (its upload ID, its parts),
// conditions are judged by the store, and one S3 request is one request to it. The exceptions, which cost a second one: a read
// that fails with 412 or 416, a HEAD that finds nothing in a bucket not known to be there, the parts of an object, a new bucket,
// a copied part without a range, and, elsewhere than on AWS, a conditional delete. An object of more than 5 GiB is copied in
// parts, inside of the store.
//
// The setting checksum says how the store takes checksums:
//
//   - trailer, the default: as a header where the value is known ahead, else behind the body (aws-chunked).
//   - header: where the value is known ahead; other bodies go without, and so do the parts of uploads. For stores that refuse
//     aws-chunked.
//   - none: never. A value known ahead is kept as user metadata (sluice-checksum), which no client sees; others are not kept.
//     For stores older than the headers. Small bodies go with their MD5, which all stores check.
//
// Whatever it says, the gateway has checked what the client sent before the store has the last byte.
//
// ETags are the store's. Those of AWS are S3's own by definition; where the store makes others of its own, as AWS does under
// SSE-KMS, clients see those. A store whose ETag of a plain body is not its MD5 is noted in the log, once, and not doubted: the
// checksum guards the body.
//
// What S3 cannot say is refused with drivers.ErrUnsupported: writes under several ETags, under the absence of certain ones, or
// under dates; and an object made of parts in one Put. A bucket is made in the node's region, whatever region a client names.
package s3
