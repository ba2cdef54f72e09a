/** A pull request of GitHub, Gitea or Forgejo, or a merge request of GitLab. */
export interface PullRequest {
  readonly number: number;
  /** Where its latest commit can be, the likeliest first. */
  readonly places: (remotes: ReadonlyMap<string, string>) => readonly { remote: string; theirs: string }[];
}

const typed = /^(?:pr|mr):#?(\d{1,9})$/i;
const address = /^https?:\/\/[^/\s]+\/.+\/(?:pulls?|merge_requests)\/(\d{1,9})(?:[/?#]\S*)?$/i;

/** What `pr:12`, `mr:12` or an address means; undefined for anything else, as a branch's name has no colon. */
export function pullRequestOf(name: string): PullRequest | undefined {
  const digits = (typed.exec(name) ?? address.exec(name))?.[1];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  const merge = /^mr:|\/merge_requests\//i.test(name);
  return {
    number,
    places: (remotes) =>
      inOrder([...remotes.keys()]).flatMap((remote) => {
        const places = [`refs/pull/${number}/head`, `refs/merge-requests/${number}/head`];
        const gitLab = merge || /gitlab/i.test(remotes.get(remote) ?? '');
        return (gitLab ? places.reverse() : places).map((theirs) => ({ remote, theirs }));
      }),
  };
}

/** Of a fork, requests are at the repository that it was forked from. */
function inOrder(remotes: readonly string[]): string[] {
  const usual = ['upstream', 'origin'];
  const rank = (name: string) => (usual.includes(name) ? usual.indexOf(name) : usual.length);
  return [...remotes].sort((one, other) => rank(one) - rank(other));
}
