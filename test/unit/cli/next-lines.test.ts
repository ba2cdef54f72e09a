import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { causesInLogs, causesInTraces, causesInWorkflows } from '../../../app/environments/causes.ts';
import { notFound, slowSpans, wereAway } from '../../../app/environments/suspects.ts';
import { verbLine } from '../../../app/target/verb-line.ts';
import { errorsReport } from '../../../cli/ui/failures/report.ts';
import { logsReport } from '../../../cli/ui/logs/report.ts';
import { type LogGroup, totalsOf } from '../../../servers/telemetry/logs.ts';
import type { Span, Trace } from '../../../servers/telemetry/traces.ts';

/** What a stranger may request, log or call a workflow: it must be one word, and nothing that a shell or a terminal obeys. */
const foreign = [
  `/x';touch /nowhere/one;'`,
  '/x$(touch /nowhere/two)`touch /nowhere/three`',
  '/x\nnext: wt down --force',
  '/x\r\u001b[2K\u001b]0;title\u0007\u009b31m\u202egnp.exe\u2028',
  '/x" "$HOME" && touch /nowhere/four | cat > /nowhere/five # !!',
  '--env=other',
];

const span = (more: Partial<Span>): Span => {
  const base = { id: 'a', service: 'api', name: 'GET /', start: 0, duration: 5, failed: false };
  return { ...base, attributes: {}, events: [], ...more };
};
const traceOf = (id: string, only: Span): Trace => ({
  ...{ id, namespace: 'wt-shop--main', spans: [only], foreign: 0 },
});
const group = (text: string): LogGroup => {
  const times = { first: new Date(0).toISOString(), last: new Date(0).toISOString() };
  const whose = { namespace: 'wt-shop--main', service: text };
  return { level: 'error', ...whose, pattern: text, count: 1, ...times, example: text };
};
const name = { app: 'shop', slug: 'main', namespace: 'wt-shop--main' };
const target = { environment: 'feat' };

function workflowOf(id: string) {
  return { id, type: id, kind: 'failed' as const, started: new Date(1).toISOString(), reason: id };
}

/** Every command line that is built from such a text. */
function commandsOf(text: string): string[] {
  const asked = span({ attributes: { 'url.path': text, 'http.response.status_code': '404' } });
  const missed = { service: text, caller: text, request: text, traceId: text, at: 0, code: '' };
  return [
    ...notFound([traceOf(text, asked)], target),
    ...slowSpans([traceOf(text, span({ duration: 5_000_000, name: text }))], target),
    ...wereAway([missed], new Set([text]), target),
    ...causesInTraces([traceOf(text, span({ failed: true, service: text }))], target),
    ...causesInWorkflows([workflowOf(text)], 0, target),
    ...causesInLogs([group(text), { ...group(text), traceId: text }], target),
    { next: verbLine(['traces', text], { as: text }) },
    { next: verbLine('status', { environment: text }) },
  ].map(({ next }) => next);
}

/** What a shell makes of a line: the words of each `wt` that it runs. Nothing else may print. */
function wordsIn(line: string): string[][] {
  const script = `wt() { for word in "$@"; do printf '%s\\037' "$word"; done; printf '\\036'; }\n${line}`;
  const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout
    .split('\u001e')
    .slice(0, -1)
    .map((call) => call.split('\u001f').slice(0, -1));
}

test.each(foreign)('a command with %j in it runs one wt, with that text as one word', (text) => {
  for (const line of commandsOf(text)) {
    expect(line).toMatch(/^wt /);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }
  const calls = wordsIn(commandsOf(text).join('\n'));
  expect(calls).toHaveLength(commandsOf(text).length);
  expect(calls[0]).toEqual(wordsIn(verbLine(['traces', text], target))[0]);
  expect(calls[0]).toHaveLength(text.startsWith('-') ? 5 : 4);
});

test('a plain text is the word that it was', () => {
  expect(wordsIn(verbLine(['traces', `/it's "a" $b`], target))).toEqual([
    ['traces', `/it's "a" $b`, '--env', 'feat'],
  ]);
  expect(verbLine(['traces', '-x'], target)).toBe('wt traces --env feat -- -x');
});

test.each(foreign)('an answer with %j in it has no line that such a text wrote', (text) => {
  const clean = 'plain';
  for (const answer of answers) {
    expect(answer(text)).not.toMatch(/[^\P{Cc}\n]/u);
    expect(answer(text).split('\n')).toHaveLength(answer(clean).split('\n').length);
  }
});

const answers: readonly ((text: string) => string)[] = [
  (text) => {
    const found = {
      name,
      state: 'up',
      since: new Date(0),
      to: new Date(0),
      lines: 'store' as const,
      unseen: [],
    };
    const asked = span({ name: text, attributes: { 'url.path': text, 'http.response.status_code': '404' } });
    const suspects = notFound([traceOf(text, asked)], target);
    const causes = [
      ...causesInLogs([group(text)], target),
      ...causesInWorkflows([workflowOf(text)], 0, target),
    ];
    return errorsReport({ ...found, causes, suspects }, { target, full: true });
  },
  (text) => {
    const totals = totalsOf([['error', 1]]);
    const answer = { name, gone: false, from: new Date(0), to: new Date(0), matched: totals, totals, text };
    const question = { target, words: [text], all: false, since: text };
    return logsReport({ ...answer, kind: 'groups', groups: [group(text)] }, { question, full: false });
  },
];
