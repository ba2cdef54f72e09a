import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { ClusterStatus } from '../../cluster/driver.ts';
import { type Layout, layoutOf } from '../../cluster/drivers/embedded/layout.ts';
import { mountsBelow } from '../../cluster/drivers/embedded/mounts.ts';
import type { SupervisorState } from '../../cluster/drivers/embedded/supervisor-state.ts';
import { settingsSchema } from '../../config/settings/settings.ts';
import { packageRoot } from '../../core/package-root.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { program } from '../../toolchain/toolchain.ts';
import { removeFolder } from '../remove-folder.ts';
import { makeTestArchive, testImage } from './test-image.ts';

export interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** A cluster in its own network namespace and folders: one that is running is neither used nor harmed. */
export class TestCluster {
  readonly namespace = 'coppice-test-driver';
  readonly folder = join(tmpdir(), 'coppice-test-driver');
  readonly layout: Layout;
  readonly #settings: object;
  readonly #script: string;
  #archive = '';

  constructor() {
    this.#settings = {
      dataFolder: join(this.folder, 'cluster'),
      runFolder: join(this.folder, 'run'),
      bridge: 'coppicetestd0',
    };
    this.layout = layoutOf(settingsSchema.parse({ embedded: this.#settings }).embedded);
    this.#script = join(packageRoot(), 'node_modules', '.cache', 'coppice-test', 'driver-process.mjs');
  }

  async prepare(): Promise<void> {
    if (!existsSync(join(packageRoot(), 'dist', 'supervisor', 'main.js')))
      throw new Error('run `npm run build` first');
    buildSync({
      entryPoints: [join(import.meta.dirname, 'driver-process.ts')],
      outfile: this.#script,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      logLevel: 'error',
      banner: {
        js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url); const __filename = import.meta.filename;",
      },
    });
    await this.remove();
    mkdirSync(this.folder, { recursive: true });
    this.makeNamespace();
    this.#archive = await makeTestArchive(this.folder);
  }

  makeNamespace(): void {
    execFileSync('ip', ['netns', 'add', this.namespace]);
    execFileSync('ip', ['-n', this.namespace, 'link', 'set', 'lo', 'up']);
  }

  /** Also what a killed earlier run left. */
  async remove(): Promise<void> {
    if (existsSync(this.folder)) {
      if (!existsSync(`/run/netns/${this.namespace}`)) this.makeNamespace();
      await this.verb('reset');
    }
    if (existsSync(`/run/netns/${this.namespace}`)) execFileSync('ip', ['netns', 'delete', this.namespace]);
    if (mountsBelow([this.folder]).length > 0)
      throw new Error(`still mounted: ${mountsBelow([this.folder])}`);
    removeFolder(this.folder);
  }

  /** Runs a program in the namespace. Not by `ip netns exec`: that mounts another /sys, and pods need the cgroups below it. */
  inside(command: string, ...args: string[]): string {
    const result = spawnSync('nsenter', [`--net=/run/netns/${this.namespace}`, command, ...args], {
      encoding: 'utf8',
    });
    if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`);
    return result.stdout;
  }

  /** What the driver returned, or the error that it threw. */
  verb(name: string, ...rest: string[]): Promise<unknown> {
    const env = {
      ...process.env,
      XDG_DATA_HOME: join(this.folder, 'data'),
      COPPICE_TEST_SETTINGS: JSON.stringify(this.#settings),
      COPPICE_TEST_ARCHIVE: this.#archive,
      COPPICE_TEST_IMAGE: testImage,
    };
    const args = [`--net=/run/netns/${this.namespace}`, process.execPath, this.#script, name, ...rest];
    return new Promise((resolve, reject) => {
      execFile('nsenter', args, { env }, (error, stdout, stderr) => {
        try {
          resolve(JSON.parse(stdout));
        } catch {
          reject(new Error(`${name} gave no answer: ${stderr}`, { cause: error }));
        }
      });
    });
  }

  async start(): Promise<ClusterRecord> {
    return succeeded((await this.verb('start')) as ClusterRecord | Failure);
  }

  async stop(): Promise<void> {
    succeeded((await this.verb('stop')) as object | Failure | null);
  }

  status(): Promise<ClusterStatus> {
    return this.verb('status') as Promise<ClusterStatus>;
  }

  get state(): SupervisorState {
    return JSON.parse(readFileSync(this.layout.state, 'utf8')) as SupervisorState;
  }

  /** pid of a process from the supervisor's record; undefined while it is not running. */
  pid(name: string): number | undefined {
    return this.state.processes.find((process) => process.name === name)?.id?.pid;
  }

  get kubeconfig(): string {
    return join(this.folder, 'data', 'coppice', 'kubeconfig');
  }

  kubectl(...args: string[]): string {
    return this.inside(kubectlProgram(), '--kubeconfig', this.kubeconfig, ...args);
  }

  apply(manifest: string): void {
    this.inside(
      'sh',
      '-c',
      `"$0" --kubeconfig "$1" apply -f - <<'MANIFEST'\n${manifest}MANIFEST`,
      kubectlProgram(),
      this.kubeconfig,
    );
  }

  /** SIGKILL to the supervisor, every process of the cluster and every pod, as a power cut would. */
  killEverything(): void {
    process.kill(this.state.supervisor.pid, 'SIGKILL');
    const top = `/sys/fs/cgroup/pids/${this.layout.cgroup}`;
    for (const folder of ['', ...(readdirSync(top, { recursive: true }) as string[])]) {
      const file = join(top, folder, 'cgroup.procs');
      if (!existsSync(file)) continue;
      for (const pid of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
        spawnSync('kill', ['-KILL', pid]);
      }
    }
  }

  /** What else a reboot removes: mounts, the run folder, interfaces and rules, cgroups. */
  forgetAsRebootDoes(): void {
    const { run, data, cgroup } = this.layout;
    for (const mount of mountsBelow([run, data])) spawnSync('umount', ['-l', mount]);
    // Shims have their sockets in a folder of /run that all users of containerd share.
    const addresses = spawnSync('find', [run, '-name', 'address', '-exec', 'cat', '{}', ';'], {
      encoding: 'utf8',
    });
    for (const match of addresses.stdout.matchAll(/unix:\/\/(\/run\/containerd\/s\/[0-9a-f]{64})/g)) {
      rmSync(match[1] ?? '', { force: true });
    }
    rmSync(run, { recursive: true, force: true });
    execFileSync('ip', ['netns', 'delete', this.namespace]);
    this.makeNamespace();
    for (const hierarchy of readdirSync('/sys/fs/cgroup')) {
      spawnSync('find', [
        `/sys/fs/cgroup/${hierarchy}/${cgroup}`,
        '-depth',
        '-type',
        'd',
        '-exec',
        'rmdir',
        '{}',
        '+',
      ]);
    }
  }
}

const kubectlProgram = () => program('kubectl') ?? 'kubectl';

function succeeded<T extends object | null>(answer: T | Failure): T {
  if (answer !== null && 'error' in answer) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer as T;
}

/** A running cluster in its own namespace; call `remove()` at the end. */
export async function startTestCluster(): Promise<TestCluster> {
  const cluster = new TestCluster();
  await cluster.prepare();
  await cluster.start();
  return cluster;
}

/** A pod that answers on port 8080, behind a service. */
export const answeringPod = `
apiVersion: v1
kind: Pod
metadata: {name: answering, labels: {app: answering}}
spec:
  enableServiceLinks: false
  terminationGracePeriodSeconds: 1
  containers:
    - name: web
      image: ${testImage}
      command: [/busybox, httpd, -f, -p, "8080", -h, /]
      readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: answering}
spec:
  selector: {app: answering}
  ports: [{port: 80, targetPort: 8080}]
`;
