package main

import (
	"context"
	"strings"
	"sync"

	"sluice/config"
	"sluice/gateway"
)

// reloads reloads the config on SIGHUP and when its file changes, until ctx ends.
func (p *process) reloads(ctx context.Context) {
	changed := make(chan struct{}, 1)
	var watching sync.WaitGroup
	defer watching.Wait()
	if path := p.flags.config; path != "" {
		ready := make(chan struct{})
		watching.Go(func() {
			select {
			case <-ready:
				p.log.Info("watching the config file", "file", path)
			case <-ctx.Done():
			}
		})
		watching.Go(func() {
			tell := func() {
				select {
				case changed <- struct{}{}:
				default: // a reload is about to happen
				}
			}
			if err := config.Watch(ctx, path, tell, ready); err != nil {
				p.log.Warn("changes of the config file are not noticed; SIGHUP reloads it", "error", err)
			}
		})
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.h.hangup:
		case <-changed:
		}
		p.reload(ctx)
	}
}

// reload swaps the tree of drivers and the identities for those of the config as it is now. A config that is wrong changes
// nothing.
func (p *process) reload(ctx context.Context) {
	f, err := p.loadFile()
	if err != nil {
		p.log.Error("the new config is wrong; the old one stays", "error", err)
		return
	}
	tree, err := p.openTree(ctx, f)
	if err != nil {
		p.log.Error("the new config cannot be opened; the old one stays", "error", err)
		return
	}
	if sections := config.RestartNeeded(p.file, f); len(sections) > 0 {
		p.log.Warn("these sections change only with a restart", "sections", strings.Join(sections, " "))
	}
	old := p.tree.Swap(tree)
	unused := p.gateway.Swap(gateway.Tree{Driver: tree.Root, Identities: f.AccessSet()})
	p.retired.Go(func() {
		<-unused
		if err := old.Close(); err != nil {
			p.log.Warn("closing the old config's drivers", "error", err)
		}
	})
	p.log.Info("config reloaded")
}
