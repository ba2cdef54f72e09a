import { closeSync, existsSync } from 'node:fs';
import { defined } from '../../../core/defined.ts';
import { messageOf } from '../../../core/errors.ts';
import { start } from '../../../core/run.ts';
import { capLog, openLog } from './log-file.ts';
import { needText, unmetNeed } from './needs.ts';
import {
  allPids,
  bootId,
  commandLine,
  isRunning,
  networkNamespace,
  type ProcessId,
  processOf,
} from './proc.ts';
import type { ProcessSpec } from './processes.ts';
import { readState, type SupervisorPlan, stateMark, writeState } from './supervisor-state.ts';

const LOOK_EVERY_MS = 200;
/** First and longest pause before a restart; after a minute of running a process starts again with the first. */
const BACKOFF_MS = { first: 200, longest: 3_000, forgottenAfter: 60_000 };
const CAP_LOGS_EVERY_MS = 30_000;

/** What was last written about the processes, and the mark of the file; or why it could not be. */
interface Written {
  readonly text?: string;
  readonly mark?: string | undefined;
  readonly problem?: string;
}

interface Child {
  readonly spec: ProcessSpec;
  id?: ProcessId;
  restarts: number;
  lastEnd?: string;
  waitsFor?: string;
  startedAt: number;
  pause: number;
  notBefore: number;
  starting: boolean;
}

/** Keeps the processes of a plan running: its own children and those of an earlier supervisor alike. */
export class Supervision {
  readonly #plan: SupervisorPlan;
  readonly #children: Child[];
  readonly #self: ProcessId;
  readonly #timers: NodeJS.Timeout[] = [];
  #watching = true;
  #written: Written = {};

  constructor(plan: SupervisorPlan) {
    const self = processOf(process.pid);
    if (self === undefined) throw new Error('/proc is not there');
    this.#plan = plan;
    this.#self = self;
    this.#children = plan.processes.map((spec) => ({
      spec,
      restarts: 0,
      startedAt: performance.now(),
      pause: BACKOFF_MS.first,
      notBefore: 0,
      starting: false,
    }));
  }

  begin(): void {
    this.#adopt();
    this.#check();
    const capLogs = () => {
      for (const { name } of this.#plan.processes) capLog(this.#plan.layout.logs, name);
    };
    this.#timers.push(
      setInterval(() => this.#check(), LOOK_EVERY_MS),
      setInterval(capLogs, CAP_LOGS_EVERY_MS),
    );
  }

  /** Starts nothing more; what runs goes on. */
  end(): void {
    this.#watching = false;
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** Adopts what already runs: as recorded or, when the record came too late, by its exact command line. */
  #adopt(): void {
    const recorded = readState(this.#plan.layout)?.processes ?? [];
    const own = networkNamespace('self');
    const pids = allPids().filter((pid) => networkNamespace(pid) === own);
    for (const child of this.#children) {
      const earlier = recorded.find(({ name }) => name === child.spec.name);
      child.restarts = earlier?.restarts ?? 0;
      if (earlier?.id !== undefined && isRunning(earlier.id)) {
        child.id = earlier.id;
        continue;
      }
      const wanted = child.spec.argv.join('\0');
      const found = pids.flatMap((pid) =>
        commandLine(pid).join('\0') === wanted ? (processOf(pid) ?? []) : [],
      );
      if (found[0] !== undefined) child.id = found[0];
    }
  }

  #check(): void {
    // A child's end must be recorded even while the cluster stops.
    if (!this.#watching) return;
    for (const child of this.#children) {
      if (child.id !== undefined && !isRunning(child.id)) this.#ended(child);
      if (
        child.id === undefined &&
        !child.starting &&
        performance.now() >= child.notBefore &&
        isWanted(child)
      )
        void this.#start(child);
    }
    this.#write();
  }

  #ended(child: Child): void {
    delete child.id;
    child.restarts += 1;
    const ran = performance.now() - child.startedAt;
    if (ran > BACKOFF_MS.forgottenAfter) child.pause = BACKOFF_MS.first;
    child.notBefore = performance.now() + child.pause;
    child.pause = Math.min(child.pause * 2, BACKOFF_MS.longest);
  }

  async #start(child: Child): Promise<void> {
    child.starting = true;
    try {
      const need = await unmetNeed(child.spec.needs);
      if (!this.#watching) return;
      if (need !== undefined) child.waitsFor = needText(need);
      else {
        delete child.waitsFor;
        this.#spawn(child);
      }
    } catch (error) {
      // Whatever failed, the other processes must not lose their supervisor over it.
      child.waitsFor = String(error);
    } finally {
      child.starting = false;
    }
  }

  #spawn(child: Child): void {
    const [program = '', ...args] = child.spec.argv;
    const log = openLog(this.#plan.layout.logs, child.spec.name);
    const before = process.umask(child.spec.umask ?? 0o022);
    const started = start(program, args, {
      cwd: '/',
      env: child.spec.env,
      detached: true,
      stdio: ['ignore', log, log],
    });
    process.umask(before);
    closeSync(log);
    started.on('error', (error) => {
      child.lastEnd = error.message;
    });
    started.on('exit', (code, signal) => {
      child.lastEnd = signal === null ? `exit code ${code}` : `signal ${signal}`;
      this.#check();
    });
    started.unref();
    const id = started.pid === undefined ? undefined : processOf(started.pid);
    child.startedAt = performance.now();
    if (id === undefined) this.#ended(child);
    else child.id = id;
    this.#write();
  }

  #write(): void {
    const known = this.#children.filter((child) => child.id !== undefined || isWanted(child));
    const processes = known.map(({ spec, id, restarts, lastEnd, waitsFor }) => ({
      name: spec.name,
      ...defined({ id }),
      restarts,
      ...defined({ lastEnd }),
      ...(waitsFor === undefined || id !== undefined ? {} : { waitsFor }),
    }));
    const text = JSON.stringify(processes);
    const { layout } = this.#plan;
    if (text === this.#written.text && this.#written.mark === stateMark(layout)) return;
    try {
      const mark = writeState(layout, {
        bootId: bootId(),
        networkNamespace: networkNamespace('self') ?? '',
        supervisor: this.#self,
        processes,
      });
      this.#written = { text, mark };
    } catch (error) {
      // A full /run must not end who keeps the cluster running: the next look tries again.
      const problem = messageOf(error);
      if (problem !== this.#written.problem) console.error(problem);
      this.#written = { problem };
    }
  }
}

function isWanted({ spec: { wantedWith } }: Child): boolean {
  return wantedWith === undefined || existsSync(wantedWith);
}
