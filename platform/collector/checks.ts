import type { Check } from '../../core/check.ts';
import { partFacts } from '../../core/part-facts.ts';
import { queueFull, telemetryLimits } from '../../core/telemetry-limits.ts';
import { size } from '../../core/text/size.ts';
import type { ArrivalProblem } from '../../servers/telemetry/judgement.ts';
import type { PartSection } from '../context.ts';
import { type TelemetryFacts, telemetryFacts, telemetryParts } from './facts.ts';
import { wallCheck } from './walls.ts';

/** Who fills what, and what was lost. Only a note if no spec has asked for telemetry. */
export const telemetryChecks: PartSection['checks'] = async (record, context) => {
  if (!record || !context)
    return [{ name: 'stores', ok: true, detail: 'none: no coppice.yaml asked for telemetry yet' }];
  const [facts, walls] = await Promise.all([telemetryFacts(record, context.signal), wallCheck(context)]);
  return [walls, ...checksOf(facts)];
};

const MIB = 1024 * 1024;

/** @internal Its test needs no servers. */
export function checksOf(facts: TelemetryFacts): Check[] {
  return [
    ...diskChecks(facts),
    spaceCheck(facts),
    ...arrivalChecks('losses', facts.lost, 'nothing was lost in the last hour'),
    ...arrivalChecks('spans', facts.silent, 'no service stopped sending them'),
    ...queueChecks(facts),
    ...limitChecks(facts),
    loudestCheck(facts),
  ];
}

function diskChecks({ disk }: TelemetryFacts): Check[] {
  return telemetryParts.flatMap((part) => {
    const bytes = disk[part];
    if (bytes === undefined) return [];
    const { diskMib } = telemetryLimits[part];
    const detail = `${size(bytes)} of ${size(diskMib * MIB)}`;
    const fix = `wait until it has removed its oldest data, or free space: what it keeps and how long is in docs/telemetry.md`;
    return [{ name: partFacts[part].title, ok: bytes <= diskMib * MIB * 1.25, detail, fix }];
  });
}

function spaceCheck({ readOnly }: TelemetryFacts): Check {
  return {
    name: 'log store',
    ok: !readOnly,
    detail: readOnly ? 'takes no more logs: its disk is full' : 'takes logs',
    fix: 'free space on its disk; until then new lines wait in the Collector',
  };
}

function arrivalChecks(name: string, problems: readonly ArrivalProblem[], fine: string): Check[] {
  if (problems.length === 0) return [{ name, ok: true, detail: fine }];
  return problems.map(({ what, fix }) => ({ name, ok: false, detail: what, fix }));
}

function queueChecks({ queues }: TelemetryFacts): Check[] {
  const waiting = queues.filter(({ bytes, capacity }) => capacity > 0 && bytes / capacity >= queueFull);
  if (waiting.length === 0) return [{ name: 'queues', ok: true, detail: 'nothing waits for long' }];
  return waiting.map(({ exporter, bytes, capacity }) => ({
    name: 'queue',
    ok: false,
    detail: `${size(bytes)} of ${size(capacity)} wait for ${exporter}`,
    fix: '`kubectl -n coppice logs deploy/collector` says why',
  }));
}

function limitChecks({ limits, limited }: TelemetryFacts): Check[] {
  const name = 'limit by environment';
  if (!limits) {
    const detail = 'none: the image of the Collector is not our build, so one environment can fill a store';
    return [{ name, ok: true, detail }];
  }
  if (limited.length === 0) return [{ name, ok: true, detail: 'nobody reached it in a day' }];
  return limited.map(({ namespace, store, count }) => ({
    name,
    ok: false,
    detail: `${namespace}: ${count} ${store === 'logs' ? 'lines' : 'spans'} dropped in a day`,
    fix: 'make it say less; "One loud environment" in docs/telemetry.md has the limits, and when it may go on',
  }));
}

function loudestCheck({ loudest }: TelemetryFacts): Check {
  const shares = loudest.map(({ namespace, lines, bytes }) => `${namespace} ${lines} lines, ${size(bytes)}`);
  return {
    name: 'most logs in a day',
    ok: true,
    detail: shares.length === 0 ? 'nobody logged anything' : shares.join('; '),
  };
}
