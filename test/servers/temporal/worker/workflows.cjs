const { proxyActivities } = require('@temporalio/workflow');

const { reserve, charge } = proxyActivities({
  startToCloseTimeout: '1m',
  retry: { initialInterval: '10ms', backoffCoefficient: 1 },
});

exports.order = async () => {
  await reserve();
  await charge();
};
