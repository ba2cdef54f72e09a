const { environment } = require('coppice');

// A team's own resources can follow: the environment's namespace is env.namespace.
const env = environment();
module.exports = { url: env.url };
