import { lifetimeOf } from '../../../config/spec/lifetime.ts';
import { isThere } from '../../../core/files.ts';
import { environmentName } from '../../../core/names.ts';
import type { Known } from '../../activity/known.ts';
import { allTouches, type Touch } from '../../activity/touch.ts';
import type { EnvironmentNow, EnvironmentStates } from '../../environments/states.ts';
import type { Ports } from '../../ports.ts';
import type { RecordedEnvironment } from '../../target/recorded.ts';
import { attempt } from './attempt.ts';
import type { EnvironmentFacts, Home } from './facts.ts';
import { type Homes, homeIn } from './home.ts';
import { lifetimeIn } from './lifetime.ts';

/** Looks at environments; the cluster is asked once. With none of them, nothing is asked. */
export async function environmentFacts(
  recorded: readonly RecordedEnvironment[],
  homes: Homes,
  ports: Ports,
): Promise<EnvironmentFacts[]> {
  if (recorded.length === 0) return [];
  const [{ environmentStates }, { activityOf }] = await Promise.all([
    import('../../environments/states.ts'),
    import('./environment-activity.ts'),
  ]);
  const names = new Set(recorded.map(({ app, slug }) => environmentName(app, slug)));
  const states = await environmentStates(ports, {
    wanted: ({ app, slug }) => names.has(environmentName(app, slug)),
  });
  const activity = await activityOf(recorded, states.kind === 'seen', ports);
  return Promise.all(
    recorded.map(async (one) => {
      const { app, slug, owner } = one;
      const home = await knownHome(one, homes);
      const { workflows, touches } = activity(one);
      const folder = home.kind === 'worktree' ? home.path : owner?.worktree;
      const isHere = folder !== undefined && (await isThere(folder));
      return {
        app,
        slug,
        home,
        running: runningIn(states, one),
        workflows,
        touches: allTouches(touches, await attempt(() => upAt(app, slug))),
        // Without its folder nobody says otherwise.
        lifetime: await attempt(async () => (isHere ? lifetimeIn(folder, app) : lifetimeOf())),
      };
    }),
  );
}

async function knownHome(environment: RecordedEnvironment, homes: Homes): Promise<Home> {
  const home = await attempt(() => homeIn(environment, homes));
  return 'value' in home ? home.value : { kind: 'unknown', why: home.unknown };
}

function runningIn(states: EnvironmentStates, { app, slug }: RecordedEnvironment): Known<boolean> {
  if (states.kind === 'none') return { unknown: 'there is no cluster' };
  if (states.kind === 'down') return { unknown: states.reason };
  const now = states.environments.find((one) => one.app === app && one.slug === slug);
  if (now === undefined) return { value: false };
  return runningFrom(now);
}

function runningFrom({ state, reasons }: EnvironmentNow): Known<boolean> {
  if (state === 'unknown') return { unknown: reasons[0] ?? 'the cluster does not say' };
  return { value: state !== 'stopped' && state !== 'ending' };
}

async function upAt(app: string, slug: string): Promise<readonly Touch[]> {
  const { readRecord } = await import('../../environments/record.ts');
  const at = Date.parse((await readRecord(app, slug))?.upAt ?? '');
  return Number.isNaN(at) ? [] : [{ by: 'up', at }];
}
