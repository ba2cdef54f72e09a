import { expect, test } from 'vitest';
import { ownPlace } from '../../../../core/text/own-place.ts';

test.each([
  [
    'a package',
    ['    at q (/app/node_modules/pg/a.js:1:2)', '    at a (file:///app/api/a.js:27:13)'],
    '/app/api/a.js:27:13',
  ],
  ['node itself', ['    at node:internal/a:1:2', '    at async /app/b.js:3:4'], '/app/b.js:3:4'],
  ['what is loaded into the pod', ['    at a (/opt/coppice/instrument-node/index.js:1:2)'], undefined],
  ['a folder lib of the app', ['    at a (/app/lib/orders.js:1:2)'], '/app/lib/orders.js:1:2'],
  ['a folder of the system', ['    at a (/usr/lib/node/a.js:1:2)'], undefined],
  [
    'Python, innermost last',
    [
      '  File "/app/a.py", line 3, in <module>',
      '  File "/app/b.py", line 7, in order',
      '  File "/usr/lib/python3/site-packages/x.py", line 9, in y',
    ],
    '/app/b.py:7',
  ],
  [
    'Go',
    ['main.main()', '\t/usr/local/go/src/net/a.go:1 +0x1', '\t/app/orders.go:31 +0x1d'],
    '/app/orders.go:31',
  ],
  ['no trace', ['PORT is 3000', 'GET /items/7 200'], undefined],
])('the place in the app is found beside %s', (_, lines, place) => {
  expect(ownPlace(lines)).toBe(place);
});
