import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { until } from '../../core/until.ts';

export interface TerminalOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  /** The size of the terminal; one that reports none when absent. */
  readonly size?: { readonly columns: number; readonly rows: number };
}

/** A program in a terminal of its own, which util-linux's `script` makes: what a person types, and what they see. */
export class Terminal {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<number>;
  #output = '';
  #waiting = () => {};

  /** `command` is for /bin/sh. */
  constructor(command: string, { cwd, env, size }: TerminalOptions) {
    const sized = size === undefined ? '' : `stty cols ${size.columns} rows ${size.rows}; `;
    this.#child = spawn('script', ['-qefc', `${sized}exec ${command}`, '/dev/null'], {
      cwd,
      env: { TERM: 'xterm-256color', ...env },
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#waiting();
    });
    this.#child.stdin.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', (code) => {
        resolve(code ?? -1);
        this.#waiting();
      });
    });
  }

  /** All that was shown, without colours and movements of the cursor. */
  get text(): string {
    return stripVTControlCharacters(this.#output).replaceAll('\r', '');
  }

  /** All that was written to the terminal. */
  get raw(): string {
    return this.#output;
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Resolves with what was shown once it matches; what came before an earlier `forget` does not count. */
  async seen(pattern: RegExp): Promise<string> {
    for (;;) {
      if (pattern.test(this.text)) return this.text;
      await new Promise<void>((resolve, reject) => {
        // The test's own time limit would not say what was there instead.
        const timer = setTimeout(() => reject(new Error(`${pattern} is not in:\n${this.text}`)), 300_000);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Types the same keys again and again until the pattern is seen. */
  async typeUntil(keys: string, pattern: RegExp): Promise<void> {
    this.type(keys);
    const again = setInterval(() => this.type(keys), 500);
    await this.seen(pattern).finally(() => clearInterval(again));
  }

  /** Forgets what was shown: `seen` then waits for what comes from here on. */
  forget(): void {
    this.#output = '';
  }

  /** Exit code of the program. */
  get ended(): Promise<number> {
    return this.#ended;
  }

  /**
   * Ends it with everything that it started, which has ended when this resolves: a shell that only lost its terminal would
   * write its history into a home that is being deleted.
   */
  async close(): Promise<void> {
    const { pid } = this.#child;
    const all = pid === undefined ? [] : [pid, ...descendants(pid)];
    for (const one of all) kill(one);
    await until(() => !all.some(isRunning), { every: 10 });
    await this.#ended;
  }
}

function descendants(pid: number): number[] {
  const processes = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const children = processes.filter((one) => statusOf(one)?.parent === pid);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function isRunning(pid: number): boolean {
  const state = statusOf(pid)?.state;
  return state !== undefined && state !== 'Z';
}

/** From /proc/<pid>/stat (proc_pid_stat(5)); undefined when it has ended. */
function statusOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name is in parentheses and may contain anything.
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
