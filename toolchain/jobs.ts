import type { DebianJob } from './fallback/debian.ts';
import type { GoBuildJob, GoFilesJob } from './fallback/go.ts';
import type { PipJob } from './fallback/pip.ts';
import type { Machine } from './machine.ts';
import type { Program } from './manifest-entry.ts';
import type { ReleaseJob } from './release/install.ts';
import { locate } from './release/template.ts';

/** One piece of work: one download, one `go build`, one run of apt-get. Programs that come together share a job. */
export type Job =
  | ({ readonly kind: 'release' } & ReleaseJob)
  | ({ readonly kind: 'go' } & GoBuildJob)
  | ({ readonly kind: 'go-files' } & GoFilesJob)
  | ({ readonly kind: 'pip' } & PipJob)
  | ({ readonly kind: 'debian' } & DebianJob);

export type Named = { readonly name: string; readonly program: Program };

export interface Plan {
  readonly jobs: readonly Job[];
  /** Programs that cannot be installed in any way, each with the reason. */
  readonly problems: readonly string[];
}

/** The programs of a job. */
export function programsOf(job: Job): readonly Named[] {
  return 'programs' in job ? job.programs : [{ name: job.name, program: job.program }];
}

/**
 * Decides for every missing program where it comes from: its release or, if that host cannot be used, a registry.
 * `whyNot` returns why the host of a URL cannot be used.
 */
export async function planJobs(
  machine: Machine,
  missing: readonly Named[],
  whyNot: (url: string) => Promise<string | undefined>,
): Promise<Plan> {
  const problems: string[] = [];
  const jobs = new Map<string, Job>();
  const refusals = await Promise.all(missing.map(({ program }) => whyUnavailable(machine, program, whyNot)));
  missing.forEach((named, index) => {
    const { name, program } = named;
    if (!program.systems.some((system) => machine.platform.startsWith(system))) {
      problems.push(`${name}: neither needed nor available on ${machine.platform}`);
      return;
    }
    const job = refusals[index] === undefined ? releaseJob(machine, named) : fallbackJob(machine, named);
    if (job) jobs.set(job.id, merged(jobs.get(job.id), job));
    else problems.push(`${name}: ${refusals[index]}; ${noFallback(program)}`);
  });
  return { jobs: inOrder(machine, [...jobs.values()]), problems };
}

/** Why a program's release cannot be used here, or undefined when it can. */
export async function whyUnavailable(
  machine: Machine,
  program: Program,
  whyNot: (url: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  if ('none' in program.release) return `its release is ${program.release.none}`;
  const located = locate(program, machine.platform);
  if (!located) return `its project publishes nothing for ${machine.platform}`;
  for (const url of [located.url, located.checksumUrl].map(machine.locate)) {
    const why = await whyNot(url);
    if (why !== undefined) return `${new URL(url).host} cannot be used: ${why}`;
  }
  return undefined;
}

function noFallback({ fallback }: Program): string {
  return 'none' in fallback
    ? `no package registry has it either: ${fallback.none}`
    : 'no package registry has it either';
}

/** A word that is safe as a file name. */
const jobId = (kind: string, text: string) =>
  `${kind}-${text.replace(/^https?:\/\//, '').replace(/[^\w.-]+/g, '-')}`;

function releaseJob(machine: Machine, { name, program }: Named): Job | undefined {
  const located = locate(program, machine.platform);
  if (!located) return undefined;
  return { kind: 'release', id: jobId('release', located.url), ...located, programs: [{ name, program }] };
}

function fallbackJob(machine: Machine, named: Named): Job | undefined {
  const { name, program } = named;
  const { fallback } = program;
  if (!('kind' in fallback)) return undefined;
  switch (fallback.kind) {
    case 'go': {
      const settings = machine.manifest.goModules[fallback.module];
      if (!settings) throw new Error(`${name}: ${fallback.module} is not in the table of Go modules`);
      return {
        kind: 'go',
        id: jobId('go', fallback.module),
        module: fallback.module,
        settings,
        programs: [named],
      };
    }
    case 'go-files':
      return { kind: 'go-files', id: jobId('go-files', name), name, program, fallback };
    case 'pip':
      return { kind: 'pip', id: jobId('pip', name), name, program, fallback };
    case 'debian':
      return { kind: 'debian', id: 'debian', packages: [fallback.package], programs: [named] };
  }
}

function merged(before: Job | undefined, job: Job): Job {
  if (!before) return job;
  if (before.kind === 'debian' && job.kind === 'debian') {
    const packages = [...new Set([...before.packages, ...job.packages])];
    return { ...before, packages, programs: [...before.programs, ...job.programs] };
  }
  if (!('programs' in before) || !('programs' in job)) return before;
  return { ...before, programs: [...before.programs, ...job.programs] };
}

/** Go modules in the order of their table; all others keep their order. */
function inOrder(machine: Machine, jobs: readonly Job[]): Job[] {
  const order = Object.keys(machine.manifest.goModules);
  const rank = (job: Job) => (job.kind === 'go' ? order.indexOf(job.module) : -1);
  return [...jobs].sort((a, b) => rank(a) - rank(b));
}
