package drivers

import "log/slog"

// Env is what a driver that is opened from a config may use of its surroundings.
type Env struct {
	Node  string                            // the node's name in the config, for errors and metrics
	Child func(name string) (Driver, error) // another node of the config, opened; whoever asks does not close it
	Log   *slog.Logger                      // for what happens outside of any call, as sweeping; never nil
}
