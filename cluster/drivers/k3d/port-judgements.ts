import type { Check } from '../check.ts';
import type { EngineKind } from './docker-machine.ts';
import type { Verdict } from './verdict.ts';

export function portsCheck(
  kind: EngineKind,
  ports: readonly number[],
  taken: readonly number[],
  { sentence, next }: Pick<Verdict, 'sentence' | 'next'>,
  running: boolean,
): Check {
  const name = 'ports';
  if (taken.length > 0)
    return { name, ok: false, detail: sentence, ...(next === undefined ? {} : { fix: next }) };
  const listed = `${ports.join(', ')} of 127.0.0.1`;
  if (running) return { name, ok: true, detail: `${listed}: published by the cluster` };
  // https://docs.docker.com/desktop/setup/install/mac-permission-requirements/#binding-privileged-ports
  const asks = kind === 'docker-desktop' && ports.some((port) => port < 1024);
  return {
    name,
    ok: true,
    detail: `${listed}: free${asks ? '; below 1024 Docker Desktop may ask for a password (Settings, Advanced), other ports by `ports` in the settings do not' : ''}`,
  };
}

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
