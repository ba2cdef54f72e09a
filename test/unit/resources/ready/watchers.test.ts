import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorLine } from '../../../../resources/ready/error-line.ts';
import { watcherGaveUp } from '../../../../resources/ready/watchers.ts';

/**
 * What watchers printed when their program could not start, at most the last forty lines: recorded with bun 1, Django 5,
 * Flask 3, gunicorn 27, Next 15, node 20, nodemon 3, ts-node 10, ts-node-dev 2, tsc-watch 7, TypeScript 5, tsx 4,
 * uvicorn 0, Vite 8, vite-node 3 and watchfiles 1. Folders were renamed to `/app`.
 */
function logOf(name: string): string[] {
  const file = join(import.meta.dirname, 'recorded', 'logs', `${name}.txt`);
  return readFileSync(file, 'utf8').replace(/\n$/, '').split('\n');
}

test.each([
  ['bun-bad', 'error: This constant must be initialized (/app/bad.ts:2)'],
  ['bun-missing', "error: Cannot find package 'nothing-here' from '/app/missing.ts'"],
  ['bun-throws', 'error: no DATABASE_URL (/app/throws.ts:1)'],
  [
    'concurrently',
    'Error: Transform failed with 1 error: /app/bad.ts:2:6: ERROR: Expected identifier but found "="',
  ],
  ['django-settings', 'SyntaxError: invalid syntax (/app/dj/settings.py:124)'],
  ['django-urls', 'SyntaxError: invalid syntax (/app/dj/urls.py:24)'],
  ['flask-bad', 'SyntaxError: invalid syntax (/app/flaskbad.py:4)'],
  ['gunicorn-bad', 'SyntaxError: invalid syntax (/app/bad.py:1)'],
  ['next-config', "SyntaxError: Unexpected token 'const' (/app/next.config.js:2)"],
  [
    'node-watch-missing',
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'nothing-here' imported from /app/missing.js",
  ],
  ['node-watch-throws', 'Error: no DATABASE_URL (/app/throws.js:1)'],
  [
    'nodemon-missing',
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'nothing-here' imported from /app/missing.js",
  ],
  [
    'nodemon-tsnode-bad',
    'TSError: ⨯ Unable to compile TypeScript: bad.ts(2,7): error TS1134: Variable declaration expected.',
  ],
  [
    'nodemon-tsnode-typed',
    "TSError: ⨯ Unable to compile TypeScript: typed.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.",
  ],
  [
    'nodemon-tsx-bad',
    'Error: Transform failed with 1 error: /app/bad.ts:2:6: ERROR: Expected identifier but found "="',
  ],
  ['tscw', "typed.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'."],
  ['tscwatch', "typed.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'."],
  ['tsnodedev-bad', 'bad.ts(2,7): error TS1134: Variable declaration expected.'],
  [
    'tsx-bad',
    'Error [TransformError]: Transform failed with 1 error: /app/bad.ts:2:6: ERROR: Expected identifier but found "="',
  ],
  [
    'tsx-missing',
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'nothing-here' imported from /app/missing.ts",
  ],
  ['tsx-throws', 'Error: no DATABASE_URL (/app/throws.ts:1:7)'],
  ['uvicorn-attr', 'ERROR:    Error loading ASGI app. Attribute "app" not found in module "json".'],
  ['uvicorn-bad', 'SyntaxError: invalid syntax (/app/bad.py:1)'],
  ['uvicorn-missing', "ModuleNotFoundError: No module named 'nothing_here' (/app/missing.py:1)"],
  ['vite-config', 'Error: Build failed with 1 error: [PARSE_ERROR] Unexpected token (vite.config.js:2)'],
  [
    'vitenode',
    'Error [RollupError]: Parse failure: Unexpected token `=`. Expected yield, an identifier, [ or { (/app/main.js:1)',
  ],
  ['watchfiles', 'SyntaxError: invalid syntax (/app/bad.py:1)'],
])('of %s the line that says what and where is quoted', (name, said) => {
  expect(errorLine(logOf(name))).toBe(said);
});

