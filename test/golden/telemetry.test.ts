import { expect, test } from 'vitest';
import { collectorPorts } from '../../core/telemetry.ts';
import { environmentLimits } from '../../core/telemetry-limits.ts';
import { collectorFile, kubeletOfNode } from '../../platform/collector/config.ts';
import { platformScrapes, prometheusFile } from '../../platform/metrics/config.ts';

test("the Collector's configuration", async () => {
  const file = collectorFile({
    listen: '0.0.0.0',
    ports: collectorPorts,
    kubernetes: 'serviceAccount',
    kubelet: kubeletOfNode,
    folders: { podLogs: '/var/log/pods', queue: '/var/lib/otelcol' },
    gatewayToken: '/run/secrets/coppice/password',
    stores: {
      logs: 'http://victorialogs.coppice.svc:9428',
      metrics: 'http://prometheus.coppice.svc:9090',
      traces: 'jaeger.coppice.svc:4317',
    },
    logDays: 7,
    memoryMib: 256,
    limits: environmentLimits,
  });
  await expect(file).toMatchFileSnapshot('collector.yaml');
});

test("Prometheus' configuration", async () => {
  await expect(prometheusFile({ scrapes: platformScrapes })).toMatchFileSnapshot('prometheus.yaml');
});
