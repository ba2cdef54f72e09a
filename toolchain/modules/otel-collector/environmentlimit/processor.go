package environmentlimit

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

const namespaceKey = "k8s.namespace.name"

// passed is what one resource adds to the store, once it has it.
type passed struct {
	namespace string
	bytes     float64
}

// verdicts on the resources of one request. They count only once what is left was taken: what is refused is sent again.
type verdicts struct {
	limit   *limit
	passed  []passed
	dropped map[string]int
	// Of each resource of the request, in its order, whether it is dropped.
	drop []bool
}

func (v *verdicts) judge(resource pcommon.Resource, records int, text func() []byte) {
	v.drop = append(v.drop, v.drops(resource, records, text))
}

func (v *verdicts) drops(resource pcommon.Resource, records int, text func() []byte) bool {
	namespace := ""
	if value, ok := resource.Attributes().Get(namespaceKey); ok {
		namespace = value.AsString()
	}
	if !v.limit.budget.allows(namespace) {
		if v.dropped == nil {
			v.dropped = map[string]int{}
		}
		v.dropped[namespace] += records
		return true
	}
	v.passed = append(v.passed, passed{namespace, v.limit.cost(namespace, records, text())})
	return false
}

func (v *verdicts) count(ctx context.Context) {
	for _, one := range v.passed {
		v.limit.budget.take(one.namespace, one.bytes)
		v.limit.counters.stored(ctx, one.namespace, one.bytes)
	}
	for namespace, records := range v.dropped {
		v.limit.counters.dropped(ctx, namespace, records)
	}
}

// A signal drops whole resources: those of a namespace that has nothing left. What it is given stays as it is, because a
// receiver may send the same again, and then that is judged again.
type part struct {
	limit *limit
}

func (p part) Start(context.Context, component.Host) error { return p.limit.start() }
func (p part) Shutdown(context.Context) error              { return p.limit.stop() }
func (part) Capabilities() consumer.Capabilities           { return consumer.Capabilities{MutatesData: false} }

type logs struct {
	part
	next consumer.Logs
}

func (l *logs) ConsumeLogs(ctx context.Context, all plog.Logs) error {
	v := verdicts{limit: l.limit}
	for _, r := range all.ResourceLogs().All() {
		v.judge(r.Resource(), recordsOf(r), func() []byte { return textOfLogs(r) })
	}
	if len(v.passed) > 0 {
		if err := l.next.ConsumeLogs(ctx, v.logs(all)); err != nil {
			return err
		}
	}
	v.count(ctx)
	return nil
}

// logs that are not dropped; a copy only if there are others.
func (v *verdicts) logs(all plog.Logs) plog.Logs {
	if len(v.dropped) == 0 {
		return all
	}
	left := plog.NewLogs()
	for i, r := range all.ResourceLogs().All() {
		if !v.drop[i] {
			r.CopyTo(left.ResourceLogs().AppendEmpty())
		}
	}
	return left
}

type traces struct {
	part
	next consumer.Traces
}

func (t *traces) ConsumeTraces(ctx context.Context, all ptrace.Traces) error {
	v := verdicts{limit: t.limit}
	for _, r := range all.ResourceSpans().All() {
		v.judge(r.Resource(), spansOf(r), func() []byte { return textOfSpans(r) })
	}
	if len(v.passed) > 0 {
		if err := t.next.ConsumeTraces(ctx, v.traces(all)); err != nil {
			return err
		}
	}
	v.count(ctx)
	return nil
}

// traces that are not dropped; a copy only if there are others.
func (v *verdicts) traces(all ptrace.Traces) ptrace.Traces {
	if len(v.dropped) == 0 {
		return all
	}
	left := ptrace.NewTraces()
	for i, r := range all.ResourceSpans().All() {
		if !v.drop[i] {
			r.CopyTo(left.ResourceSpans().AppendEmpty())
		}
	}
	return left
}
