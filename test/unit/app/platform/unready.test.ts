import { expect, test } from 'vitest';
import { unreadyText } from '../../../../app/platform/unready.ts';
import type { OnDemandPart } from '../../../../core/part-facts.ts';

const needs: readonly OnDemandPart[] = ['postgres', 'collector', 'traces'];
const ready = { state: 'ready' } as const;

test('nothing is said while everything that was asked for is ready', () => {
  expect(unreadyText(needs, [{ name: 'collector', ...ready }])).toBeUndefined();
});

test('each part that is not ready is named with its reason, and what to type', () => {
  const text = unreadyText(needs, [
    { name: 'collector', state: 'failing', reason: 'was scaled to 0 by hand' },
    { name: 'jaeger', state: 'starting' },
    { name: 'postgres', ...ready },
  ]);
  expect(text).toContain(
    'the OpenTelemetry Collector was scaled to 0 by hand; Jaeger is not ready (starting). See wt doctor',
  );
});

test('an environment hears nothing of parts that it did not ask for, or does not come up without', () => {
  const services = ['collector', 'postgres'].map((name) => ({ name, state: 'failing' as const }));
  expect(unreadyText(['postgres'], services)).toBeUndefined();
});
