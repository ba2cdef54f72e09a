import { expect, test } from 'vitest';
import { type FolderProbe, unseenRoots } from '../../../../../cluster/drivers/k3d/mountable.ts';

/** A machine whose folder has these listings, one after the other; and a node that sees these paths. */
function probe(listings: readonly (readonly string[])[], visible: readonly string[]): FolderProbe {
  let listed = 0;
  return {
    here: async () => {
      listed += 1;
      return listings[Math.min(listed, listings.length) - 1] ?? [];
    },
    there: async (paths) => paths.some((path) => visible.includes(path)),
  };
}
const unseen = (one: FolderProbe) => unseenRoots('k3d-coppice-server-0', ['/srv/work'], one);

test('one entry that the node sees is enough, whatever the first one is', async () => {
  const entries = ['.mounted-by-fuse', 'shop'];
  expect(await unseen(probe([entries], ['/srv/work/shop']))).toEqual([]);
});

test('a folder is listed again before it counts as not seen: a file may have been deleted', async () => {
  expect(await unseen(probe([['.download-1'], ['shop']], ['/srv/work/shop']))).toEqual([]);
  expect(await unseen(probe([['.download-1'], []], []))).toEqual([]);
});

test('a folder counts as not seen if the node has none of its entries', async () => {
  expect(await unseen(probe([['shop', 'blog']], []))).toEqual(['/srv/work']);
});

test('an empty folder, or one that cannot be read here, proves nothing', async () => {
  expect(await unseen(probe([[]], []))).toEqual([]);
});
