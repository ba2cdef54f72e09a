import { proxyActivities } from '@temporalio/workflow';

// No end to the attempts: an order waits until it can be charged.
const { reserve, charge, ship } = proxyActivities({
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '10 seconds' },
});

/** Takes a placed order on its way: shipped in the end, or rejected when there are not as many pieces left. */
export async function order(id) {
  if ((await reserve(id)) === 'rejected') return 'rejected';
  await charge(id);
  await ship(id);
  return 'shipped';
}
