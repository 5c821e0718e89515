package drivertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"sluice/drivers"
)

func raceChecks() []check {
	return []check{
		{"Race/of many first writers one wins", raceFirstWriter},
		{"Race/no update is lost under compare and swap by ETag", func(e *env) {
			e.raceCounter(func(i drivers.Info) drivers.Conditions { return drivers.Conditions{IfMatch: []string{i.ETag}} })
		}},
		{"Race/no update is lost under compare and swap by token", func(e *env) {
			e.raceCounter(func(i drivers.Info) drivers.Conditions { return drivers.Conditions{IfToken: i.Token} })
		}},
		{"Race/readers see one whole version", raceReaders},
		{"Race/puts and deletes leave all or nothing", racePutDelete},
		{"Race/of many conditional deletes one wins", raceDelete},
	}
}

const racers = 32

// race runs f so many times at once, and waits.
func race(f func(i int)) {
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

func raceFirstWriter(e *env) {
	for round := range 5 {
		key := fmt.Sprint("key", round)
		var winner atomic.Value
		var wins atomic.Int32
		race(func(i int) {
			body := fmt.Sprint("writer ", i)
			_, err := e.b.Put(e.Context(), key, strings.NewReader(body), drivers.PutOptions{
				Size: int64(len(body)), Conditions: drivers.Conditions{IfNoneMatch: []string{"*"}},
			})
			if err == nil {
				wins.Add(1)
				winner.Store(body)
				return
			}
			e.is(err, drivers.ErrPrecondition, drivers.ErrConflict)
		})
		if wins.Load() != 1 {
			e.Fatalf("%d writers won", wins.Load())
		}
		body, _ := e.get(key)
		same(e, "the body", body, winner.Load().(string))
	}
}

// raceCounter has many writers increment a number, each when the object is still as it was read.
func (e *env) raceCounter(pin func(drivers.Info) drivers.Conditions) {
	e.put("counter", "0", drivers.PutOptions{})
	race(func(int) {
		for {
			err := e.increment(pin)
			if err == nil {
				return
			}
			if !e.is(err, drivers.ErrPrecondition, drivers.ErrConflict) {
				return
			}
		}
	})
	body, _ := e.get("counter")
	same(e, "the counter", body, strconv.Itoa(racers))
}

func (e *env) increment(pin func(drivers.Info) drivers.Conditions) error {
	obj, err := e.b.Get(e.Context(), "counter", drivers.GetOptions{})
	if err != nil {
		return err
	}
	text, err := io.ReadAll(obj.Body)
	if err = errors.Join(err, obj.Body.Close()); err != nil {
		return err
	}
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return err
	}
	next := strconv.Itoa(n + 1)
	_, err = e.b.Put(e.Context(), "counter", strings.NewReader(next), drivers.PutOptions{Size: int64(len(next)), Conditions: pin(obj.Info)})
	return err
}

func raceReaders(e *env) {
	version := func(i int) string { return strings.Repeat(fmt.Sprintf("version %d.", i%5), 1000*(1+i%5)) }
	e.put("key", version(0), drivers.PutOptions{})
	ctx, stop := context.WithCancel(e.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 1; ctx.Err() == nil; i++ {
			body := version(i)
			_, err := e.b.Put(e.Context(), "key", strings.NewReader(body), drivers.PutOptions{Size: int64(len(body))})
			e.ok(err)
		}
	})
	race(func(i int) {
		for range 10 {
			if i%4 == 0 {
				info, err := e.b.Head(e.Context(), "key", drivers.GetOptions{})
				if e.ok(err) && info.Size%10000 != 0 {
					e.Errorf("Head says %+v", info)
				}
				continue
			}
			e.readsWhole("key")
		}
	})
	stop()
	writer.Wait()
}

// readsWhole checks that body, ETag and Size are of one version.
func (e *env) readsWhole(key string) {
	e.Helper()
	obj, err := e.b.Get(e.Context(), key, drivers.GetOptions{})
	if !e.ok(err) {
		return
	}
	body, err := io.ReadAll(obj.Body)
	if err = errors.Join(err, obj.Body.Close()); err != nil {
		return // a store may lose a body that is overwritten, but not mix two
	}
	if md5hex(string(body)) != obj.ETag || int64(len(body)) != obj.Size {
		e.Errorf("a body of %d bytes, %.20q, comes with %+v", len(body), body, obj.Info)
	}
}

func racePutDelete(e *env) {
	for round := range 5 {
		key := fmt.Sprint("dir/key", round)
		race(func(i int) {
			if i%2 == 0 {
				body := strings.Repeat(fmt.Sprintf("%02d", i), 5000)
				_, err := e.b.Put(e.Context(), key, strings.NewReader(body), drivers.PutOptions{Size: int64(len(body))})
				e.ok(err)
				return
			}
			_, err := e.b.Delete(e.Context(), key, drivers.DeleteOptions{})
			e.ok(err)
		})
		_, err := e.b.Head(e.Context(), key, drivers.GetOptions{})
		listed := len(e.list(drivers.ListOptions{Prefix: key})) == 1
		if e.is(err, nil, drivers.ErrNotFound) && listed != (err == nil) {
			e.Errorf("Head says %v, listed is %t", err, listed)
		}
		if err == nil {
			e.readsWhole(key)
		}
	}
	_, err := e.b.Delete(e.Context(), "dir/key0", drivers.DeleteOptions{})
	e.ok(err)
	e.absent("dir/key0")
}

func raceDelete(e *env) {
	info := e.put("key", "x", drivers.PutOptions{})
	var wins atomic.Int32
	race(func(int) {
		_, err := e.b.Delete(e.Context(), "key", drivers.DeleteOptions{Conditions: drivers.Conditions{IfMatch: []string{info.ETag}}})
		if e.is(err, nil, drivers.ErrNotFound, drivers.ErrPrecondition, drivers.ErrConflict) && err == nil {
			wins.Add(1)
		}
	})
	same(e, "deletes that found the object", wins.Load(), 1)
	e.absent("key")
}
