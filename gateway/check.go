package gateway

import (
	"context"

	"sluice/drivers"
)

// Check tells whether the stores of the current tree are reachable and usable; the tree stays open until it returns.
func (s *Server) Check(ctx context.Context) error {
	t := s.acquire()
	defer t.release()
	return drivers.Check(ctx, t.Driver)
}
