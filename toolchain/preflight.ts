import { constants } from 'node:fs';
import { access, readFile, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import coerce from 'semver/functions/coerce.js';
import compare from 'semver/functions/compare.js';
import { isThere } from '../core/files.ts';
import { answerOf } from './answer.ts';
import { aptCommand } from './fallback/debian.ts';
import type { Job } from './jobs.ts';
import { programsOf } from './jobs.ts';
import type { Machine } from './machine.ts';

const MEBIBYTE = 1024 * 1024;

/** What is missing before the jobs can start, all of it, one sentence each. Empty if nothing is. */
export async function preflight(machine: Machine, jobs: readonly Job[]): Promise<string[]> {
  const go = jobs.some(({ kind }) => kind === 'go' || kind === 'go-files')
    ? await goEnvironment(machine)
    : undefined;
  const problems = await Promise.all([
    goProblem(machine, jobs, go),
    pipProblem(machine, jobs),
    debianProblem(machine, jobs),
    diskProblems(machine, jobs, go),
  ]);
  return problems.flat().filter((problem) => problem !== undefined);
}

interface GoEnvironment {
  readonly version: string;
  /** Whether it fetches a newer Go by itself when a module requires one. */
  readonly switches: boolean;
  readonly folders: readonly string[];
}

async function goEnvironment(machine: Machine): Promise<GoEnvironment | undefined> {
  const printed = await answerOf('go', ['env', 'GOVERSION', 'GOTOOLCHAIN', 'GOCACHE', 'GOMODCACHE'], {
    env: { ...machine.env, GOWORK: 'off' },
    owner: machine.owner,
    // Outside of every go.mod: there, an older Go would first fetch a newer one before it answers.
    cwd: tmpdir(),
  });
  const [version, toolchain = '', ...folders] = printed?.split('\n') ?? [];
  const plain = coerce(version)?.version;
  if (plain === undefined) return undefined;
  return {
    version: plain,
    switches: toolchain !== 'local' && compare(plain, '1.21.0') >= 0,
    folders: folders.filter((folder) => folder.startsWith('/')),
  };
}

/** The highest `go` line of the modules to build. */
async function goWanted(machine: Machine, jobs: readonly Job[]): Promise<string> {
  let wanted = '1.21.0';
  for (const job of jobs) {
    if (job.kind !== 'go') continue;
    const text = await readFile(join(machine.modules, job.module, 'go.mod'), 'utf8');
    const line = coerce(/^go (\S+)$/m.exec(text)?.[1])?.version;
    if (line !== undefined && compare(line, wanted) > 0) wanted = line;
  }
  return wanted;
}

async function goProblem(
  machine: Machine,
  jobs: readonly Job[],
  go: GoEnvironment | undefined,
): Promise<string | undefined> {
  const forGo = jobs.filter(({ kind }) => kind === 'go' || kind === 'go-files');
  if (forGo.length === 0) return undefined;
  const wanted = await goWanted(machine, forGo);
  if (!go) return `Go ${wanted} or newer is needed for ${namesOf(forGo)}, and there is no \`go\` on PATH`;
  if (compare(go.version, wanted) >= 0 || go.switches) return undefined;
  return `Go ${wanted} or newer is needed for ${namesOf(forGo)}, and the one on PATH is ${go.version} (with GOTOOLCHAIN=local)`;
}

async function pipProblem(machine: Machine, jobs: readonly Job[]): Promise<string | undefined> {
  const forPip = jobs.filter(({ kind }) => kind === 'pip');
  if (forPip.length === 0) return undefined;
  const printed = await answerOf('python3', ['-m', 'pip', '--version'], {
    env: machine.env,
    owner: machine.owner,
  });
  if (printed?.startsWith('pip ')) return undefined;
  const missing =
    printed === undefined ? 'there is no `python3` on PATH' : 'the `python3` on PATH has no pip';
  return `Python 3 with pip is needed for ${namesOf(forPip)}, and ${missing}`;
}

async function debianProblem(machine: Machine, jobs: readonly Job[]): Promise<string | undefined> {
  const job = jobs.find((candidate) => candidate.kind === 'debian');
  if (!job) return undefined;
  if (!(await onPath(machine, 'apt-get'))) {
    const packages = job.packages.join(', ');
    return `${namesOf([job])}: install them with the package manager of this machine (Debian calls the packages ${packages})`;
  }
  if (machine.isRoot) return undefined;
  return `${namesOf([job])}: only root can install packages; run \`${aptCommand(job.packages)}\``;
}

async function diskProblems(
  machine: Machine,
  jobs: readonly Job[],
  go: GoEnvironment | undefined,
): Promise<string[]> {
  const needs = new Map<string, { folder: string; mebibytes: number; jobs: Job[] }>();
  for (const job of jobs) {
    for (const { folder, mebibytes } of spaceOf(machine, job, go)) {
      const existing = await nearestExisting(folder);
      const { dev } = await stat(existing);
      const need = needs.get(String(dev)) ?? { folder: existing, mebibytes: 0, jobs: [] };
      needs.set(String(dev), { ...need, mebibytes: need.mebibytes + mebibytes, jobs: [...need.jobs, job] });
    }
  }
  const problems: string[] = [];
  for (const { folder, mebibytes, jobs: users } of needs.values()) {
    const free = await (machine.freeMiB ?? freeMiB)(folder);
    if (free >= mebibytes) continue;
    const names = namesOf([...new Set(users)]);
    problems.push(
      `${inGiB(mebibytes)} of disk space are needed at ${folder} for ${names}, and ${inGiB(free)} are free`,
    );
  }
  return problems;
}

function spaceOf(
  machine: Machine,
  job: Job,
  go: GoEnvironment | undefined,
): { folder: string; mebibytes: number }[] {
  if (job.kind !== 'go') {
    const sizes = programsOf(job).map(({ program }) => program.downloadMiB);
    // One archive may contain several programs: the largest figure covers it.
    const mebibytes = job.kind === 'debian' ? sizes.reduce((sum, size) => sum + size, 0) : Math.max(...sizes);
    return [{ folder: job.kind === 'debian' ? '/usr' : machine.folder, mebibytes }];
  }
  const folders = go?.folders ?? [];
  return folders.map((folder) => ({ folder, mebibytes: job.settings.buildMiB / folders.length }));
}

async function freeMiB(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return (bavail * bsize) / MEBIBYTE;
}

const inGiB = (mebibytes: number) => `${(mebibytes / 1024).toFixed(1)} GiB`;

async function nearestExisting(folder: string): Promise<string> {
  for (let candidate = folder; ; candidate = dirname(candidate)) {
    if (await isThere(candidate)) return candidate;
  }
}

async function onPath(machine: Machine, name: string): Promise<boolean> {
  const folders = (machine.env.PATH ?? '').split(delimiter);
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

function namesOf(jobs: readonly Job[]): string {
  return jobs.flatMap((job) => programsOf(job).map(({ name }) => name)).join(', ');
}
