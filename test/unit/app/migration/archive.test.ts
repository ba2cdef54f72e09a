import { expect, test } from 'vitest';
import { entriesToRestore } from '../../../../app/migration/archive.ts';

const list = `;
; Archive created at 2026-11-21 20:00:00 UTC
;     dbname: wt_shop__main
;
6; 2615 16400 SCHEMA - audit shop_owner
7; 2615 16401 SCHEMA - audit log shop_owner
2; 3079 16385 EXTENSION - pgcrypto 
3399; 0 0 COMMENT - EXTENSION pgcrypto 
215; 1259 16386 TABLE public orders shop_owner
3400; 0 0 COMMENT public TABLE orders shop_owner
216; 1259 16390 TABLE audit EXTENSION shop_owner
3380; 0 16386 TABLE DATA public orders shop_owner`;

const dropped = (schemas: readonly string[]) => {
  const kept = entriesToRestore(list, schemas).split('\n');
  return list.split('\n').filter((line) => !kept.includes(line));
};

test('extensions and their comments are left out, but not a table with that name', () => {
  expect(dropped([])).toEqual([
    '2; 3079 16385 EXTENSION - pgcrypto ',
    '3399; 0 0 COMMENT - EXTENSION pgcrypto ',
  ]);
});

test('an existing schema is left out, and everything in it is kept', () => {
  expect(dropped(['audit'])).toEqual([
    '6; 2615 16400 SCHEMA - audit shop_owner',
    '2; 3079 16385 EXTENSION - pgcrypto ',
    '3399; 0 0 COMMENT - EXTENSION pgcrypto ',
  ]);
});
