package environmentlimit

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"
)

const kib = 1024

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func limited(t *testing.T, config Config) (*limit, *clock) {
	t.Helper()
	config.Factor = 1
	made, err := newLimit(config, noop.NewMeterProvider().Meter("test"), "environment_limit", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)}
	made.budget = newBudget(config, c.now)
	return made, c
}

func lines(namespace string, count int) plog.Logs {
	all := plog.NewLogs()
	resource := all.ResourceLogs().AppendEmpty()
	resource.Resource().Attributes().PutStr(namespaceKey, namespace)
	scope := resource.ScopeLogs().AppendEmpty()
	for range count {
		random := make([]byte, 512)
		_, _ = rand.Read(random)
		scope.LogRecords().AppendEmpty().Body().SetStr(hex.EncodeToString(random))
	}
	return all
}

// Sends requests of 1 KiB a line until one is dropped, and says how many lines passed.
func fill(t *testing.T, l *limit, namespace string) int {
	t.Helper()
	sink := new(consumertest.LogsSink)
	p := &logs{part{l}, sink}
	for sent := 0; sent < 10_000; sent++ {
		if err := p.ConsumeLogs(context.Background(), lines(namespace, 1)); err != nil {
			t.Fatal(err)
		}
		if sink.LogRecordCount() == sent {
			return sent
		}
	}
	t.Fatal("nothing was dropped")
	return 0
}

var config = Config{OwnPerDay: 100 * kib, SharedPerDay: 1000 * kib, MostPerDay: 400 * kib}

func TestOneNamespaceLeavesToOthersWhatIsTheirs(t *testing.T) {
	l, _ := limited(t, config)
	loud := fill(t, l, "loud")
	if bytes := float64(loud) * kib * 0.55; bytes < 400*kib || bytes > 600*kib {
		t.Errorf("%d lines passed, which is not its own and the most of the shared", loud)
	}
	for _, each := range []string{"second", "third", "fourth"} {
		fill(t, l, each)
	}
	if quiet := fill(t, l, "quiet"); float64(quiet)*kib < 100*kib {
		t.Errorf("%d lines are less than its own bytes, which nobody else may take", quiet)
	}
}

func TestADayBringsAllOfItBack(t *testing.T) {
	l, c := limited(t, config)
	first := fill(t, l, "loud")
	c.at = c.at.Add(day)
	second := fill(t, l, "loud")
	if second < first*8/10 || second > first*12/10 {
		t.Errorf("%d lines on the first day, %d on the second", first, second)
	}
	c.at = c.at.Add(30 * day)
	if third := fill(t, l, "loud"); third > first*12/10 {
		t.Errorf("%d lines after a month: no more than a day may be saved", third)
	}
}

func TestTextThatIsSmallOnDiskCostsLess(t *testing.T) {
	l, _ := limited(t, config)
	text := []byte(strings.Repeat("GET /orders/1 200 in 4 ms\n", 10_000))
	l.estimator.ratio("same", text)
	if ratio := l.estimator.ratio("same", nil); ratio > 0.05 {
		t.Errorf("the ratio of one line again and again is %f", ratio)
	}
}

func TestWhatIsRefusedIsNotCharged(t *testing.T) {
	l, _ := limited(t, config)
	refusing := &logs{part{l}, consumertest.NewErr(errors.New("queue is full"))}
	for range 1000 {
		if err := refusing.ConsumeLogs(context.Background(), lines("away", 1)); err == nil {
			t.Fatal("a refusal must reach the sender")
		}
	}
	if passed := fill(t, l, "away"); passed < 400 {
		t.Errorf("%d lines: what was refused was charged", passed)
	}
}

// counts what is added to an instrument.
type counts struct {
	noop.Int64Counter
	sum int64
}

func (c *counts) Add(_ context.Context, increment int64, _ ...metric.AddOption) { c.sum += increment }

