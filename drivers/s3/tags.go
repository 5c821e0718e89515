package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"sluice/drivers"
)

// Tags implements drivers.Tagger.
func (b *bucket) Tags(ctx context.Context, key, versionID string) ([]drivers.Tag, error) {
	out, err := b.d.api.GetObjectTagging(ctx, &awss3.GetObjectTaggingInput{Bucket: &b.name, Key: &key, VersionId: optional(versionID)})
	if code, _ := apiCode(err); code == "NoSuchTagSet" {
		return nil, nil
	}
	if err != nil {
		return nil, b.fail("Tags", key, asVersion(b.d.classify(ctx, err), versionID))
	}
	var tags []drivers.Tag
	for _, t := range out.TagSet {
		tags = append(tags, drivers.Tag{Key: aws.ToString(t.Key), Value: aws.ToString(t.Value)})
	}
	return tags, nil
}

// SetTags implements drivers.Tagger.
func (b *bucket) SetTags(ctx context.Context, key, versionID string, tags []drivers.Tag) error {
	var err error
	if len(tags) == 0 {
		_, err = b.d.api.DeleteObjectTagging(ctx, &awss3.DeleteObjectTaggingInput{Bucket: &b.name, Key: &key, VersionId: optional(versionID)})
	} else {
		set := &types.Tagging{TagSet: make([]types.Tag, len(tags))}
		for i := range tags {
			set.TagSet[i] = types.Tag{Key: aws.String(tags[i].Key), Value: aws.String(tags[i].Value)}
		}
		_, err = b.d.api.PutObjectTagging(ctx, &awss3.PutObjectTaggingInput{Bucket: &b.name, Key: &key, VersionId: optional(versionID), Tagging: set})
	}
	return b.fail("SetTags", key, asVersion(b.d.classify(ctx, err), versionID))
}
