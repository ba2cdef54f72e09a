import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { outcomeOf, run } from '../../../core/run.ts';

const shell = (script: string) => ['-c', script] as const;

describe('outcomeOf', () => {
  it('returns exit code and both streams separately', async () => {
    expect(await outcomeOf('sh', shell('echo out; echo err >&2; exit 3'))).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('reports that a program does not exist', async () => {
    const outcome = await outcomeOf('there-is-no-such-program', []);
    expect(outcome).toMatchObject({ code: -1, stdout: '', failure: { code: 'ENOENT' } });
  });

  it('reports why a program cannot be started at all', async () => {
    expect(await outcomeOf('echo', ['x'.repeat(200_000)])).toMatchObject({
      code: -1,
      failure: { code: 'E2BIG' },
    });
  });

  it('passes input, also to a program that does not read it', async () => {
    expect((await outcomeOf('cat', [], { input: 'grüße' })).stdout).toBe('grüße');
    expect((await outcomeOf('true', [], { input: 'x'.repeat(1_000_000) })).code).toBe(0);
  });

  it('passes an empty input when none is given', async () => {
    expect(await outcomeOf('cat', [])).toMatchObject({ code: 0, stdout: '' });
  });

  it('runs in a folder, with an environment of its own', async () => {
    const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'coppice-run-')));
    onTestFinished(() => rmSync(cwd, { recursive: true }));
    const { stdout } = await outcomeOf('/bin/sh', shell('pwd; env'), { cwd, env: { ONLY: 'this' } });
    expect(stdout).toContain(`${cwd}\n`);
    expect(stdout).toContain('ONLY=this');
    expect(stdout).not.toContain('HOME=');
  });

  it('keeps a character intact that arrives in two pieces', async () => {
    const lines: string[] = [];
    const script = "printf '\\303'; sleep 0.05; printf '\\274ber\\nlast'";
    const { stdout } = await outcomeOf('sh', shell(script), { onLine: (line) => lines.push(line) });
    expect(stdout).toBe('über\nlast');
    expect(lines).toEqual(['über', 'last']);
  });

  it('returns more than any buffer holds', async () => {
    const { stdout } = await outcomeOf('sh', shell('head -c 5000000 /dev/zero'));
    expect(stdout.length).toBe(5_000_000);
  });

  it('kills a program that takes too long, even if a child process keeps its output open', async () => {
    const { code, stdout } = await outcomeOf('sh', shell('sleep 300 & echo $!; wait'), { timeout: 2_000 });
    expect(code).toBe(-1);
    // It still runs: nothing waited for it.
    expect(process.kill(Number(stdout), 'SIGKILL')).toBe(true);
  });

  it('kills the program when it is interrupted', async () => {
    const controller = new AbortController();
    let pid: number | undefined;
    const work = outcomeOf('sleep', ['30'], {
      signal: controller.signal,
      onStart: (child) => {
        pid = child.pid;
        controller.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
    expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
  });

  it('starts nothing when already interrupted', async () => {
    const work = outcomeOf('there-is-no-such-program', [], { signal: AbortSignal.abort() });
    await expect(work).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
  });

  it('can run in a process group of its own', async () => {
    let pid: number | undefined;
    const { stdout } = await outcomeOf('sh', shell('ps -o pgid= -p $$'), {
      ownGroup: true,
      onStart: (child) => {
        pid = child.pid;
      },
    });
    expect(Number(stdout)).toBe(pid);
  });
});

describe('run', () => {
  it('returns what was printed', async () => {
    expect(await run('echo', ['hello'])).toBe('hello\n');
  });

  it('throws the command with the last lines of its output', async () => {
    await expect(run('sh', shell('seq 9 >&2; exit 1'))).rejects.toMatchObject({
      code: 'COPPICE_COMMAND_FAILED',
      message: 'sh -c seq 9 >&2; exit 1: 5\n6\n7\n8\n9',
    });
    await expect(run('false', ['--now'])).rejects.toThrow('false --now: ended with 1');
    await expect(run('there-is-no-such-program', [])).rejects.toThrow('ENOENT');
  });

  it('returns an empty text for a failure that is allowed', async () => {
    expect(await run('sh', shell('echo half; exit 1'), { mayFail: true })).toBe('');
    expect(await run('there-is-no-such-program', [], { mayFail: true })).toBe('');
  });
});
