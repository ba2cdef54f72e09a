import type { Check } from '../../core/check.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { DatabaseVolume } from '../../core/volume.ts';
import { platformPlace } from '../../servers/postgres/place.ts';
import { withServer } from '../../servers/postgres/reach.ts';
import { chooseStrategy, type ServerFacts, serverFacts } from '../../servers/postgres/server.ts';
import type { PartContext, PartSection } from '../context.ts';

/** Where the databases are stored, what their server detected there, and how they are copied as a result. */
export const volumeChecks: PartSection['checks'] = async (record, context) => {
  if (!record) return [{ name: 'volume', ok: true, detail: 'needs a cluster first' }];
  const { databaseVolume: volume } = record;
  if (!volume) {
    const detail = 'the cluster was started by an older coppice, which created none';
    return [{ name: 'volume', ok: false, detail, fix: 'wt cluster start' }];
  }
  const facts = context && (await factsFrom(context));
  return [
    ...(await placeChecks(record, volume, facts)),
    ...(facts ? [serverCheck(facts, volume), strategyCheck(facts)] : []),
  ];
};

function factsFrom({ kube, record, signal }: PartContext): Promise<ServerFacts> {
  return withServer(kube, { server: platformPlace(record) }, signal, serverFacts);
}

async function placeChecks(
  record: ClusterRecord,
  volume: DatabaseVolume,
  facts: ServerFacts | undefined,
): Promise<Check[]> {
  if (record.driver !== 'k3d') return [volumeCheck(volume)];
  return (await import('./k3d-volume-checks.ts')).k3dVolumeChecks(record, facts?.reflink);
}

/** The volume that `wt cluster start` created or the settings name. */
export function volumeCheck(volume: DatabaseVolume): Check {
  const check = (detail: string): Check => ({ name: 'volume', ok: true, detail });
  if (volume.kind === 'claim') {
    const { size, storageClass = 'the default storage class' } = volume;
    return check(`a claim of ${size} from ${storageClass}; what it can do only the server can say`);
  }
  if (volume.kind === 'node-folder')
    return check(`${volume.path} on the node; what it can do only the server can say`);
  const { path, fileSystem, reflink, why } = volume;
  const place = fileSystem === 'loop' ? `${path}, on an XFS of its own` : path;
  if (reflink) return check(`${place}: databases share the blocks of their template`);
  // No fault: everything works. But the user should know what would make it fast.
  return check(
    `${place}: every database is a full copy (${why ?? 'no reason is known'}); set embedded.dataFolder to a folder on XFS or Btrfs before the first start to have them share blocks`,
  );
}

/** Whether the server sees the volume that was created for it. */
export function serverCheck(
  { major, reflink, fileSystem = 'an unknown file system', fsync }: ServerFacts,
  volume: DatabaseVolume,
): Check {
  const detail = `PostgreSQL ${major} on ${fileSystem}, reflinks ${reflink ? 'work' : 'do not work'}, a flush counts as ${fsync.toFixed(2)} ms`;
  if (volume.kind !== 'host-path' || volume.reflink === reflink) return { name: 'server', ok: true, detail };
  return {
    name: 'server',
    ok: false,
    detail: `${detail}; where its data were put, reflinks ${volume.reflink ? 'work' : 'did not work'}`,
    fix: 'wt cluster stop, then wt cluster start: its volume may not have been mounted',
  };
}

/** pgbench's database of scale 10 as an example: 160 MB in 313 files. */
const example = { bytes: 160e6, files: 313 };

export function strategyCheck(facts: ServerFacts): Check {
  const { strategy, why, expectedMilliseconds } = chooseStrategy(facts, example);
  const detail = `${strategy}: ${why}; a database of 160 MB is expected in ${expectedMilliseconds} ms`;
  return { name: 'strategy', ok: true, detail };
}
