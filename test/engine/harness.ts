import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { EngineEvent, OutputMap, Stack } from '@pulumi/pulumi/automation/index.js';
import { LocalWorkspace, PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { connect, type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { readDatabaseFiles } from '../../config/files/database.ts';
import { type DatabaseFiles, type EnvironmentPlan, planEnvironment } from '../../config/plan/plan.ts';
import { loadSpec, parseSpec } from '../../config/spec/load.ts';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';
import { installPlugins } from '../../provider/install-plugins.ts';
import { environmentProgram } from '../../stacks/environment.ts';
import { program } from '../../toolchain/toolchain.ts';
import { wtOk } from '../e2e/harness.ts';
import { removeFolder } from '../remove-folder.ts';
import { linkPostgresqlPlugin, postgresqlPlugin } from './postgresql-plugin.ts';

/** The cluster of this test run, with its platform. */
export async function cluster(): Promise<{ record: ClusterRecord; kube: Kube }> {
  if (process.env.COPPICE_TEST_FOLDER) {
    await wtOk(['cluster', 'start']);
    await wtOk(['platform', 'up']);
  }
  const record = await readClusterRecord();
  if (!record) throw new Error('these tests run by `npm test`, which gives them a cluster of their own');
  return { record, kube: await connect(record) };
}

/** A worktree as a plan sees it: a folder with files, and what git would report about it. */
export class Worktree {
  readonly folder = mkdtempSync(join(tmpdir(), 'coppice-engine-worktree-'));
  readonly repository: string;

  constructor(
    readonly branch: string,
    files: Readonly<Record<string, string>>,
    repository?: string,
  ) {
    this.repository = repository ?? '/src/somewhere/.git';
    writeFileSync(join(this.folder, '.git'), 'gitdir: elsewhere\n');
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  /** As `plan`, with the current files of the spec's database. */
  async planWithFiles(record: ClusterRecord, spec: string): Promise<EnvironmentPlan> {
    this.write('coppice.yaml', spec);
    const loaded = await loadSpec(join(this.folder, 'coppice.yaml'));
    return this.plan(record, spec, undefined, await readDatabaseFiles(loaded));
  }

  plan(
    record: ClusterRecord,
    spec: string,
    commit = '0'.repeat(40),
    databaseFiles?: DatabaseFiles,
  ): EnvironmentPlan {
    const { folder, repository, branch } = this;
    return planEnvironment(parseSpec(spec, { file: join(folder, 'coppice.yaml') }), {
      identity: {
        repository,
        worktree: folder,
        branch,
        commit,
        uid: process.getuid?.() ?? 0,
        gid: process.getgid?.() ?? 0,
      },
      specFolder: folder,
      profile: 'local',
      httpPort: record.http.port,
      runtimes: record.images,
      mountPath: '/',
      ...(databaseFiles && { databaseFiles }),
    });
  }

  remove(): void {
    removeFolder(this.folder);
  }
}

/** A real engine with its own state in a temporary folder. */
export class Engine {
  private readonly folder = mkdtempSync(join(tmpdir(), 'coppice-engine-state-'));

  async stack(project: string, name: string, run: () => Promise<unknown>): Promise<Stack> {
    const pulumiHome = join(this.folder, 'home');
    const state = join(this.folder, 'state');
    mkdirSync(state, { recursive: true });
    const pulumi = programOf('pulumi');
    const main = process.env.COPPICE_TEST_PROVIDER;
    await installPlugins({
      pulumiHome,
      kubernetesProvider: programOf('pulumi-resource-kubernetes'),
      version: '0.1.0',
      ...(main === undefined ? {} : { main }),
    });
    const postgresql = postgresqlPlugin();
    if (postgresql !== undefined) await linkPostgresqlPlugin(pulumiHome, postgresql);
    return LocalWorkspace.createOrSelectStack(
      {
        projectName: project,
        stackName: name,
        program: async () => (await run()) as Record<string, unknown>,
      },
      {
        // Without it each stack leaves a folder of its own in /tmp.
        workDir: mkdtempSync(join(this.folder, 'program-')),
        pulumiHome,
        pulumiCommand: await PulumiCommand.get({ root: dirname(dirname(await rooted(pulumi, this.folder))) }),
        envVars: {
          PULUMI_BACKEND_URL: `file://${state}`,
          PULUMI_CONFIG_PASSPHRASE: '',
          PULUMI_SKIP_UPDATE_CHECK: 'true',
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
          PATH: `${dirname(programOf('pulumi-language-nodejs'))}:${process.env.PATH}`,
        },
      },
    );
  }

  environment(plan: EnvironmentPlan, record: ClusterRecord): Promise<Stack> {
    return this.stack(plan.app, plan.slug, environmentProgram({ plan, record }));
  }

  remove(): void {
    removeFolder(this.folder);
  }
}

export interface Ran {
  readonly outputs: OutputMap;
  /** Number of resources per operation: `{ create: 9 }`. */
  readonly changes: Readonly<Record<string, number>>;
  /** All diagnostics of severity error, prefixed with the resource's name. */
  readonly errors: readonly string[];
  readonly succeeded: boolean;
}

/** Runs an operation to completion, and never throws for its errors. */
async function run(
  operation: (onEvent: (event: EngineEvent) => void) => Promise<{ outputs?: OutputMap }>,
): Promise<Ran> {
  const events: EngineEvent[] = [];
  const done = await operation((event) => events.push(event)).catch((error: unknown) => ({ error }));
  const errors = events.flatMap(({ diagnosticEvent: said }) =>
    said?.severity === 'error' ? [`${said.urn?.split('::').at(-1) ?? ''}: ${said.message}`] : [],
  );
  const failed = 'error' in done;
  if (failed && errors.length === 0) throw done.error;
  return {
    outputs: failed ? {} : (done.outputs ?? {}),
    changes: (events.find(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges ?? {}) as Record<
      string,
      number
    >,
    errors,
    succeeded: !failed,
  };
}

export function up(stack: Stack, options: { readonly refresh?: boolean } = {}): Promise<Ran> {
  return run((onEvent) => stack.up({ onEvent, ...options }));
}

/** Number of resources per operation that an up would need: `{ create: 9 }`. */
export async function preview(
  stack: Stack,
  options: { readonly refresh?: boolean } = {},
): Promise<Readonly<Record<string, number>>> {
  return (await stack.preview(options)).changeSummary as Record<string, number>;
}

export function destroy(stack: Stack): Promise<Ran> {
  return run((onEvent) => stack.destroy({ onEvent }).then(() => ({})));
}

function programOf(name: 'pulumi' | 'pulumi-language-nodejs' | 'pulumi-resource-kubernetes'): string {
  const path = program(name);
  if (path === undefined) throw new Error(`the toolchain has no ${name}: run \`wt toolchain install\``);
  return path;
}

/** The Automation API requires `<root>/bin/pulumi`. */
async function rooted(pulumi: string, folder: string): Promise<string> {
  const { symlink } = await import('node:fs/promises');
  const link = join(folder, 'bin', 'pulumi');
  mkdirSync(dirname(link), { recursive: true });
  await symlink(pulumi, link).catch(() => {});
  return link;
}

/** A small server that answers with its name and the request. */
export const server = `
const http = require('node:http');
console.log(process.env.NAME, 'listens');
http.createServer((request, response) => response.end(process.env.NAME + ' ' + request.url)).listen(process.env.PORT);
`;

/** `Active`, `Terminating`, or `absent`. */
export async function namespaceState(kube: Kube, name: string): Promise<string> {
  return (await unlessGone(kube.core.readNamespace({ name })))?.status?.phase ?? 'absent';
}
