package environmentlimit

import (
	"sync"
	"time"
)

const day = 24 * time.Hour

// Nobody's state is kept whose buckets are full again: a day after the last record they are.
const sweepEvery = time.Hour

// bucket holds bytes. It gets perDay of them in a day, and never has more.
type bucket struct {
	Left float64   `json:"left"`
	At   time.Time `json:"at"`
}

// filled is what is in it now. It may be less than nothing: who has something left may take more than that, once.
func (b *bucket) filled(perDay int64, now time.Time) float64 {
	if passed := now.Sub(b.At); passed > 0 {
		b.Left += float64(perDay) * passed.Seconds() / day.Seconds()
		b.At = now
	}
	if b.Left > float64(perDay) {
		b.Left = float64(perDay)
	}
	return b.Left
}

func full(perDay int64, now time.Time) bucket {
	return bucket{Left: float64(perDay), At: now}
}

// share is what one namespace has: bytes that nobody else can take, and the most that it may take of the shared ones.
type share struct {
	Own    bucket `json:"own"`
	Shared bucket `json:"shared"`
}

// budget is used by all pipelines that name the same processor.
type budget struct {
	mutex  sync.Mutex
	limits Config
	now    func() time.Time
	swept  time.Time
	state  state
}

// state is what is written down, so that a start of the Collector is no new day.
type state struct {
	Shared     bucket            `json:"shared"`
	Namespaces map[string]*share `json:"namespaces"`
}

func newBudget(limits Config, now func() time.Time) *budget {
	return &budget{
		limits: limits,
		now:    now,
		swept:  now(),
		state:  state{Shared: full(limits.SharedPerDay, now()), Namespaces: map[string]*share{}},
	}
}

func (b *budget) of(namespace string, now time.Time) *share {
	found, ok := b.state.Namespaces[namespace]
	if !ok {
		found = &share{Own: full(b.limits.OwnPerDay, now), Shared: full(b.limits.MostPerDay, now)}
		b.state.Namespaces[namespace] = found
	}
	return found
}

// allows says whether more of a namespace may be stored. It takes nothing: what a store does not take is sent again.
func (b *budget) allows(namespace string) bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	now := b.now()
	s := b.of(namespace, now)
	if s.Own.filled(b.limits.OwnPerDay, now) > 0 {
		return true
	}
	return b.state.Shared.filled(b.limits.SharedPerDay, now) > 0 && s.Shared.filled(b.limits.MostPerDay, now) > 0
}

// take charges what was passed on.
func (b *budget) take(namespace string, bytes float64) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	now := b.now()
	s := b.of(namespace, now)
	if s.Own.filled(b.limits.OwnPerDay, now) > 0 {
		s.Own.Left -= bytes
	} else {
		b.state.Shared.filled(b.limits.SharedPerDay, now)
		s.Shared.filled(b.limits.MostPerDay, now)
		b.state.Shared.Left -= bytes
		s.Shared.Left -= bytes
	}
	b.sweep(now)
}

func (b *budget) sweep(now time.Time) {
	if now.Sub(b.swept) < sweepEvery {
		return
	}
	b.swept = now
	for namespace, s := range b.state.Namespaces {
		own := s.Own.filled(b.limits.OwnPerDay, now) >= float64(b.limits.OwnPerDay)
		if own && s.Shared.filled(b.limits.MostPerDay, now) >= float64(b.limits.MostPerDay) {
			delete(b.state.Namespaces, namespace)
		}
	}
}
