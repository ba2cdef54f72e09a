import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EngineEvent } from '../../../../app/engine/events.ts';
import { engineFailure } from '../../../../app/engine/failure.ts';
import {
  changesOf,
  initialState,
  isNoise,
  type RunState,
  reduce,
  rowsOf,
} from '../../../../app/engine/reduce.ts';
import { resourceLabel } from '../../../../app/engine/resource-labels.ts';
import { type Colors, liveFrame } from '../../../../cli/ui/rows.ts';
import { PlainScreen } from '../../../../cli/ui/screen.ts';
import { CoppiceError } from '../../../../core/errors.ts';

/** Written by the engine on a real cluster; inputs reduced to names, paths made neutral. */
function recorded(name: string): EngineEvent[] {
  const text = readFileSync(join(import.meta.dirname, 'recorded', `${name}.jsonl`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as EngineEvent);
}

/** One event every 100 ms. */
const run = (events: readonly EngineEvent[]): RunState =>
  events.reduce((state, event, at) => reduce(state, event, at * 100), initialState);
const plain = (text: string) => text;
const colors: Colors = { green: plain, red: plain, dim: plain, bold: plain };

function plainOutput(events: readonly EngineEvent[]): string[] {
  const written: string[] = [];
  const screen = new PlainScreen({ write: (text) => written.push(text.replace(/ \([^)]*\)\n/, '')) });
  let state = initialState;
  events.forEach((event, at) => {
    state = reduce(state, event, at * 100);
    screen.steps('up', rowsOf(state));
  });
  return written;
}

describe('the events of an up', () => {
  test('become one line for each object in the cluster, under its own name', () => {
    expect(plainOutput(recorded('create')).sort()).toEqual([
      '  all services ready: created',
      '  deployment web: created',
      '  limits: created',
      '  namespace wt-shop--rec: created',
      '  quota: created',
      '  route web: created',
      '  service web: created',
    ]);
  });

  test('leave out providers and what only groups others', () => {
    const labels = rowsOf(run(recorded('create'))).map(({ label }) => label);
    expect(labels.join()).not.toMatch(/stack|provider|environment/i);
  });

  test('show in a terminal what is running', () => {
    const events = recorded('create');
    const until = events.findIndex(
      (event) => event.resourcePreEvent?.metadata.type === 'coppice:index:Ready',
    );
    const rows = rowsOf(run(events.slice(0, until + 1)));
    const frame = liveFrame(rows, { now: (until + 10) * 100, width: 80, height: 24, colors });
    expect(frame).toContain('· all services ready: creating  1.0 s');
    expect(frame).toContain('✓ namespace wt-shop--rec: created');
  });

  test('count what was changed', () => {
    expect(changesOf(run(recorded('create')))).toEqual({ created: 7 });
    expect(changesOf(run(recorded('destroy')))).toEqual({ deleted: 7 });
  });

  test("end with the engine's result", () => {
    expect(run(recorded('create')).summary?.result).toBe('succeeded');
    expect(run(recorded('crash')).summary?.result).toBe('failed');
  });
});

describe('the events of an up that failed', () => {
  const state = run(recorded('crash'));

  test('become one diagnostic, with service, reason and its last lines, without the noise around it', () => {
    expect(state.diagnostics).toEqual([
      { severity: 'error', message: 'service web crashes: exit code 3, 1 restart\n  | last words of web' },
    ]);
  });

  test('mark the step that failed', () => {
    const failed = rowsOf(state).filter(({ status }) => status === 'failed');
    expect(failed.map(({ label }) => label)).toEqual(['all services ready']);
  });

  test('do not show what stayed as it was', () => {
    expect(rowsOf(state).map(({ label }) => label)).not.toContain('quota');
  });
});

describe('a failed operation', () => {
  const outcome = (changes: object) => ({
    state: initialState,
    exitCode: 255,
    interrupted: false,
    programFailure: undefined,
    output: '',
    log: { events: '/logs/x.events.jsonl', output: '/logs/x.output.txt' },
    ...changes,
  });
  const stack = { project: 'shop', stack: 'rec' };
  const withErrors = (...messages: string[]) => ({
    ...initialState,
    diagnostics: messages.map((message) => ({ severity: 'error' as const, message })),
  });

  test('reports what the resources reported', () => {
    expect(engineFailure('up', stack, outcome({ state: withErrors('one', 'two') })).message).toBe(
      'one\n\ntwo',
    );
  });

  test("separates the hint from our provider's message", () => {
    const state = withErrors('the environment b belongs to branch a\n→ choose another name with --as');
    expect(engineFailure('up', stack, outcome({ state }))).toMatchObject({
      code: 'COPPICE_UP_FAILED',
      message: 'the environment b belongs to branch a',
      hint: 'choose another name with --as',
    });
  });

  test('is the error that the program threw, with its code', () => {
    const programFailure = new CoppiceError('COPPICE_IMAGE', 'no image of traefik');
    expect(engineFailure('up', stack, outcome({ programFailure, state: withErrors('x') }))).toBe(
      programFailure,
    );
  });

  test('before any event contains what the process printed', () => {
    const output = 'Updating (rec):\n\nerror: incorrect passphrase\n';
    expect(engineFailure('destroy', stack, outcome({ output }))).toMatchObject({
      code: 'COPPICE_DOWN_FAILED',
      message: 'incorrect passphrase',
      hint: expect.stringContaining('wt doctor'),
    });
  });

  test('after Ctrl+C names the command that continues', () => {
    const error = engineFailure('up', stack, outcome({ interrupted: true }));
    expect(error).toMatchObject({ code: 'COPPICE_INTERRUPTED', hint: expect.stringContaining('wt down') });
  });
});

test.each([
  'update failed',
  'Attempting to deploy or update resources with 2 pending operations from previous deployment.\n  * urn',
  'using pulumi-language-nodejs from $PATH at /x',
])('the engine sentence %j is noise', (message) => {
  expect(isNoise(message)).toBe(true);
});

test('a message from a provider is never noise', () => {
  expect(isNoise('service web crashes: exit code 3')).toBe(false);
});

test.each([
  ['urn:pulumi:b::shop::coppice:infra:Environment$kubernetes:apps/v1:Deployment::web', {}, 'deployment web'],
  ['urn:pulumi:b::shop::kubernetes:core/v1:PersistentVolumeClaim::data', {}, 'persistent volume claim data'],
  ['urn:pulumi:b::shop::kubernetes:core/v1:Service::b-api', { metadata: { name: 'api' } }, 'service api'],
  [
    'urn:pulumi:b::shop::coppice:index:Environment::claim',
    { app: 'shop', slug: 'b' },
    'namespace wt-shop--b',
  ],
  [
    'urn:pulumi:b::shop::kubernetes:core/v1:ConfigMap::empty-file',
    { metadata: { name: 'empty-file' } },
    'empty .git for pods',
  ],
])('%s is shown as its name in the cluster', (urn, inputs, words) => {
  expect(resourceLabel(urn, inputs)).toBe(words);
});
