import { wtOk } from '../test/e2e/harness.ts';
import { report } from './measure.ts';
import { measureUps, shopNamed, withoutDatabase } from './up-with.ts';

await wtOk(['cluster', 'start']);
const plain = shopNamed('plain', withoutDatabase);
/** `api` receives its namespace and does not use it otherwise. */
const app = shopNamed('jobs', (spec) => {
  withoutDatabase(spec);
  spec.set('temporal', {});
  spec.setIn(['services', 'api', 'env', 'TEMPORAL_ADDRESS'], '${temporal.address}');
  spec.setIn(['services', 'api', 'env', 'TEMPORAL_NAMESPACE'], '${temporal.namespace}');
});

const { series, reach, added } = await measureUps({ what: 'Temporal', runs: 11, app, plain, bound: 0.15 });
report({
  name: 'temporal-up',
  method:
    '`wt up` of a new worktree of the shop without a database until its URL answers with what api answered, with `temporal: {}` and the namespace in the variables of api, its server there, against the same without, and against `kubectl apply` of the same objects without; alternating.',
  series,
  reach,
  details: { addedMilliseconds: added },
});
