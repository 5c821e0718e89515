// Package config reads Sluice's YAML file, checks it, and opens the drivers that it describes.
//
//	listen: 127.0.0.1:9000
//	admin: {address: 127.0.0.1:9001, pprof: false}
//	state: {engine: embedded, dir: /var/lib/sluice}
//	identities:
//	  - {name: app, access_key: APPKEY, secret_key: "${env:APP_SECRET}", policies: [readwrite, own-folder]}
//	policies:
//	  own-folder:
//	    Version: "2012-10-17"
//	    Statement:
//	      - {Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::home/${aws:username}/*"}
//	  audit: {file: policies/audit.json}
//	anonymous: {policies: [readonly]}
//	drivers:
//	  disk: {type: local, config: {dir: /srv/objects}}
//	  scratch: {type: mem}
//	buckets:
//	  photos: {driver: disk, bucket: photos-2026, read_only: true}
//	  "*": {driver: scratch}
//
// Drivers are a flat map of named nodes; a node's config names its children. Each type's config is that of its package, and
// decoded as strictly as the rest. Section buckets is package drivers/route's; with one driver it may be left out.
//
// Text may hold ${env:NAME} and ${file:PATH}; see package strict. So may secrets, which are better not in the file.
//
// # Defaults
//
//	listen: 127.0.0.1:9000
//	admin: {address: 127.0.0.1:9001, pprof: false}  # address "off": no admin listener
//	region: us-east-1
//	domains: []                  # of virtual-host style addresses: s3.example.com serves photos.s3.example.com
//	tls: {}                      # cert_file and key_file; read again when they change
//	state: {engine: embedded, dir: data/.sluice/state}
//	log: {level: info, format: text, access: false}
//	tracing: {sample: 1}         # endpoint: http://127.0.0.1:4318 turns it on
//	limits:
//	  read_header: 10s           # for a request's headers to arrive
//	  idle: 2m                   # for the next request on a connection
//	  stall: 30s                 # for a client that neither sends nor takes anything
//	  min_rate: 8KiB             # per second, below which a client counts as stalled
//	  handler: 15m               # for the stores, while no byte moves
//	  max_header: 64KiB
//	  max_connections: 10000     # more wait
//	  shutdown: 30s              # for requests to end
//
// # Reload
//
// On SIGHUP, and when the file changes, drivers, buckets, identities, policies and anonymous change without a request being
// dropped: the new tree is opened beside the old one, which is closed when its requests have ended. What is wrong in the new
// file is logged, and the old one stays. The other sections need a restart.
package config
