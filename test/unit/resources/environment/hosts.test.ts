import { expect, test } from 'vitest';
import { refuseTakenHosts } from '../../../../resources/environment/hosts.ts';

const wanted = {
  app: 'shop',
  slug: 'main',
  namespace: 'wt-shop--main',
  routes: [{ host: 'main.localhost' }, { host: 'api.main.localhost' }],
};

test.each([
  ['wt-blog--main', 'blog/main', '; `wt down blog/main` frees it'],
  // Another pattern of another app: its branch is called like this service.
  ['wt-main--api', 'main/api', '; `wt down main/api` frees it'],
  ['coppice', 'the platform', ''],
  ['theirs', 'the namespace theirs', ''],
])('a host that answers from the namespace %s is refused with whose it is', (namespace, whose, down) => {
  const host = namespace === 'wt-main--api' ? 'api.main.localhost' : 'main.localhost';
  expect(() => refuseTakenHosts(wanted, [{ host, namespace }])).toThrow(
    expect.objectContaining({
      code: 'COPPICE_HOST',
      message: `http://${host} belongs to ${whose}, so shop/main cannot have it`,
      hint: `write host: "{slug}.{app}.localhost" in coppice.yaml, or choose another name with \`wt up --as NAME\`${down}`,
    }),
  );
});

test("an environment's own hosts, and others", () => {
  const claims = [
    { host: 'main.localhost', namespace: 'wt-shop--main' },
    { host: 'feat.localhost', namespace: 'wt-blog--feat' },
  ];
  expect(() => refuseTakenHosts(wanted, claims)).not.toThrow();
});
