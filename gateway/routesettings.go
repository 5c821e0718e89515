package gateway

// bucketSettings are the rows of what S3 keeps about a bucket, one sub-resource each. Reading and deleting a setting
// answers as S3 does while nothing is set, which is the truth; setting one is not built.
func bucketSettings() []operation {
	get := func(name, sub, action string, h func(*request) error) operation {
		return operation{name, "GET", onBucket, []string{sub}, "", "s3:" + action, h}
	}
	put := func(name, sub, action string) operation {
		return operation{name, "PUT", onBucket, []string{sub}, "", "s3:" + action, nil}
	}
	del := func(name, sub, action string, h func(*request) error) operation {
		return operation{name, "DELETE", onBucket, []string{sub}, "", "s3:" + action, h}
	}
	rows := []operation{
		get("GetBucketCors", "cors", "GetBucketCORS", unset("NoSuchCORSConfiguration", "The CORS configuration does not exist")),
		put("PutBucketCors", "cors", "PutBucketCORS"),
		del("DeleteBucketCors", "cors", "PutBucketCORS", deleteUnset),
		get("GetBucketLifecycleConfiguration", "lifecycle", "GetLifecycleConfiguration", unset("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")),
		put("PutBucketLifecycleConfiguration", "lifecycle", "PutLifecycleConfiguration"),
		del("DeleteBucketLifecycle", "lifecycle", "PutLifecycleConfiguration", deleteUnset),
		get("GetBucketPolicyStatus", "policyStatus", "GetBucketPolicyStatus", unset("NoSuchBucketPolicy", "The bucket policy does not exist")),
		get("GetBucketPolicy", "policy", "GetBucketPolicy", unset("NoSuchBucketPolicy", "The bucket policy does not exist")),
		put("PutBucketPolicy", "policy", "PutBucketPolicy"),
		del("DeleteBucketPolicy", "policy", "DeleteBucketPolicy", deleteUnset),
		get("GetBucketWebsite", "website", "GetBucketWebsite", unset("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration")),
		put("PutBucketWebsite", "website", "PutBucketWebsite"),
		del("DeleteBucketWebsite", "website", "DeleteBucketWebsite", deleteUnset),
		get("GetBucketReplication", "replication", "GetReplicationConfiguration", unset("ReplicationConfigurationNotFoundError", "The replication configuration was not found")),
		put("PutBucketReplication", "replication", "PutReplicationConfiguration"),
		del("DeleteBucketReplication", "replication", "PutReplicationConfiguration", deleteUnset),
		get("GetBucketEncryption", "encryption", "GetEncryptionConfiguration", unset("ServerSideEncryptionConfigurationNotFoundError", "The server side encryption configuration was not found")),
		put("PutBucketEncryption", "encryption", "PutEncryptionConfiguration"),
		del("DeleteBucketEncryption", "encryption", "PutEncryptionConfiguration", deleteUnset),
		get("GetPublicAccessBlock", "publicAccessBlock", "GetBucketPublicAccessBlock", unset("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")),
		put("PutPublicAccessBlock", "publicAccessBlock", "PutBucketPublicAccessBlock"),
		del("DeletePublicAccessBlock", "publicAccessBlock", "PutBucketPublicAccessBlock", deleteUnset),
		get("GetObjectLockConfiguration", "object-lock", "GetBucketObjectLockConfiguration", unset("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket")),
		put("PutObjectLockConfiguration", "object-lock", "PutBucketObjectLockConfiguration"),
		get("GetBucketOwnershipControls", "ownershipControls", "GetBucketOwnershipControls", (*request).getBucketOwnershipControls),
		put("PutBucketOwnershipControls", "ownershipControls", "PutBucketOwnershipControls"),
		del("DeleteBucketOwnershipControls", "ownershipControls", "PutBucketOwnershipControls", nil),
		get("GetBucketLogging", "logging", "GetBucketLogging", emptyDocument("BucketLoggingStatus")),
		put("PutBucketLogging", "logging", "PutBucketLogging"),
		get("GetBucketNotificationConfiguration", "notification", "GetBucketNotification", emptyDocument("NotificationConfiguration")),
		put("PutBucketNotificationConfiguration", "notification", "PutBucketNotification"),
		get("GetBucketRequestPayment", "requestPayment", "GetBucketRequestPayment", (*request).getBucketRequestPayment),
		put("PutBucketRequestPayment", "requestPayment", "PutBucketRequestPayment"),
		get("GetBucketAccelerateConfiguration", "accelerate", "GetAccelerateConfiguration", emptyDocument("AccelerateConfiguration")),
		put("PutBucketAccelerateConfiguration", "accelerate", "PutAccelerateConfiguration"),
		get("GetBucketAbac", "abac", "GetBucketAbac", nil),
		put("PutBucketAbac", "abac", "PutBucketAbac"),
	}
	rows = append(rows, manyPerBucket("Analytics", "analytics")...)
	rows = append(rows, manyPerBucket("Inventory", "inventory")...)
	rows = append(rows, manyPerBucket("Metrics", "metrics")...)
	rows = append(rows, manyPerBucket("IntelligentTiering", "intelligent-tiering")...)
	return append(rows, metadataTables()...)
}

// manyPerBucket are the rows of a setting that a bucket has many of, told apart by an ID.
func manyPerBucket(name, sub string) []operation {
	get, put := "s3:Get"+name+"Configuration", "s3:Put"+name+"Configuration"
	return []operation{
		{"GetBucket" + name + "Configuration", "GET", onBucket, []string{sub, "id"}, "", get, nil},
		{"ListBucket" + name + "Configurations", "GET", onBucket, []string{sub}, "", get, nil},
		{"PutBucket" + name + "Configuration", "PUT", onBucket, []string{sub}, "", put, nil},
		{"DeleteBucket" + name + "Configuration", "DELETE", onBucket, []string{sub}, "", put, nil},
	}
}

func metadataTables() []operation {
	return []operation{
		{"CreateBucketMetadataConfiguration", "POST", onBucket, []string{"metadataConfiguration"}, "", "s3:CreateBucketMetadataTableConfiguration", nil},
		{"GetBucketMetadataConfiguration", "GET", onBucket, []string{"metadataConfiguration"}, "", "s3:GetBucketMetadataTableConfiguration", nil},
		{"DeleteBucketMetadataConfiguration", "DELETE", onBucket, []string{"metadataConfiguration"}, "", "s3:DeleteBucketMetadataTableConfiguration", nil},
		{"CreateBucketMetadataTableConfiguration", "POST", onBucket, []string{"metadataTable"}, "", "s3:CreateBucketMetadataTableConfiguration", nil},
		{"GetBucketMetadataTableConfiguration", "GET", onBucket, []string{"metadataTable"}, "", "s3:GetBucketMetadataTableConfiguration", nil},
		{"DeleteBucketMetadataTableConfiguration", "DELETE", onBucket, []string{"metadataTable"}, "", "s3:DeleteBucketMetadataTableConfiguration", nil},
		{"UpdateBucketMetadataAnnotationTableConfiguration", "PUT", onBucket, []string{"metadataAnnotationTable"}, "", "s3:UpdateBucketMetadataAnnotationTableConfiguration", nil},
		{"UpdateBucketMetadataInventoryTableConfiguration", "PUT", onBucket, []string{"metadataInventoryTable"}, "", "s3:UpdateBucketMetadataInventoryTableConfiguration", nil},
		{"UpdateBucketMetadataJournalTableConfiguration", "PUT", onBucket, []string{"metadataJournalTable"}, "", "s3:UpdateBucketMetadataJournalTableConfiguration", nil},
	}
}
