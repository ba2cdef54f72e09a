import type { Settings } from '../../../config/settings/settings.ts';
import type { Check } from '../../../core/check.ts';
import { defined } from '../../../core/defined.ts';
import type { EngineKind } from './docker-machine.ts';
import type { Facts } from './facts.ts';
import { portsOf, publishedPorts } from './ports.ts';
import {
  blockedPortVerdict,
  ownershipVerdict,
  type Pins,
  takenPortVerdict,
  type Verdict,
} from './verdict.ts';

/** An existing cluster's own ports count, not those in the current settings. `answers`: whether a registry does. */
export async function networkChecks(
  kind: EngineKind,
  { nodes, taken }: Pick<Facts, 'nodes' | 'taken'>,
  settings: Pick<Settings, 'k3d' | 'ports'>,
  pins: Pick<Pins, 'names' | 'owner'>,
  answers: (port: number) => Promise<boolean>,
): Promise<Check[]> {
  if (nodes.length === 0) {
    const ports = portsOf(settings);
    return [portsCheck(kind, Object.values(ports), 'none', takenPortVerdict(taken, { ports }))];
  }
  const others = ownershipVerdict(nodes, pins);
  if (others !== undefined) return [{ name: 'cluster', ...failing(others) }];
  const ports = publishedPorts(nodes);
  const state = nodes.every((node) => node.state === 'running') ? 'running' : 'stopped';
  const published = portsCheck(kind, Object.values(ports), state, blockedPortVerdict(taken, { ports }));
  if (state === 'stopped' || ports.registry === undefined) return [published];
  return [published, registryCheck(ports.registry, await answers(ports.registry))];
}

/**
 * `ports`: those that the cluster was created with, or if there is none, those a new one would get.
 *
 * @internal Exported for its test, which passes in facts of other machines.
 */
export function portsCheck(
  kind: EngineKind,
  ports: readonly number[],
  cluster: 'none' | 'stopped' | 'running',
  trouble: Pick<Verdict, 'sentence' | 'next'> | undefined,
): Check {
  const name = 'ports';
  if (trouble !== undefined) return { name, ...failing(trouble) };
  const listed = `${ports.join(', ')} of 127.0.0.1`;
  if (cluster === 'running') return { name, ok: true, detail: `${listed}: published by the cluster` };
  if (cluster === 'stopped')
    return { name, ok: true, detail: `${listed}: used by the cluster, part of which is not running` };
  // https://docs.docker.com/desktop/setup/install/mac-permission-requirements/#binding-privileged-ports
  const asks = kind === 'docker-desktop' && ports.some((port) => port < 1024);
  return {
    name,
    ok: true,
    detail: `${listed}: free${asks ? '; below 1024 Docker Desktop may ask for a password (Settings, Advanced), other ports (`ports` in the settings) need none' : ''}`,
  };
}

/** A judgement as a failing check. */
export function failing({ sentence, next }: Pick<Verdict, 'sentence' | 'next'>): Omit<Check, 'name'> {
  return { ok: false, detail: sentence, ...defined({ fix: next }) };
}

/** @internal Exported for its test, which passes in facts of other machines. */
export function registryCheck(port: number, answers: boolean): Check {
  const name = 'registry';
  if (answers) return { name, ok: true, detail: `answers on 127.0.0.1:${port}` };
  return {
    name,
    ok: false,
    detail: `does not answer on 127.0.0.1:${port}`,
    fix: 'wt cluster stop, then wt cluster start',
  };
}
