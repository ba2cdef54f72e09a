import type { ResetTarget } from '../../../app/clusters/reset.ts';
import type { ClusterRecord } from '../../../core/state/cluster-record.ts';
import { duration } from '../../../core/text/duration.ts';
import { flag, type Result, type VerbPorts, verb } from '../../define.ts';
import { driver } from './driver.ts';

export const reset = verb({
  usage: 'reset',
  summary: 'stop the cluster and delete all its data',
  about: 'Every environment in it is lost. Asks first; without a terminal it needs --yes.',
  options: {
    yes: flag('do not ask'),
    forget: flag('delete nothing, only forget a cluster that cannot be reached any more'),
    driver,
  },
  run: async (_, { yes, forget, driver: named }, ports) => {
    const { resetTarget } = await import('../../../app/clusters/reset.ts');
    const target = await resetTarget(named, ports);
    return forget ? forgetKnown(target, yes, ports) : resetWhole(target, yes, ports);
  },
});

async function resetWhole(target: ResetTarget, yes: boolean, ports: VerbPorts): Promise<Result> {
  const [{ resetCluster }, { confirm }] = await loadReset();
  const { name } = target.driver;
  const { state } = await target.driver.status();
  if (state === 'absent' && target.known === undefined) {
    // What an interrupted start or reset left.
    await resetCluster(target, ports);
    return {
      text: `there is no ${name} cluster here, so nothing was deleted`,
      json: { driver: name, reset: false, timings: ports.phases.list },
    };
  }
  const place = target.dataFolder === undefined ? '' : ` in ${target.dataFolder}`;
  const question = `Delete the ${name} cluster with all environments and data${place}?`;
  const refusal = 'the cluster was not reset';
  await confirm({ question, yes, refusal, hint: 'wt cluster reset --yes' }, ports);
  await resetCluster(target, ports);
  return {
    text: `cluster reset in ${duration(ports.phases.total)}: stopped, its data deleted`,
    json: { driver: name, reset: true, timings: ports.phases.list },
  };
}

async function forgetKnown({ driver, known }: ResetTarget, yes: boolean, ports: VerbPorts): Promise<Result> {
  const { name } = driver;
  if (known === undefined) {
    return {
      text: `no ${name} cluster is known here`,
      json: { driver: name, forgotten: false },
    };
  }
  const [{ forgetCluster }, { confirm }] = await loadReset();
  await confirm({ ...forgetting(known), yes }, ports);
  await forgetCluster(known);
  return {
    text: `the cluster ${known.context} is forgotten; nothing in it was deleted`,
    json: { driver: name, forgotten: true },
  };
}

function forgetting({ context }: ClusterRecord) {
  return {
    question: `Forget the cluster ${context} and all environments in it? Nothing in it is deleted: if it still runs, it continues to run.`,
    refusal: 'the cluster was not forgotten',
    hint: 'wt cluster reset --forget --yes',
  };
}

function loadReset() {
  return Promise.all([import('../../../app/clusters/reset.ts'), import('../../../app/consent/confirm.ts')]);
}
