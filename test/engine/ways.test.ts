import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Kube } from '../../cluster/kube/client.ts';
import { execInPod } from '../../cluster/kube/exec.ts';
import { forwardPort } from '../../cluster/kube/port-forward.ts';
import { withServer } from '../../servers/postgres/reach.ts';
import { wtOk } from '../e2e/harness.ts';
import { cluster } from './harness.ts';

let kube: Kube;
beforeAll(async () => {
  ({ kube } = await cluster());
  if (process.env.COPPICE_TEST_FOLDER) await wtOk(['platform', 'up', '--with', 'postgres']);
});

const signal = () => AbortSignal.timeout(300_000);
const namespace = 'coppice';

describe('through the API server', () => {
  test('PostgreSQL is reached where no port is published, even by several clients at once', async () => {
    const place = { server: { kind: 'platform' as const } };
    const answers = await withServer(kube, place, signal(), async (server) => {
      const more = await Promise.all([server.in('postgres'), server.in('postgres')]);
      const rows = await Promise.all(
        [server, ...more].map((one) => one.query("SELECT length(repeat('x', 3000000)) AS length")),
      );
      await Promise.all(more.map((one) => one.close()));
      return rows.flat();
    });
    expect(answers).toEqual([{ length: 3_000_000 }, { length: 3_000_000 }, { length: 3_000_000 }]);
  });

  test('big responses arrive completely', async () => {
    const place = { server: { kind: 'platform' as const } };
    const [row] = await withServer(kube, place, signal(), (server) =>
      server.query<{ text: string }>("SELECT repeat('0123456789', 500000) AS text"),
    );
    expect(row?.text).toBe('0123456789'.repeat(500_000));
  });

  test('a missing service is reported as such', async () => {
    const forwarding = forwardPort(kube, { namespace, service: 'nobody', port: 1 });
    await expect(forwarding).rejects.toMatchObject({ code: 'COPPICE_PORT_FORWARD', exitCode: 3 });
  });
});

describe('a command in a pod', () => {
  const run = async (command: readonly string[], input?: string) => {
    const labelSelector = 'coppice.dev/service=postgres';
    const [pod] = (await kube.core.listNamespacedPod({ namespace, labelSelector })).items;
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const stdin = input === undefined ? {} : { stdin: new PassThrough().end(input) };
    const where = {
      namespace,
      pod: pod?.metadata?.name ?? '',
      container: pod?.spec?.containers[0]?.name ?? '',
    };
    const [code, out, err] = await Promise.all([
      execInPod(kube, { ...where, command, stdout, stderr, ...stdin, signal: signal() }),
      text(stdout),
      text(stderr),
    ]);
    return { code, out, err };
  };

  test('returns its output and its exit code', async () => {
    const ended = await run(['sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect(ended).toEqual({ code: 7, out: 'out\n', err: 'err\n' });
  });

  test('reads its input to the end', async () => {
    expect(await run(['cat'], 'a line\nanother\n')).toMatchObject({ code: 0, out: 'a line\nanother\n' });
  });

  test('that does not exist is reported as such', async () => {
    await expect(run(['/no/such/program'])).rejects.toMatchObject({ code: 'COPPICE_EXEC' });
  });
});
