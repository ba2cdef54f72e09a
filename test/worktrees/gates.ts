import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { until } from '../../core/until.ts';
import type { CommandResult } from '../e2e/harness.ts';
import type { Home } from './harness.ts';

/** A call of git by its arguments, and which of the equal ones it is. */
type Call = string;

/** What another command did while the first one stood at a call of git. */
export interface Duel {
  /** The arguments of git that it stood at. */
  readonly at: string;
  readonly held: CommandResult;
  readonly other: CommandResult;
}

interface Duellist {
  readonly cwd: string;
  readonly args: readonly string[];
}

/** Lets one `wt` stand before any of its calls of git, for as long as another one needs to end or to wait for it. */
export class Gates {
  private readonly home: Home;
  /** With its own `git`, which comes first on PATH. */
  private readonly programs: string;

  constructor(home: Home) {
    this.home = home;
    this.programs = join(home.folder, 'gated');
    const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    // `mkdir` is taken by one of several that call it at once.
    const script = `#!/bin/sh
sum=$(echo "$*" | cksum | cut -d' ' -f1)
n=1
until mkdir "$GATES/$sum.$n" 2>/dev/null; do n=$((n + 1)); done
echo "$*" > "$GATES/$sum.$n/args"
if [ "$GATE" = "$sum.$n" ]; then
  : > "$GATES/reached"
  until [ -e "$GATES/open" ]; do sleep 0.02; done
fi
exec ${git} "$@"
`;
    mkdirSync(this.programs);
    writeFileSync(join(this.programs, 'git'), script, { mode: 0o755 });
  }

  /** The calls of git with such arguments that a command makes, which is run for that. */
  async callsOf({ cwd, args }: Duellist, like: RegExp): Promise<Call[]> {
    const { folder, env } = this.environment();
    const { code, stderr } = await this.home.wt(cwd, args, env);
    if (code !== 0) throw new Error(`wt ${args.join(' ')} ended with ${code}: ${stderr}`);
    return readdirSync(folder).filter((call) => like.test(readFileSync(join(folder, call, 'args'), 'utf8')));
  }

  /** Runs a command up to a call of git; then the other one to its end, or until it waits; then both to their ends. */
  async duel(call: Call, { cwd, args }: Duellist, other: Duellist): Promise<Duel> {
    const { folder, env } = this.environment();
    const first = this.home.startWt(cwd, args, { ...env, GATE: call });
    let ended = false;
    const held = first.ended.finally(() => {
      ended = true;
    });
    const isThere = () => existsSync(join(folder, 'reached'));
    await until(() => isThere() || ended, { every: 20 });
    const second = this.home.startWt(other.cwd, other.args);
    // Not with `--json`, which says nothing while it waits.
    await Promise.race([second.ended, second.seen(/waiting for/)]);
    writeFileSync(join(folder, 'open'), '');
    const [one, two] = await Promise.all([held, second.ended]);
    const at = isThere() ? readFileSync(join(folder, call, 'args'), 'utf8').trim() : '';
    return { at, held: one, other: two };
  }

  private environment() {
    const folder = mkdtempSync(join(this.home.folder, 'gates-'));
    const path = `${this.programs}${delimiter}${process.env.PATH ?? ''}`;
    return { folder, env: { PATH: path, GATES: folder } };
  }
}