// A receiver that reads files sends the same batch again until it is taken.
func TestWhatIsRefusedOnceIsDroppedAndCountedWhenItIsTaken(t *testing.T) {
	l, _ := limited(t, config)
	fill(t, l, "loud")
	dropped := new(counts)
	l.counters.droppedItems = dropped
	both := lines("loud", 3)
	lines("quiet", 2).ResourceLogs().MoveAndAppendTo(both.ResourceLogs())
	both.MarkReadOnly()
	refusing := &logs{part{l}, consumertest.NewErr(errors.New("queue is full"))}
	if err := refusing.ConsumeLogs(context.Background(), both); err == nil {
		t.Fatal("a refusal must reach the sender")
	}
	if dropped.sum != 0 || both.LogRecordCount() != 5 {
		t.Errorf("refused: %d counted, %d records left of 5", dropped.sum, both.LogRecordCount())
	}
	sink := new(consumertest.LogsSink)
	if err := (&logs{part{l}, sink}).ConsumeLogs(context.Background(), both); err != nil {
		t.Fatal(err)
	}
	if dropped.sum != 3 || sink.LogRecordCount() != 2 {
		t.Errorf("taken: %d counted of 3, %d records passed of 2", dropped.sum, sink.LogRecordCount())
	}
}

func TestSpansThatAreRefusedOnceAreDroppedAndCountedWhenTheyAreTaken(t *testing.T) {
	l, _ := limited(t, config)
	fill(t, l, "loud")
	dropped := new(counts)
	l.counters.droppedItems = dropped
	both := ptrace.NewTraces()
	for _, namespace := range []string{"quiet", "loud", "quiet"} {
		resource := both.ResourceSpans().AppendEmpty()
		resource.Resource().Attributes().PutStr(namespaceKey, namespace)
		resource.ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName(namespace)
	}
	both.MarkReadOnly()
	refusing := &traces{part{l}, consumertest.NewErr(errors.New("queue is full"))}
	if err := refusing.ConsumeTraces(context.Background(), both); err == nil {
		t.Fatal("a refusal must reach the sender")
	}
	sink := new(consumertest.TracesSink)
	if err := (&traces{part{l}, sink}).ConsumeTraces(context.Background(), both); err != nil {
		t.Fatal(err)
	}
	if dropped.sum != 1 || sink.SpanCount() != 2 {
		t.Errorf("%d counted of 1, %d spans passed of 2", dropped.sum, sink.SpanCount())
	}
}

func TestARequestIsChargedForAllOfItsText(t *testing.T) {
	same := strings.Repeat("a", sampleBytes)
	random := make([]byte, 2*1024*kib)
	_, _ = rand.Read(random)
	noise := hex.EncodeToString(random)
	for name, text := range map[string]string{"first": same + noise, "last": noise + same} {
		l, _ := limited(t, config)
		l.estimator.ratio("sly", []byte(same[:sampleBytes-1]))
		charged := l.cost("sly", 1, []byte(text))
		if least := float64(len(random)) * 0.8; charged < least {
			t.Errorf("%s: %.0f bytes are charged for %d that do not compress", name, charged, len(random))
		}
	}
}

func TestARequestOfSeveralLosesTheLoudOneAlone(t *testing.T) {
	l, _ := limited(t, config)
	fill(t, l, "loud")
	both := lines("loud", 3)
	lines("quiet", 2).ResourceLogs().MoveAndAppendTo(both.ResourceLogs())
	sink := new(consumertest.LogsSink)
	if err := (&logs{part{l}, sink}).ConsumeLogs(context.Background(), both); err != nil {
		t.Fatal(err)
	}
	if sink.LogRecordCount() != 2 {
		t.Errorf("%d records passed, 2 are of the quiet one", sink.LogRecordCount())
	}
}

func TestAStartIsNoNewDay(t *testing.T) {
	l, c := limited(t, config)
	fill(t, l, "loud")
	file := filepath.Join(t.TempDir(), "state.json")
	if err := l.budget.write(file); err != nil {
		t.Fatal(err)
	}
	again, _ := limited(t, config)
	again.budget.now = c.now
	if err := again.budget.read(file); err != nil {
		t.Fatal(err)
	}
	if again.budget.allows("loud") {
		t.Error("it has bytes again")
	}
	if !again.budget.allows("quiet") {
		t.Error("another one has none")
	}
}

func TestWhoIsSilentForADayIsForgotten(t *testing.T) {
	l, c := limited(t, config)
	fill(t, l, "gone")
	c.at = c.at.Add(2 * day)
	l.budget.take("here", 1)
	l.estimator.forget(l.budget.knows)
	if l.budget.knows("gone") || !l.budget.knows("here") || len(l.estimator.samples) > 1 {
		t.Error("it is still known")
	}
}
