import type { Verb, VerbGroup } from '../define.ts';
import { cluster } from './cluster/index.ts';
import { create } from './create.ts';
import { db } from './db/index.ts';
import { deleteVerb } from './delete.ts';
import { doctor } from './doctor.ts';
import { down } from './down.ts';
import { env } from './env.ts';
import { errors } from './errors.ts';
import { exec } from './exec.ts';
import { forward } from './forward.ts';
import { gc } from './gc.ts';
import { hook } from './hook.ts';
import { init } from './init.ts';
import { list } from './list.ts';
import { logs } from './logs.ts';
import { metrics } from './metrics.ts';
import { open } from './open.ts';
import { platform } from './platform/index.ts';
import { ports } from './ports.ts';
import { restart } from './restart.ts';
import { run } from './run.ts';
import { shell } from './shell/index.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { switchTo } from './switch.ts';
import { telemetry } from './telemetry/index.ts';
import { toolchain } from './toolchain/index.ts';
import { trace } from './trace.ts';
import { traces } from './traces.ts';
import { undo } from './undo.ts';
import { up } from './up.ts';
import { workflows } from './workflows/index.ts';

/** Every verb that is about an environment or this machine, in the order of `wt --help`. */
export const verbs: readonly Verb[] = [
  init,
  create,
  list,
  up,
  down,
  deleteVerb,
  undo,
  stop,
  start,
  restart,
  status,
  logs,
  errors,
  traces,
  trace,
  metrics,
  switchTo,
  open,
  forward,
  exec,
  run,
  ports,
  gc,
  hook,
  env,
  doctor,
];

export const verbGroups: readonly VerbGroup[] = [
  db,
  workflows,
  telemetry,
  platform,
  cluster,
  toolchain,
  shell,
];
