package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"hash"
	"strings"
	"sync"
)

// maxKeys bounds the cache of signing keys: a key serves one access key, day and
// region, so this is far beyond what honest clients use at once.
const maxKeys = 1024

type signingKey [sha256.Size]byte

func hmacSHA256(key []byte, data string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(data))
	return m.Sum(nil)
}

func deriveKey(secret, date, region, service string) signingKey {
	k := hmacSHA256([]byte("AWS4"+secret), date)
	k = hmacSHA256(k, region)
	k = hmacSHA256(k, service)
	return signingKey(hmacSHA256(k, terminator))
}

// sign returns the HMAC of a string to sign.
func (k *signingKey) sign(stringToSign []byte) (mac [sha256.Size]byte) {
	m := hmac.New(sha256.New, k[:])
	m.Write(stringToSign)
	m.Sum(mac[:0])
	return mac
}

// keyCache remembers derived keys. The secret is kept beside each key, so a
// changed secret takes effect at once.
type keyCache struct {
	mu   sync.RWMutex
	keys map[keyID]cachedKey
}

type keyID struct{ accessKey, date, region string }

type cachedKey struct {
	secret string
	key    signingKey
	macs   *sync.Pool // of hash.Hash, keyed: to make one costs as much as to use it
}

// sign does what signingKey's does, for less.
func (k *cachedKey) sign(stringToSign []byte) (mac [sha256.Size]byte) {
	m, ok := k.macs.Get().(hash.Hash)
	if !ok {
		m = hmac.New(sha256.New, k.key[:])
	}
	m.Write(stringToSign)
	m.Sum(mac[:0])
	m.Reset()
	k.macs.Put(m)
	return mac
}

func (c *keyCache) get(accessKey, secret, date, region string) cachedKey {
	id := keyID{accessKey, date, region}
	c.mu.RLock()
	e, ok := c.keys[id]
	c.mu.RUnlock()
	if ok && subtle.ConstantTimeCompare([]byte(e.secret), []byte(secret)) == 1 {
		return e
	}
	e = cachedKey{secret, deriveKey(secret, date, region, service), new(sync.Pool)}
	c.put(keyID{strings.Clone(accessKey), strings.Clone(date), strings.Clone(region)}, e)
	return e
}

func (c *keyCache) put(id keyID, e cachedKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys == nil {
		c.keys = make(map[keyID]cachedKey)
	}
	if len(c.keys) >= maxKeys {
		c.evict(id.date)
	}
	c.keys[id] = e
}

// evict drops the keys of other days, or else any key: map order is random,
// which no client can steer.
func (c *keyCache) evict(today string) {
	for id := range c.keys {
		if id.date != today {
			delete(c.keys, id)
		}
	}
	for id := range c.keys {
		if len(c.keys) < maxKeys {
			return
		}
		delete(c.keys, id)
	}
}
