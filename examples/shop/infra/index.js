const { environment } = require('coppice');

// Its URLs, namespace, ID and commit, and the Temporal namespace where coppice.yaml has one. A team's own resources can
// follow, in the environment's namespace.
module.exports = environment().outputs;
