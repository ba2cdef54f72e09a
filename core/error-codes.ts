/** The documented properties of an error code. Both texts are Markdown and appear in docs/troubleshooting.md. */
export interface ErrorKind {
  /** What happened, in a few words. */
  readonly means: string;
  /** What to do about it; the hint of the error itself is more precise. */
  readonly fix: string;
}

/**
 * Every error code of Coppice. Scripts match on them: a code is never renamed. `node scripts/error-codes.mjs` writes
 * them into docs/troubleshooting.md. At run time only the type of this list is needed, so no program loads it; exit
 * codes are in exit-code.ts.
 */
export const errorCodes = {
  COPPICE_ADDRESSES: {
    means:
      '`embedded.podCidr` or `embedded.serviceCidr` is not a usable range of IPv4 addresses, or the two overlap',
    fix: 'set ranges that do not overlap in `config.yaml`, such as `10.213.0.0/16`',
  },
  COPPICE_AMBIGUOUS: {
    means: 'the short name matches more than one environment',
    fix: 'pass the branch or the path, or run the command in a folder of the app',
  },
  COPPICE_BRANCH_EXISTS: {
    means: '`--from` is for a new branch, and there is one of that name at another commit',
    fix: 'leave `--from` out, or choose another name',
  },
  COPPICE_BRANCH_NAME: {
    means: 'git cannot have a branch of that name, or another branch or a tag stands in its way',
    fix: 'the hint names one that works',
  },
  COPPICE_BUILD: {
    means:
      'a program of the toolchain could not be built on this machine, or this copy of Coppice was built without a part',
    fix: 'do what the hint says, or read the log that the message names and `wt toolchain install` again',
  },
  COPPICE_CANNOT_START: {
    means: 'something on this machine prevents the cluster from starting; the message names it',
    fix: 'remove the obstacle, then `wt cluster start` again',
  },
  COPPICE_CANNOT_WRITE: {
    means:
      'a file of ours cannot be written: its folder or disk is read-only, belongs to somebody else, or fails',
    fix: 'make the path that the message names writable, then run the command again',
  },
  COPPICE_CHECKSUM: {
    means: 'a download differs from its checksum, or has none; nothing was installed',
    fix: 'find out whether a proxy changes files or the release was replaced, before you try again',
  },
  COPPICE_CLAIMED: {
    means:
      'a namespace, database, role or Temporal namespace of that name belongs to something else; often two branches have the same slug (`feat/a`, `feat-a`)',
    fix: '`wt up --as NAME`, or `wt down` in the other worktree',
  },
  COPPICE_CLUSTER: {
    means: 'the API of the cluster refused a request or did not answer it',
    fix: '`wt doctor` after a refusal, `wt cluster status` without an answer',
  },
  COPPICE_CLUSTER_DOWN: {
    means: 'the cluster is not running or does not answer',
    fix: '`sudo wt cluster start` (without `sudo` for k3d); `wt cluster status`',
  },
  COPPICE_CLUSTER_FAILED: {
    means:
      'a program of the cluster, or k3d, failed, or nodes do not become ready; the message has its last output',
    fix: 'read the log that the message names, or `docker logs k3d-coppice-server-0`; then `wt cluster start` again',
  },
  COPPICE_CLUSTER_TOO_OLD: {
    means:
      'the cluster was started by an older version, and its record lacks something that this version needs',
    fix: '`wt cluster start`',
  },
  COPPICE_COMMAND_FAILED: {
    means: 'a program that `wt` runs (`docker`, `ip`, `iptables`, `pulumi stack init`, …) failed',
    fix: 'the message has its last output; `wt doctor` checks what these programs need',
  },
  COPPICE_DAMAGED: {
    means:
      "a file of ours, or the engine's state of an environment, is damaged: empty, cut short, or written by a newer version. Nothing was changed",
    fix: 'the message names the file and the hint what to do; `wt doctor` lists every damaged state',
  },
  COPPICE_DATABASE_IN_USE: {
    means: 'a database can only be copied without sessions; the message lists them',
    fix: 'end them, or `--force` (`fork`: `--end-sessions`, `--last-snapshot`)',
  },
  COPPICE_DATABASE_LOST: {
    means:
      '`database:` was removed from coppice.yaml, or names another server, but the environment still has its rows',
    fix: 'restore it, or `wt up --drop-database`',
  },
  COPPICE_DATABASE_PREPARED: {
    means: 'a database with a prepared transaction can be neither copied nor dropped; the message names each',
    fix: '`ROLLBACK PREPARED` or `COMMIT PREPARED` in that database, with `wt db psql`',
  },
  COPPICE_DATABASE_UNREACHABLE: {
    means: 'PostgreSQL does not answer, or refuses the login',
    fix: '`wt doctor`, `wt platform status`; `kubectl -n coppice logs deploy/postgres`',
  },
  COPPICE_DATABASE_VOLUME: {
    means: 'the file system that holds the databases could not be mounted',
    fix: '`xfs_repair` checks the file that the message names; `sudo wt cluster reset` deletes everything',
  },
  COPPICE_DEFINITIONS: {
    means: 'the resource definitions of the Gateway API could not be installed, or are not served',
    fix: '`wt toolchain install gateway-api-crds`, then `wt platform up`',
  },
  COPPICE_DELETE: {
    means: 'a worktree could not be deleted, and is as it was or is finished by the same command',
    fix: 'as the message says, then the same command again',
  },
  COPPICE_DISK_FULL: {
    means:
      'the disk of the databases, of the state of environments, of the cluster or of the dumps of a migration is full',
    fix: '`wt db list`; `wt db snapshot NAME --remove`, `wt doctor --fix`; `embedded.databaseGiB`',
  },
  COPPICE_DOCKER_DENIED: {
    means: 'the cluster uses k3d, and you have no access to Docker',
    fix: 'the message names the command for this system',
  },
  COPPICE_DOCKER_STOPPED: {
    means: 'the cluster uses k3d, and Docker is not running',
    fix: 'the message names the command for this system',
  },
  COPPICE_DOWNLOAD: {
    means: 'a release of a program could not be downloaded, or lacks files that the manifest lists',
    fix: 'check the network; if the release was withdrawn, see [toolchain.md](toolchain.md)',
  },
  COPPICE_DOWN_FAILED: {
    means: 'the engine could not remove everything; the message lists what failed, resource by resource',
    fix: '`wt down` continues from there',
  },
  COPPICE_DRIVER_SET: {
    means: '`config.yaml` sets a driver other than `wt cluster migrate --to`',
    fix: 'remove `driver:` (or `existing:`) from it, or set the new one',
  },
  COPPICE_DUMP: {
    means: 'a dump could not be created, read or restored; the message has the last lines of the program',
    fix: 'run the command of `database.from.dump` by hand, then `wt db refresh-template`',
  },
  COPPICE_DUMP_NOT_ALLOWED: {
    means: 'the dump command in coppice.yaml was never approved, and there is no terminal to ask on',
    fix: 'read it, then `wt db refresh-template --yes`',
  },
  COPPICE_EXEC: {
    means: 'a command could not be run in a pod',
    fix: '`wt doctor`',
  },
  COPPICE_EXTENSION: {
    means: 'only trusted extensions and a short list may be created; the error names them',
    fix: 'choose one of them, or `server: managed`',
  },
  COPPICE_FETCH: {
    means: 'a remote does not answer, or refuses',
    fix: 'try `git fetch REMOTE`',
  },
  COPPICE_FILE_CHANGED: {
    means: 'an input file of the database changed while the command was running',
    fix: 'run the command again',
  },
  COPPICE_FOLDER_TAKEN: {
    means: 'something else is where a worktree belongs; nothing was changed',
    fix: 'move it away, or `--path FOLDER`',
  },
  COPPICE_FORBIDDEN: {
    means: 'the context may not read the namespace `kube-system`, whose uid identifies the cluster',
    fix: 'allow it `get` on namespaces, or use another context',
  },
  COPPICE_FOREIGN_FILE: {
    means: "another tool's file, which `wt init --with` was to extend, cannot be read; nothing was written",
    fix: 'correct the file that the message names',
  },
  COPPICE_FORK: {
    means: 'the database of that environment cannot be copied into this one',
    fix: 'name another environment of the same app: `wt db list`',
  },
  COPPICE_GIT: {
    means: 'git refused; the message has its own words',
    fix: '`git status` in the folder that the message names',
  },
  COPPICE_GIT_OWNER: {
    means: 'the repository belongs to another user, so git does not trust it',
    fix: 'run as its owner (without `sudo`), or `git config --global --add safe.directory PATH`',
  },
  COPPICE_HOST: {
    means:
      'a host of the environment belongs to the platform, such as `temporal.localhost`, or to another environment',
    fix: '`wt up --as NAME`, or a `host:` pattern with `{app}` in it',
  },
  COPPICE_IMAGE: {
    means: 'an image could neither be pulled nor built; on macOS images are only pulled',
    fix: 'check the network (a proxy, a VPN), then run the command again',
  },
  COPPICE_INSTALL: {
    means:
      'the `install:` command failed in its pod (the message has its last lines), or its volume could not be used; `… so the volume of install: cannot be mounted over it`: `node_modules` on this machine is a link or a file',
    fix: 'correct it, `wt up` runs it again; remove the link or file: it must be a folder, or absent',
  },
  COPPICE_INTERRUPTED: {
    means: 'Ctrl+C, or the end of the terminal, stopped the command',
    fix: 'run it again: it continues from there',
  },
  COPPICE_KUBECONFIG: {
    means: 'the kubeconfig could not be read, or has no such context',
    fix: '`kubectl config get-contexts`; correct `existing:` in `config.yaml`',
  },
  COPPICE_LEFTOVERS: {
    means: 'a part of the cluster could not be removed because it is in use; its record was kept',
    fix: 'stop what the message names, then run the same command again',
  },
  COPPICE_LOCKED: {
    means: 'another `wt`, a manual `pulumi`, or another machine is working on the stack',
    fix: 'wait for it; `pulumi cancel` if its process is gone for good',
  },
  COPPICE_MAIN_WORKTREE: {
    means: '`wt delete` was asked for the main worktree, a bare repository or the default branch',
    fix: 'name the worktree or branch that you mean; `--keep-branch` deletes only the worktree of a branch',
  },
  COPPICE_MANAGED_DATABASE: {
    means:
      'coppice.yaml has `server: managed`, but `databases.managed` in `config.yaml` does not lead to a server',
    fix: 'correct it; the URL is `postgres://user:password@host:5432/postgres`',
  },
  COPPICE_MANAGED_TEMPORAL: {
    means: '`temporal.managed` in `config.yaml` does not lead to a server, or its key is not set here',
    fix: 'correct it; during `wt down`: set the key, or `wt down --force`, which leaves the namespace there',
  },
  COPPICE_MASK: {
    means: 'the SQL of `database.from.mask` failed',
    fix: 'correct the file; the message has the line',
  },
  COPPICE_MIGRATE: {
    means: 'a migration to another cluster was interrupted; nothing is lost',
    fix: 'the same command continues; `--to` the old driver reverts it',
  },
  COPPICE_MIGRATED_DIFFERS: {
    means: 'the restored content differs from the dump; the message lists the tables',
    fix: 'run it again; the old cluster and the dump have everything',
  },
  COPPICE_MIGRATION: {
    means: 'your migrate or seed command failed; the message has its last lines',
    fix: 'correct it, `wt up` runs it again',
  },
  COPPICE_MIGRATIONS_CHANGED: {
    means: 'a migration was edited or removed after it ran on this database',
    fix: 'restore it, or `wt db reset` (rows are lost; `wt db undo` brings them back)',
  },
  COPPICE_NEWER_PLATFORM: {
    means: 'the platform of this cluster was created by a newer version',
    fix: 'install that version, or a newer one',
  },
  COPPICE_NOTHING_TO_UNDO: {
    means: 'there is no snapshot from before something was deleted or replaced',
    fix: '`wt db snapshots`, then `wt db restore NAME`',
  },
  COPPICE_NOT_A_REPOSITORY: {
    means: 'the folder is not in a git repository',
    fix: 'go to a worktree, or `git init`',
  },
  COPPICE_NOT_CONFIRMED: {
    means: 'a question was not answered with yes, or there is no terminal to ask on',
    fix: 'the hint names the option that answers it, such as `--yes`',
  },
  COPPICE_NOT_LINUX: {
    means: 'the embedded cluster runs on Linux only',
    fix: 'use k3d, or `driver: existing` with a context',
  },
  COPPICE_NOT_OURS: {
    means:
      'a k3d cluster or Docker volume of that name was not created by Coppice, or belongs to another user',
    fix: '`k3d cluster delete coppice` if it is not needed, or another `k3d.name`',
  },
  COPPICE_NOT_PUBLISHED: {
    means: 'this cluster does not publish a port for its databases',
    fix: '`wt db psql`, or `wt db url --forward`',
  },
  COPPICE_NOT_READY: {
    means:
      'pods do not become ready, or routes do not answer; the message has the reason and last lines of each',
    fix: '`wt logs SERVICE --previous`, correct it, `wt up`',
  },
  COPPICE_NOT_ROOT: {
    means: 'only root can start, stop and reset the embedded cluster',
    fix: '`sudo wt cluster start`, and the same for `stop` and `reset`',
  },
  COPPICE_NO_AGENT: {
    means: 'the agent of `--go` is not known or not on PATH, or several are',
    fix: '`--go NAME`, or `agent:` in `config.yaml`',
  },
  COPPICE_NO_CLUSTER: {
    means: 'there is no cluster yet',
    fix: '`wt up` or `wt cluster start`; `wt doctor` lists what it needs',
  },
  COPPICE_NO_COMMIT: {
    means: 'the repository has no commit yet',
    fix: 'make the first one',
  },
  COPPICE_NO_CONTEXT: {
    means: 'the settings have `driver: existing` but no context',
    fix: '`existing: {context: NAME}` in `config.yaml`; `kubectl config get-contexts`',
  },
  COPPICE_NO_DATABASE: {
    means: 'the environment has no database in PostgreSQL',
    fix: '`wt up`, with `database:` in coppice.yaml; after `wt down`: `wt db undo`',
  },
  COPPICE_NO_DATABASE_SERVER: {
    means: 'the platform was created without PostgreSQL',
    fix: '`wt platform up` in the folder of the app',
  },
  COPPICE_NO_DOCKER: {
    means: 'the cluster uses k3d, and Docker is not installed',
    fix: 'the message names the command for this system',
  },
  COPPICE_NO_DRIVER: {
    means: 'no kind of cluster can run on this machine',
    fix: 'install Docker Desktop or colima, or use an existing cluster: `existing: {context: NAME}`',
  },
  COPPICE_NO_ENVIRONMENT: {
    means: 'there is no environment of that name, or it is not up',
    fix: '`wt up`',
  },
  COPPICE_NO_FOLDER: {
    means: 'there is no such folder',
    fix: 'correct the path',
  },
  COPPICE_NO_GATEWAY_API: {
    means: 'a manual `pulumi` does not know where the definitions of the Gateway API are',
    fix: '`eval "$(wt env)"` in this shell, or `wt platform up`',
  },
  COPPICE_NO_GIT: {
    means: 'git is not on PATH',
    fix: 'install git 2.36 or newer',
  },
  COPPICE_NO_PORTS: {
    means: 'every block of ports for processes on this machine is taken',
    fix: '`wt ports` shows who has them, `wt ports --release` gives one back; or set `hostPorts` in `config.yaml`',
  },
  COPPICE_NO_PREVIOUS: {
    means: '`-` means the worktree before this one, and there was none',
    fix: 'name a branch',
  },
  COPPICE_NO_PROGRAM: {
    means: 'a program that was to run is not there (exit code 127), or may not be executed (126)',
    fix: 'correct its name; in a pod, install it in the image',
  },
  COPPICE_NO_PSQL: {
    means: 'there is no `psql` on PATH, and the server has no pod to run it in',
    fix: 'install psql (Debian: `postgresql-client`), or `wt db url`',
  },
  COPPICE_NO_REF: {
    means: 'there is no branch, tag, commit or pull request of that name',
    fix: 'the hint lists what there is',
  },
  COPPICE_NO_ROUTE: {
    means: 'the service has no `port:`, or speaks `protocol: tcp`, so it has no URL',
    fix: 'give it a `port:` in coppice.yaml; `wt forward SERVICE`; `wt status`',
  },
  COPPICE_NO_SERVICE: {
    means: 'the environment has no service of that name',
    fix: '`wt status` lists them',
  },
  COPPICE_NO_SNAPSHOT: {
    means: 'the database has no snapshot, or none of that name',
    fix: '`wt db snapshots`; `wt db snapshot NAME` takes one',
  },
  COPPICE_NO_SPEC: {
    means: 'there is no coppice.yaml in this folder or above it, or it could not be read',
    fix: '`wt init` writes one; the full name reaches an environment from every folder: `wt status app/slug`',
  },
  COPPICE_NO_STORAGE: {
    means: '`install:` needs a volume, and the cluster has no default storage class',
    fix: 'set a default storage class (`kubectl get storageclass`)',
  },
  COPPICE_NO_TELEMETRY: {
    means: 'the platform of this cluster does not have the store of logs, metrics or traces that was asked',
    fix: '`telemetry: {}` in coppice.yaml and `wt up`, or `wt platform up --with telemetry`',
  },
  COPPICE_NO_TEMPORAL: {
    means: 'the environment has no Temporal namespace, or it was deleted by hand',
    fix: '`wt up`, with `temporal:` in coppice.yaml',
  },
  COPPICE_NO_TEMPORAL_NAMESPACE: {
    means: 'the settings have `namespaces: existing`, but the managed server has no such namespace',
    fix: 'create it the way you create namespaces (Terraform, tcld), or set `namespaces: create`',
  },
  COPPICE_NO_TEMPORAL_SERVER: {
    means: 'the platform was created without Temporal',
    fix: '`wt platform up` in the folder of the app, or `--with temporal`',
  },
  COPPICE_NO_TRACE: {
    means: 'the environment has no trace with that id, or not any more',
    fix: '`wt traces --since 1d` lists what there is',
  },
  COPPICE_NO_WORKFLOW: {
    means: 'there is no workflow with that ID, or its retention has ended',
    fix: '`wt workflows`',
  },
  COPPICE_NO_WORKTREE: {
    means: 'the folder is not in a worktree, or no worktree of the repository has that name',
    fix: '`wt list`; `wt create` makes one',
  },
  COPPICE_OTHER_CLUSTER: {
    means: 'the context leads to a cluster other than the recorded one',
    fix: 'point the context back, or `wt cluster start` to use the new one',
  },
  COPPICE_OTHER_ENGINE: {
    means: 'the cluster was created in another Docker engine (`DOCKER_HOST`, `docker context`)',
    fix: 'point docker back to it; `wt cluster reset` if that engine is gone for good',
  },
  COPPICE_OTHER_KUBERNETES: {
    means:
      "another Kubernetes runs on this machine's network, and the two would overwrite each other's rules",
    fix: 'use that one (`driver: existing`), or stop it first',
  },
  COPPICE_OTHER_NETWORK: {
    means: 'the embedded cluster runs in another network namespace than this shell',
    fix: 'run the command where the cluster was started',
  },
  COPPICE_OUTSIDE_ROOTS: {
    means: 'the worktree is not in a folder that the nodes can see',
    fix: '`git worktree move`, or other `k3d.roots` and a new cluster',
  },
  COPPICE_OUTSIDE_WORKTREE: {
    means: 'coppice.yaml is outside the worktree, or is a link that leads out of it',
    fix: 'move it into the worktree itself: only files in it may be mounted',
  },
  COPPICE_PLATFORM: {
    means: 'Coppice does not run on this system',
    fix: 'use Linux or macOS on x64 or arm64',
  },
  COPPICE_PORT_DENIED: {
    means: 'the port is below 1024, and Docker is rootless or its Desktop may not listen there',
    fix: '`ports: {http: 8080}`; or allow it, as the message describes',
  },
  COPPICE_PORT_FORWARD: {
    means: 'a server in the cluster could not be reached through the API',
    fix: '`wt platform up`; `wt cluster status`',
  },
  COPPICE_PORT_TAKEN: {
    means:
      'another program listens on a port for routes; the ports of a k3d cluster are fixed when it is created',
    fix: 'stop it, or set `ports: {http: 8080}` in `config.yaml`, then `wt cluster start`; only `wt cluster reset` changes the ports of an existing k3d cluster, and it deletes the databases too',
  },
  COPPICE_PROFILE: {
    means: 'there is no such profile',
    fix: 'the hint lists the existing ones',
  },
  COPPICE_PROTECTED: {
    means:
      "`wt down` or `wt cluster reset` met resources of the team's own program with `protect: true`, before anything was removed",
    fix: 'take `protect` away in the program and run `wt up`, or `pulumi state unprotect URN`',
  },
  COPPICE_REMOTE_ENGINE: {
    means: '`docker` leads to an engine on another machine, which cannot mount worktrees',
    fix: '`docker context use NAME`, or unset `DOCKER_HOST`',
  },
  COPPICE_ROOTS: {
    means:
      'a folder in `k3d.roots` does not exist, would hide files that a node needs, or is not shared with the virtual machine of Docker',
    fix: 'set others in `config.yaml`, or share it as the message describes ([cluster.md](cluster.md#k3d))',
  },
  COPPICE_RUNTIME: {
    means: 'the cluster has no image for the `runtime:` of a service',
    fix: '`wt cluster start`, or give the service an `image:`',
  },
  COPPICE_SEARCH_ATTRIBUTE: {
    means: 'a search attribute of that name has another type',
    fix: 'give it another name, or `wt down --force` and `wt up`, which loses the workflows; [spec.md](spec.md#temporal)',
  },
  COPPICE_SEED: {
    means: 'the SQL of `database.seed` failed',
    fix: 'correct the file; the message has the line',
  },
  COPPICE_SETTINGS: {
    means: '`config.yaml` has mistakes; the message shows the place of each',
    fix: 'correct them',
  },
  COPPICE_SETUP_FAILED: {
    means: 'a `setup:` command failed; the message has its last lines',
    fix: 'run it by hand in the worktree, correct it, `wt up`',
  },
  COPPICE_SETUP_NOT_ALLOWED: {
    means: 'the `setup:` commands were never approved, and there is no terminal to ask on',
    fix: 'read them, `wt up --yes`',
  },
  COPPICE_SLUG: {
    means: 'an environment cannot have that name',
    fix: 'use a-z, 0-9 and single dashes',
  },
  COPPICE_SNAPSHOT_EXISTS: {
    means: 'there is already a snapshot of that name',
    fix: 'choose another name, or `wt db snapshot NAME --remove`',
  },
  COPPICE_SNAPSHOT_NAME: {
    means: 'a snapshot cannot have that name',
    fix: 'use letters, digits, dots, dashes and underscores, a letter or digit first',
  },
  COPPICE_SOURCE: {
    means: 'the nodes of this cluster cannot see the files of this machine, and a service needs them mounted',
    fix: 'use a cluster on this machine, `existing.mountPath`, or give the service an `image:`',
  },
  COPPICE_SPEC: {
    means: 'coppice.yaml has mistakes; the message shows the place of each',
    fix: 'correct them; [spec.md](spec.md)',
  },
  COPPICE_SQLITE: {
    means: 'the SQLite file could not be copied, or the command is for PostgreSQL only',
    fix: 'stop the program that has an open transaction in it; `wt db reset` copies it again',
  },
  COPPICE_TARGET_IN_USE: {
    means: 'the other cluster, from before a migration, has environments of its own',
    fix: '`wt cluster reset --driver NAME`, if they are not needed',
  },
  COPPICE_TELEMETRY_REFUSED: {
    means: 'a store of logs, metrics or traces answered an error; the message has its own words',
    fix: 'correct what was asked, such as the text of `--query`; `wt doctor` after an error of its own (5xx)',
  },
  COPPICE_TELEMETRY_UNREACHABLE: {
    means: 'a store of logs, metrics or traces is not ready, or does not answer in time',
    fix: '`wt platform status`; `kubectl -n coppice logs deploy/victorialogs` (or `prometheus`, `jaeger`)',
  },
  COPPICE_TEMPORAL: {
    means: 'the Temporal server refused a request, or did not finish it in time',
    fix: 'run the same command again; `kubectl -n coppice logs deploy/temporal`',
  },
  COPPICE_TEMPORAL_DENIED: {
    means: 'a managed server does not accept the key or the certificate',
    fix: 'check `temporal.managed` in `config.yaml`',
  },
  COPPICE_TEMPORAL_LOST: {
    means:
      '`temporal:` was removed from coppice.yaml, or names another server, but workflows are running; with exit code 3 the server does not answer, so they cannot be counted',
    fix: 'restore it, or `wt up --drop-temporal`; with exit code 3 once the server answers (`wt doctor`)',
  },
  COPPICE_TEMPORAL_PROTECTED: {
    means: "the namespace is the Temporal server's own, and no environment may use it",
    fix: 'choose another pattern for `temporal.managed.namespace`',
  },
  COPPICE_TEMPORAL_UNREACHABLE: {
    means: 'the Temporal server does not answer',
    fix: '`wt doctor`, `wt platform status`; `kubectl -n coppice logs deploy/temporal`',
  },
  COPPICE_TERMINATING: {
    means: 'a namespace or its pods are still being deleted; the message names what blocks that',
    fix: '`wt cluster status`; `kubectl get namespace NAME -o yaml`',
  },
  COPPICE_TIMER: {
    means: 'the timer of `wt gc` could not be set: systemd or cron refused; the message has their words',
    fix: 'mend what they say, then `wt gc --install` again',
  },
  COPPICE_TOOLCHAIN: {
    means:
      'programs are missing and cannot be installed on this machine; the message has the reason for each',
    fix: 'fix these, then `wt toolchain install`; `wt toolchain list` shows where each comes from',
  },
  COPPICE_UNDO: {
    means:
      'a deleted worktree cannot come back as it was: its branch or its folder exists again, or nothing is kept',
    fix: '`wt undo --list`; `--branch NAME` or `--path FOLDER` puts it elsewhere',
  },
  COPPICE_UNEXPECTED: {
    means: 'an unexpected error, probably a bug in Coppice',
    fix: 'run it again with `--verbose`; a `crash-*.txt` in the logs has the details',
  },
  COPPICE_UNREACHABLE: {
    means: 'the cluster of that context does not answer',
    fix: 'check that it runs and that the kubeconfig is right; `wt cluster status`',
  },
  COPPICE_UP_FAILED: {
    means:
      'the engine could not create or change everything; the message lists what failed, resource by resource',
    fix: 'correct it, `wt up` continues from there',
  },
  COPPICE_USAGE: {
    means: 'the command line is wrong',
    fix: 'add `--help` to see the options of the verb',
  },
  COPPICE_WORKFLOWS_RUNNING: {
    means: 'workflows are running, and would be deleted with their namespace',
    fix: '`wt workflows`; wait, or `wt down --force`',
  },
  COPPICE_WORKTREE_LOCKED: {
    means: 'a worktree is locked, or git keeps something in it that would be lost',
    fix: 'the hint has the command that gives it up',
  },
  COPPICE_WRONG_PROJECT: {
    means: 'Pulumi.yaml and coppice.yaml name different projects',
    fix: 'write the `name:` of coppice.yaml into Pulumi.yaml',
  },
  COPPICE_WRONG_STACK: {
    means: 'a manual `pulumi` uses the stack of another worktree',
    fix: '`pulumi stack select --create SLUG`',
  },
} as const satisfies Readonly<Record<`COPPICE_${string}`, ErrorKind>>;

export type ErrorCode = keyof typeof errorCodes;
