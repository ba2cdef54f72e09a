const { environment } = require('coppice');

const { url, urls, namespace, environmentId, commit, temporalNamespace } = environment();
// A team's own resources can follow, in the environment's namespace.
module.exports = { url, urls, namespace, environmentId, commit, temporalNamespace };
