package gateway_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sluice/drivers"
	"sluice/gateway"
)

// closable is a tree's driver that knows when it is used after its end.
func closable(d drivers.Driver, closed *atomic.Bool, misuse *atomic.Int64) drivers.Driver {
	return spy(d, func(string, string, string) error {
		if closed.Load() {
			misuse.Add(1)
		}
		return nil
	})
}

func TestSwapUnderLoadLosesNoRequest(t *testing.T) {
	t.Parallel()
	shared := newMem(t, "photos")
	var misuse atomic.Int64
	closed := new(atomic.Bool)
	s := start(t, closable(shared, closed, &misuse))
	stop := make(chan struct{})
	var load sync.WaitGroup
	var served atomic.Int64
	for range 4 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if a := s.do(admin, "PUT", "/photos/key", "hello"); a.status != 200 {
					t.Errorf("PUT: %d %s", a.status, a.body)
				}
				if a := s.do(admin, "GET", "/photos/key", ""); a.body != "hello" {
					t.Errorf("GET: %d %s", a.status, a.body)
				}
				served.Add(2)
			}
		})
	}
	for i := 0; i < 50 || served.Load() < 100; i++ {
		next := new(atomic.Bool)
		unused := s.gateway.Swap(gateway.Tree{Driver: closable(shared, next, &misuse), Identities: identities(t)})
		<-unused
		closed.Store(true)
		closed = next
	}
	close(stop)
	load.Wait()
	if n := misuse.Load(); n > 0 {
		t.Errorf("%d calls of a driver after its tree was unused", n)
	}
}

func TestSwapWaitsForTheLastRequestOfTheOldTree(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	old := spy(newMem(t, "photos"), func(op, _, _ string) error {
		if op == "Put" {
			close(entered)
			<-leave
		}
		return nil
	})
	s := start(t, old)
	done := make(chan answer)
	go func() { done <- s.do(admin, "PUT", "/photos/key", "x") }()
	<-entered
	unused := s.gateway.Swap(gateway.Tree{Driver: newMem(t, "other"), Identities: identities(t)})
	if a := s.do(admin, "HEAD", "/other", ""); a.status != 200 {
		t.Errorf("the new tree: %d", a.status)
	}
	select {
	case <-unused:
		t.Error("unused while a request is in it")
	default:
	}
	close(leave)
	if a := <-done; a.status != 200 {
		t.Errorf("the old request: %d %s", a.status, a.body)
	}
	<-unused
	if a := s.do(admin, "HEAD", "/photos", ""); a.status != 404 {
		t.Errorf("the old tree is still used: %d", a.status)
	}
}

// The identities change with the tree: who was removed is out from the next request on.
func TestSwapChangesTheIdentities(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"), withPolicy(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}`))
	s.do(limited, "HEAD", "/photos", "").check(t, "before", 200, "")
	<-s.gateway.Swap(gateway.Tree{Driver: s.tree.Driver, Identities: identities(t)})
	if a := s.do(limited, "GET", "/photos", ""); a.status != 403 || !strings.Contains(a.body, "SignatureDoesNotMatch") {
		t.Errorf("after: %d %s", a.status, a.body)
	}
}
