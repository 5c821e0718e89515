package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"sluice/config"
	"sluice/config/strict"
	"sluice/state"
)

const (
	defaultData   = "./data"
	defaultListen = "127.0.0.1:9000"
)

// serveFlags are the flags of serve.
type serveFlags struct{ config, data, listen, admin string }

func serveCommand(h host) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve S3",
		Long: `Serve S3, as a config file says, or without one: then objects are kept in a folder, and the key is that of
` + accessKeyEnv + ` and ` + secretKeyEnv + `, or one that is made and shown once.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), f, h) },
	}
	c.Flags().StringVar(&f.config, "config", "", "config `file`")
	c.Flags().StringVar(&f.data, "data", defaultData, "`folder` for objects, where there is no config file")
	c.Flags().StringVar(&f.listen, "listen", "", "`address` of the S3 endpoint (127.0.0.1:9000)")
	c.Flags().StringVar(&f.admin, "admin", "", "`address` of metrics and health, or off (127.0.0.1:9001)")
	c.MarkFlagsMutuallyExclusive("config", "data")
	return c
}

// serve runs a gateway until ctx ends and its requests have too.
func serve(ctx context.Context, flags serveFlags, h host) (err error) {
	defer ballast()()
	p := &process{h: h, flags: flags, requests: newInflight()}
	defer func() { err = errors.Join(err, p.close()) }()
	greeting, err := p.configure(ctx)
	if err != nil {
		return err
	}
	if err := p.open(ctx); err != nil {
		return err
	}
	if err := p.listen(ctx); err != nil {
		return err
	}
	if err := p.greet(greeting); err != nil {
		return err
	}
	return p.run(ctx)
}

// greeting is what a gateway without a config file says of its key.
type greeting struct {
	key  keyPair
	made bool // now: it is shown this once
	env  bool // it is the environment's
}

// configure reads the config, or makes up the one of a gateway without, and opens the state.
func (p *process) configure(ctx context.Context) (g *greeting, err error) {
	if p.flags.config != "" {
		p.load = func() (*config.File, error) { return config.Load(p.flags.config) }
	} else if g, err = p.configureLocal(ctx); err != nil {
		return nil, err
	}
	if p.file, err = p.loadFile(); err != nil {
		return nil, err
	}
	p.log, err = newLogger(p.h.stderr, p.file.Log)
	if err != nil || p.state != nil {
		return g, err
	}
	p.state, err = state.Open(ctx, p.file.State)
	return nil, err
}

// localConfig is the config of a gateway without a file. Its values come by reference, so that no folder or key can be read
// as YAML.
const localConfig = `
identities: [{name: root, access_key: "${env:access}", secret_key: "${env:secret}", policies: [admin]}]
drivers: {disk: {type: local, config: {dir: "${env:data}"}}}
state: {dir: "${env:state}"}
`

func (p *process) configureLocal(ctx context.Context) (*greeting, error) {
	key, env, err := keyFromEnv(p.h.env)
	if err != nil {
		return nil, err
	}
	data, err := filepath.Abs(p.flags.data)
	if err != nil {
		return nil, err
	}
	if p.state, err = state.Open(ctx, state.Config{Dir: stateDir(data)}); err != nil {
		return nil, fmt.Errorf("folder %s cannot be used: %w", data, err)
	}
	g := &greeting{key: key, env: env}
	if !env {
		if g.key, g.made, err = keyFromState(ctx, p.state); err != nil {
			return nil, err
		}
	}
	values := map[string]string{"access": g.key.AccessKey, "secret": g.key.SecretKey, "data": data, "state": stateDir(data)}
	p.load = func() (*config.File, error) {
		f, err := config.Parse("(no config file)", []byte(localConfig), strict.References{
			Env: func(name string) (string, bool) { v, ok := values[name]; return v, ok },
		})
		if e, ok := errors.AsType[*strict.Error](err); ok && env {
			return nil, fmt.Errorf("%s and %s: %s", accessKeyEnv, secretKeyEnv, e.Message)
		}
		return f, err
	}
	return g, nil
}

// loadFile reads the config, under the flags that go before it.
func (p *process) loadFile() (*config.File, error) {
	f, err := p.load()
	if err != nil {
		return nil, err
	}
	return f, f.Override(p.flags.listen, p.flags.admin)
}

// greet says where the gateway is, and, once, its key.
func (p *process) greet(g *greeting) error {
	endpoint := p.endpoint()
	text := "Sluice serves S3 at " + endpoint + "\n"
	switch {
	case g == nil:
	case g.made:
		text += "It made a key, which is shown only now. For the AWS CLI:\n\n" + g.key.lines(endpoint) +
			"\n\"" + p.keyHint() + "\" shows it again.\n"
	case !g.env:
		text += "\"" + p.keyHint() + "\" shows its key.\n"
	}
	_, err := fmt.Fprint(p.h.stdout, text)
	return err
}

func (p *process) keyHint() string {
	if p.flags.data == defaultData {
		return "sluice key"
	}
	return "sluice key --data " + p.flags.data
}
