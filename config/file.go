package config

import (
	"time"

	"sluice/config/strict"
	"sluice/gateway/access"
	"sluice/state"
)

// File is a config file. Parse and Load fill in the defaults.
type File struct {
	Listen     string                  `yaml:"listen" jsonschema:"address of the S3 endpoint, host:port"`
	Admin      Admin                   `yaml:"admin" jsonschema:"the listener for metrics and health"`
	Region     string                  `yaml:"region" jsonschema:"the region that clients sign for"`
	Domains    []string                `yaml:"domains" jsonschema:"domains whose subdomains are bucket names (virtual-host style)"`
	TLS        TLS                     `yaml:"tls" jsonschema:"certificate of the S3 endpoint; read again when it changes"`
	Identities []access.IdentityConfig `yaml:"identities" jsonschema:"who may use the gateway"`
	Policies   map[string]strict.Node  `yaml:"policies" jsonschema:"IAM policies by name, written here or {file: path}"`
	Anonymous  *access.AnonymousConfig `yaml:"anonymous" jsonschema:"what requests without a signature may do"`
	Drivers    map[string]Node         `yaml:"drivers" jsonschema:"stores and the policies over them, by name"`
	Buckets    strict.Node             `yaml:"buckets" jsonschema:"which bucket lives where; * is for all others"`
	State      state.Config            `yaml:"state" jsonschema:"where Sluice keeps what it must remember"`
	Log        Log                     `yaml:"log" jsonschema:"what is logged, to standard error"`
	Tracing    Tracing                 `yaml:"tracing" jsonschema:"OpenTelemetry traces"`
	Limits     Limits                  `yaml:"limits" jsonschema:"time-outs and bounds"`

	root strict.Node
	refs strict.References
	set  *access.Set
}

// Node is one driver of the tree.
type Node struct {
	Type   string      `yaml:"type" jsonschema:"the driver's type"`
	Config strict.Node `yaml:"config" jsonschema:"the driver's own config"`
}

// Admin is the listener for metrics and health.
type Admin struct {
	Address string `yaml:"address" jsonschema:"host:port, or off"`
	Pprof   bool   `yaml:"pprof" jsonschema:"serve profiles under /debug/pprof/"`
}

// TLS names the certificate of the S3 endpoint. Both or none are set.
type TLS struct {
	CertFile string `yaml:"cert_file" jsonschema:"PEM file of the certificate and its chain"`
	KeyFile  string `yaml:"key_file" jsonschema:"PEM file of the private key"`
}

// Log says what is logged.
type Log struct {
	Level  string `yaml:"level" jsonschema:"the least level that is logged" enum:"debug,info,warn,error"`
	Format string `yaml:"format" jsonschema:"text or JSON lines" enum:"text,json"`
	Access bool   `yaml:"access" jsonschema:"log a line for each request"`
}

// Tracing says where traces go.
type Tracing struct {
	Endpoint string  `yaml:"endpoint" jsonschema:"URL of an OTLP/HTTP collector; none turns tracing off"`
	Sample   float64 `yaml:"sample" jsonschema:"share of requests that are traced, 0 to 1"`
}

// Limits are time-outs and bounds. The package comment has the defaults.
type Limits struct {
	ReadHeader     time.Duration `yaml:"read_header" jsonschema:"for a request's headers to arrive"`
	Idle           time.Duration `yaml:"idle" jsonschema:"for the next request on a connection"`
	Stall          time.Duration `yaml:"stall" jsonschema:"for a client that neither sends nor takes anything"`
	MinRate        Size          `yaml:"min_rate" jsonschema:"bytes per second, below which a client counts as stalled"`
	Handler        time.Duration `yaml:"handler" jsonschema:"for the stores, while no byte moves"`
	MaxHeader      Size          `yaml:"max_header" jsonschema:"of a request's headers, in bytes"`
	MaxConnections int           `yaml:"max_connections" jsonschema:"connections served at once; more wait"`
	Shutdown       time.Duration `yaml:"shutdown" jsonschema:"for requests to end when the process is told to"`
}

// Default returns a File with all defaults and nothing else.
func Default() File {
	return File{
		Listen:  "127.0.0.1:9000",
		Admin:   Admin{Address: "127.0.0.1:9001"},
		Region:  "us-east-1",
		State:   state.Config{Engine: state.EngineEmbedded, Dir: "data/.sluice/state"},
		Log:     Log{Level: "info", Format: "text"},
		Tracing: Tracing{Sample: 1},
		Limits: Limits{
			ReadHeader: 10 * time.Second, Idle: 2 * time.Minute, Stall: 30 * time.Second, MinRate: 8 << 10,
			Handler: 15 * time.Minute, MaxHeader: 64 << 10, MaxConnections: 10000, Shutdown: 30 * time.Second,
		},
	}
}

// AccessSet returns the identities of the file.
func (f *File) AccessSet() *access.Set { return f.set }

// Off is the admin address of no listener.
const Off = "off"
