// Package environmentlimit keeps one environment from filling a store: a processor for logs and traces that drops what a
// namespace sends beyond its budget, and counts it.
package environmentlimit

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/processor"
)

// NewFactory is called by the program that the Collector's builder writes.
func NewFactory() processor.Factory {
	shared := &limits{byID: map[component.ID]*limit{}}
	return processor.NewFactory(
		component.MustNewType("environment_limit"),
		func() component.Config { return &Config{Factor: 1} },
		processor.WithLogs(func(_ context.Context, set processor.Settings, config component.Config, next consumer.Logs) (processor.Logs, error) {
			found, err := shared.of(set, config)
			return &logs{part{found}, next}, err
		}, component.StabilityLevelBeta),
		processor.WithTraces(func(_ context.Context, set processor.Settings, config component.Config, next consumer.Traces) (processor.Traces, error) {
			found, err := shared.of(set, config)
			return &traces{part{found}, next}, err
		}, component.StabilityLevelBeta),
	)
}

// limits that exist: the Collector makes a processor for each pipeline.
type limits struct {
	mutex sync.Mutex
	byID  map[component.ID]*limit
}

func (l *limits) of(set processor.Settings, config component.Config) (*limit, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if found, ok := l.byID[set.ID]; ok {
		return found, nil
	}
	meter := set.MeterProvider.Meter("coppice.dev/toolchain/otel-collector/environmentlimit")
	made, err := newLimit(*config.(*Config), meter, set.ID.String(), set.Logger)
	if err != nil {
		return nil, err
	}
	l.byID[set.ID] = made
	return made, nil
}
