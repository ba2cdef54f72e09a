import { changed, type Handler } from '../handler.ts';
import type { SqliteInputs, SqliteOutputs } from './contract.ts';
import { ensureSqlite, isTaken } from './ensure.ts';

export const sqliteDatabase: Handler<SqliteInputs, SqliteOutputs> = {
  async diff(olds, news) {
    const moved = changed<SqliteInputs>(olds, news, ['file']).length > 0;
    return { changes: moved || !(await isAsMade({ ...olds, ...news })) };
  },
  async create(inputs, { signal }) {
    return { id: inputs.file, outputs: { ...inputs, ...(await ensureSqlite(inputs, signal)) } };
  },
  async read(_id, state) {
    return (await isAsMade(state)) ? state : undefined;
  },
  async update(_id, _olds, news, { signal }) {
    return { ...news, ...(await ensureSqlite(news, signal)) };
  },
  async delete() {},
};

/** An app that started without a file may not have created one yet. */
async function isAsMade({ origin, file, source }: SqliteOutputs): Promise<boolean> {
  if (origin === 'original') return source === file;
  return (await isTaken(file)) || (origin === 'empty' && !(source && (await isTaken(source))));
}
