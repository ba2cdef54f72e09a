/** Where the worktree's files are in a pod. */
export const appFolder = '/app';