/** Written down from compilers that are not here. */
test.each([
  [
    ['# shop', './main.go:5:2: undefined: x', './main.go:6:2: undefined: y', 'exit status 1'],
    './main.go:5:2: undefined: x',
  ],
  [['./main.go:5:2: undefined: x', 'failed to build, error: exit status 1'], './main.go:5:2: undefined: x'],
  [
    [
      'error[E0425]: cannot find value `x` in this scope',
      ' --> src/main.rs:2:5',
      '  |',
      '2 |     x;',
      '  |     ^ not found in this scope',
      '',
      'error: could not compile `shop` (bin "shop") due to 1 previous error',
    ],
    'error[E0425]: cannot find value `x` in this scope (src/main.rs:2)',
  ],
])('of a compiler: %s', (log, said) => {
  expect(errorLine(log)).toBe(said);
});

const inside = (...commands: string[]) => ({
  listeners: [],
  processes: commands.map((command, at) => ({ pid: at + 7, parent: at, command, age: 12_000 })),
});

/** What `ps` showed beside each log. */
test.each([
  [
    'uvicorn-bad',
    'python3 /usr/local/bin/uvicorn --reload bad:app',
    'python3 -B -c from multiprocessing.resource_tracker import main;main(4)',
  ],
  ['django-urls', 'python manage.py runserver 3995', '/usr/local/bin/python manage.py runserver 3995'],
  ['watchfiles', 'python3 /usr/local/bin/watchfiles --filter python python bad.py .'],
  ['bun-bad', 'bun --watch bad.ts'],
  ['bun-throws', 'bun --hot throws.ts'],
  ['tsnodedev-bad', 'node node_modules/.bin/ts-node-dev --respawn bad.ts'],
  ['nodemon-tsnode-bad', 'node node_modules/.bin/nodemon --exec node_modules/.bin/ts-node bad.ts'],
  ['tscwatch', 'node node_modules/.bin/tsc-watch --onSuccess node dist/typed.js'],
])('%s has given up', (name, ...commands) => {
  expect(watcherGaveUp(logOf(name), inside(...commands), commands[0] ?? '')).toBe(true);
});

test.each([
  ['bun --watch server.ts', []],
  ['deno run --watch server.ts', []],
  ['python manage.py runserver 3000', ['Watching for file changes with StatReloader']],
  ['python3 /usr/local/bin/uvicorn app:app', ['INFO:     Waiting for application startup.']],
  ['gunicorn --reload app:app', ['[INFO] Booting worker with pid: 27132']],
])('%s, which runs its program itself, has not as long as that starts', (command, log) => {
  expect(watcherGaveUp(log, inside(command), command)).toBe(false);
});

test.each([
  ['node cdc.js', ['waiting for changes'], ['node cdc.js']],
  ['node report.js', ["Completed running 'nightly report'"], ['node report.js']],
  [
    'concurrently',
    ['12:01:02 - Found 2 errors. Watching for file changes.'],
    [
      'node /app/node_modules/.bin/concurrently "tsc -w" "node --watch dist/main.js"',
      'node /app/node_modules/.bin/tsc -w',
      'node --watch dist/main.js',
      '/usr/local/bin/node dist/main.js',
    ],
  ],
  ['bun', ['waiting for changes'], ['bun --watch server.ts']],
])('a line like that of a watcher says nothing while the program runs: %s', (_, log, commands) => {
  expect(watcherGaveUp(log, inside(...commands), commands[0] ?? '')).toBe(false);
});

test('a watcher that has just started its program is not taken for one that waits', () => {
  const young = [{ pid: 7, parent: 0, command: 'node node_modules/.bin/nodemon server.js', age: 5_000 }];
  expect(
    watcherGaveUp(['[nodemon] starting `node server.js`'], { listeners: [], processes: young }, ''),
  ).toBe(false);
});

test('a child below uvicorn --reload is the program', () => {
  const commands = [
    'python3 /usr/local/bin/uvicorn --reload app:app',
    'python3 -B -c from multiprocessing.resource_tracker import main;main(4)',
    'python3 -B -c from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=5, pipe_handle=7)',
  ];
  expect(watcherGaveUp([], inside(...commands), commands[0] ?? '')).toBe(false);
});
