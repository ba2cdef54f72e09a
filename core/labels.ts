/** Labels and annotations on our objects. Values of labels are limited to Kubernetes' 63 characters. */
export const Label = {
  managedBy: 'app.kubernetes.io/managed-by',
  app: 'coppice.dev/app',
  environment: 'coppice.dev/environment',
  environmentId: 'coppice.dev/environment-id',
  service: 'coppice.dev/service',
  /** On the claim and the Job of `install:`: the first of its services. */
  install: 'coppice.dev/install',
} as const;

/** Annotations of an environment's namespace: free text, so the unshortened branch and paths go here. */
export const Annotation = {
  repository: 'coppice.dev/repository',
  branch: 'coppice.dev/branch',
  worktree: 'coppice.dev/worktree',
  commit: 'coppice.dev/commit',
  /** On a namespace whose pods `wt stop` removed: the replicas of each Deployment, as JSON. */
  stopped: 'coppice.dev/stopped',
  /** On a namespace whose Temporal schedules `wt stop` paused and nothing has continued yet: `true`. */
  schedulesPaused: 'coppice.dev/schedules-paused',
  /** On a pod template: hash over everything in it that is known before the environment is claimed. */
  configHash: 'coppice.dev/config-hash',
  /** On a pod template that mounts the worktree: mark of the folder that was mounted, as `folderMark` writes it. */
  folder: 'coppice.dev/folder',
  /** On a pod template that refers to Temporal: id of its namespace there, so that a recreated one gets new workers. */
  temporalNamespaceId: 'coppice.dev/temporal-namespace-id',
  /** On a pod template: when `wt restart` gave its pods new processes, as ISO time. */
  restartedAt: 'coppice.dev/restarted-at',
  /** On a claim of `install:`: when its command succeeded, as ISO time. Without it the volume is incomplete. */
  installed: 'coppice.dev/installed',
  /** On the platform's namespace: the version of coppice that last updated it. Versions only move forward. */
  platformVersion: 'coppice.dev/platform-version',
} as const;

export const managedBy = 'coppice';
/** Field manager of our server-side applies. */
export const fieldManager = 'coppice';
/** Namespace of the platform. */
export const platformNamespace = 'coppice';
/** Name of the Gateway, and of its one HTTP listener, in the platform's namespace. */
export const gateway = { name: 'coppice', listener: 'http' } as const;

export const Header = {
  environment: 'X-Coppice-Environment',
  commit: 'X-Coppice-Commit',
  /** The service that a route leads to. */
  service: 'X-Coppice-Service',
  /** On responses from the platform's own hosts: the part's name. */
  platform: 'X-Coppice-Platform',
  /** On a page that we gave in place of an app: why. An answer without it is the app's. */
  page: 'X-Coppice-Page',
} as const;

/** Value of the `X-Coppice-Environment` header, for example `shop/feat-login; id=3f2a9c1b`. */
export function environmentHeader(app: string, slug: string, environmentId: string): string {
  return `${app}/${slug}; id=${environmentId}`;
}
