package environmentlimit

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"
)

// A kill of the Collector gives back what was taken since.
const writeEvery = 5 * time.Second

// limit is one processor of the configuration; every pipeline that names it has the same.
type limit struct {
	config    Config
	budget    *budget
	estimator *estimator
	counters  counters
	logger    *zap.Logger

	mutex   sync.Mutex
	started int
	end     chan struct{}
	ended   chan struct{}
}

func newLimit(config Config, meter metric.Meter, id string, logger *zap.Logger) (*limit, error) {
	estimator, err := newEstimator()
	if err != nil {
		return nil, err
	}
	counters, err := newCounters(meter, id)
	if err != nil {
		return nil, err
	}
	budget := newBudget(config, time.Now)
	if err := budget.read(config.State); err != nil {
		logger.Warn("every environment has its whole day again, as the state cannot be read", zap.Error(err))
	}
	return &limit{config: config, budget: budget, estimator: estimator, counters: counters, logger: logger}, nil
}

func (l *limit) cost(namespace string, records int, text []byte) float64 {
	compressed := float64(len(text)) * l.estimator.ratio(namespace, text)
	return compressed*l.config.Factor + float64(int64(records)*l.config.RecordBytes)
}

func (l *limit) start() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.started++
	if l.started == 1 {
		l.end, l.ended = make(chan struct{}), make(chan struct{})
		go l.writes()
	}
	return nil
}

func (l *limit) stop() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.started == 0 {
		return nil
	}
	l.started--
	if l.started == 0 {
		close(l.end)
		<-l.ended
	}
	return nil
}

func (l *limit) writes() {
	defer close(l.ended)
	ticker := time.NewTicker(writeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			l.write()
		case <-l.end:
			l.write()
			return
		}
	}
}

func (l *limit) write() {
	l.estimator.forget(l.budget.knows)
	if err := l.budget.write(l.config.State); err != nil {
		l.logger.Warn("what environments have left is not written down", zap.Error(err))
	}
}

func (b *budget) knows(namespace string) bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	_, ok := b.state.Namespaces[namespace]
	return ok
}

func (b *budget) read(file string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var found state
	if err := json.Unmarshal(text, &found); err != nil {
		return err
	}
	if found.Namespaces == nil {
		return nil
	}
	b.state = found
	return nil
}

func (b *budget) write(file string) error {
	if file == "" {
		return nil
	}
	b.mutex.Lock()
	text, err := json.Marshal(b.state)
	b.mutex.Unlock()
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// counters tell whose they are by `environment`: a label `k8s_namespace_name` is the Collector's own in Prometheus.
type counters struct {
	id            attribute.KeyValue
	droppedItems  metric.Int64Counter
	storedInBytes metric.Int64Counter
}

func newCounters(meter metric.Meter, id string) (counters, error) {
	dropped, one := meter.Int64Counter("otelcol_environment_limit_dropped",
		metric.WithDescription("Records or spans of an environment that had nothing left of its day."))
	stored, two := meter.Int64Counter("otelcol_environment_limit_stored",
		metric.WithDescription("Bytes on disk that an environment was charged for."))
	return counters{attribute.String("processor", id), dropped, stored}, errors.Join(one, two)
}

func (c counters) of(namespace string) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(c.id, attribute.String("environment", namespace)))
}

func (c counters) dropped(ctx context.Context, namespace string, records int) {
	c.droppedItems.Add(ctx, int64(records), c.of(namespace))
}

func (c counters) stored(ctx context.Context, namespace string, bytes float64) {
	c.storedInBytes.Add(ctx, int64(bytes), c.of(namespace))
}
