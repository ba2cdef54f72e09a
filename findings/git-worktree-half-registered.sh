#!/usr/bin/env bash
# `git worktree add` first creates its folder below .git/worktrees and writes the file `commondir` there a moment later.
# One would expect other commands to skip a worktree that is not complete. They break off instead: whatever lists
# worktrees, in any worktree of the repository, ends with 128 while the file is empty ("Success" is the reason that it
# gives). A second `git worktree add` of another branch is among them, so adding worktrees in parallel
# fails now and then.
#
# git 2.39.5 (Debian 12, amd64), seen on 2026-11-30:
#   empty:    128 fatal: failed to read .git/worktrees/other/commondir: Success
#   add:      128
#   complete: 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get download -qq git=1:2.39.5-0+deb12u3 2>/dev/null
dpkg-deb --extract git_*.deb package
git() {
  env -i HOME="$folder" PATH="$PATH" LC_ALL=C GIT_EXEC_PATH="$folder/package/usr/lib/git-core" \
    GIT_TEMPLATE_DIR="$folder/package/usr/share/git-core/templates" \
    "$folder/package/usr/bin/git" -c user.name=someone -c user.email=someone@example.com "$@"
}

git init -q -b main shop
cd shop
git commit -q --allow-empty -m Begin
# What `git worktree add` has made at that moment.
mkdir -p .git/worktrees/other
echo "$folder/other/.git" > .git/worktrees/other/gitdir
echo 'ref: refs/heads/other' > .git/worktrees/other/HEAD

said() { git worktree list 2>&1 >/dev/null && echo 0 || echo "$?"; }
: > .git/worktrees/other/commondir
empty=$(said | tac | tr '\n' ' ')
git worktree add -q -b second "$folder/second" 2>/dev/null && add=0 || add=$?
echo ../.. > .git/worktrees/other/commondir
complete=$(said)
echo "empty:    $empty"
echo "add:      $add"
echo "complete: $complete"
[ "$empty" = '128 fatal: failed to read .git/worktrees/other/commondir: Success ' ]
[ "$add" = 128 ]
[ "$complete" = 0 ]
